#include "daemon/store/plan_change_rows.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "daemon/store/activity_rows.hpp"
#include "daemon/store/fact_columns.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/text_list.hpp"

namespace gatehouse {
namespace {

constexpr std::int64_t plan_unit = std::int64_t{1} << 32;

constexpr std::string_view change_columns =
    "integration, op, record, external_id, person, name, changed, source_id, fingerprint, name_key, "
    "email_key,"
    " phone_key, fate_name, skip, leaves, stranger, link_person, link_record, link_rule, link_evidence, "
    "also, ";
constexpr int change_column_count = 21;

/// Of a person whose source goes.
std::vector<std::string> what_changes(PlanOp op) {
  if (op == PlanOp::disable) return {"access"};
  return op == PlanOp::update ? std::vector<std::string>{"sources"} : std::vector<std::string>{};
}

template <typename T>
T known(std::optional<T> word, const std::string& text) {
  if (!word) throw StoreFault({Errc::storage, "the store's file is damaged: a plan says " + text});
  return *word;
}

RecordFate read_fate(const Statement& row) {
  RecordFate fate;
  fate.number = row.integer(2);
  fate.external_id = row.text(7);
  fate.fingerprint = static_cast<std::uint64_t>(row.integer(8));
  fate.keys = {.name = static_cast<std::uint64_t>(row.integer(9)),
               .email = static_cast<std::uint64_t>(row.integer(10)),
               .phone = static_cast<std::uint64_t>(row.integer(11))};
  fate.name = row.text(12);
  if (!row.is_null(13)) fate.skip = known(parse_skip_reason(row.text(13)), row.text(13));
  fate.leaves = row.yes(14);
  fate.stranger = row.yes(15);
  if (!row.is_null(18)) {
    fate.link = RecordLink{.person = PersonId(row.text(16)),
                           .other_record = row.maybe_integer(17),
                           .rule = known(parse_link_rule(row.text(18)), row.text(18)),
                           .evidence = row.text(19)};
  }
  if (!row.is_null(change_column_count)) fate.facts = read_facts(row, change_column_count);
  return fate;
}

PlannedChange read_change(const Statement& row) {
  PlannedChange planned;
  planned.integration = row.integer(0);
  planned.change = {.op = known(parse_plan_op(row.text(1)), row.text(1)),
                    .record = row.integer(2),
                    .external_id = row.text(3),
                    .person = PersonId(row.text(4)),
                    .name = row.text(5),
                    .changed = decode_list(row.text(6)),
                    .fate = std::nullopt};
  if (!row.is_null(7)) planned.change.fate = read_fate(row);
  if (!row.is_null(20)) planned.change.also = decode_map(row.text(20));
  return planned;
}

void bind_fate(Statement& row, const PlanChange& change) {
  std::optional<std::string> also;
  if (!change.also.empty()) also = encode_map(change.also);
  const RecordFate* fate = change.fate ? &*change.fate : nullptr;
  if (fate == nullptr) {
    for (int column = 7; column < change_column_count - 1; ++column) row.bind(std::nullopt);
    row.bind(also);
    bind_facts(row, nullptr);
    return;
  }
  std::optional<std::string_view> skip;
  if (fate->skip) skip = to_string(*fate->skip);
  row.bind(fate->external_id, fate->fingerprint, fate->keys.name, fate->keys.email, fate->keys.phone)
      .bind(fate->name, skip, fate->leaves, fate->stranger);
  if (fate->link) {
    row.bind(fate->link->person.value(), fate->link->other_record, to_string(fate->link->rule))
        .bind(fate->link->evidence);
  } else {
    row.bind(std::nullopt, std::nullopt, std::nullopt, std::nullopt);
  }
  row.bind(also);
  bind_facts(row, fate->facts ? &*fate->facts : nullptr);
}

std::string selecting(std::string_view rest) {
  return "SELECT " + std::string(change_columns) + fact_columns() + " FROM plan_change " + std::string(rest);
}

}  // namespace

bool has_record(const PlanChange& change) {
  return change.fate && (change.fate->facts || change.fate->leaves);
}

void PlanChangeRows::add(std::int64_t plan, std::optional<std::int64_t> integration,
                         const std::vector<PlanChange>& changes) {
  static const std::string sql = "INSERT INTO plan_change (row, plan, " + std::string(change_columns) +
                                 fact_columns() + ") VALUES (" +
                                 placeholders(2 + change_column_count + fact_column_count) + ")";
  std::int64_t free = plan * plan_unit + static_cast<std::int64_t>(count(plan));
  for (const auto& change : changes) {
    const std::int64_t whose = integration ? *integration : integration_of(plan, change);
    Statement row = db_.use(sql);
    row.bind(free++, plan, whose, to_string(change.op), change.record)
        .bind(change.external_id, change.person.value(), change.name, encode_list(change.changed));
    bind_fate(row, change);
    row.run();
  }
}

/// A person's records may have one number in two integrations. Then a plan over all of them lists the change
/// twice, and they are taken in their order.
std::int64_t PlanChangeRows::integration_of(std::int64_t plan, const PlanChange& change) {
  Statement row = db_.use(
      "SELECT source.integration FROM person_source AS source"
      " JOIN integration ON integration.key = source.integration"
      " WHERE source.person = ?1 AND source.external_id = ?2 AND integration.kind IN ('net2', 'feed')"
      " ORDER BY source.integration LIMIT 1 OFFSET"
      " (SELECT COUNT(*) FROM plan_change AS listed WHERE listed.plan = ?3 AND listed.record = ?4"
      "  AND listed.person = ?1)");
  if (!row.bind(change.person.value(), change.external_id, plan, change.record).step()) {
    throw StoreFault({Errc::refused, "plan_stale: a record of " + change.name + " has gone meanwhile"});
  }
  return row.integer(0);
}

std::uint64_t PlanChangeRows::count(std::int64_t plan) {
  const std::int64_t first = plan * plan_unit;
  Statement last = db_.use("SELECT MAX(row) FROM plan_change WHERE row BETWEEN ? AND ?");  // one row
  last.bind(first, first + plan_unit - 1).step();
  return last.is_null(0) ? 0 : static_cast<std::uint64_t>(last.integer(0) - first + 1);
}

std::vector<PlanChange> PlanChangeRows::list(std::int64_t plan, std::uint64_t after, std::size_t at_most) {
  static const std::string sql =
      selecting("WHERE plan = ? ORDER BY record, person, integration LIMIT ? OFFSET ?");
  std::vector<PlanChange> changes;
  Statement rows = db_.use(sql);
  rows.bind(plan, at_most, after);
  while (rows.step()) changes.push_back(read_change(rows).change);
  return changes;
}

std::vector<PlannedChange> PlanChangeRows::next(std::int64_t plan, std::uint64_t done, std::size_t at_most) {
  static const std::string sql = selecting("WHERE row BETWEEN ? AND ? ORDER BY row LIMIT ?");
  std::vector<PlannedChange> changes;
  Statement rows = db_.use(sql);
  rows.bind(plan * plan_unit + static_cast<std::int64_t>(done), (plan + 1) * plan_unit - 1, at_most);
  while (rows.step()) changes.push_back(read_change(rows));
  return changes;
}

void PlanChangeRows::clear(std::int64_t plan) {
  db_.use("DELETE FROM plan_change WHERE row BETWEEN ? AND ?")
      .bind(plan * plan_unit, (plan + 1) * plan_unit - 1)
      .run();
}

std::vector<PlanChange> PlanChangeRows::purge(std::optional<std::int64_t> integration, LeftPeople people) {
  std::vector<PlanChange> changes;
  Statement rows = db_.use(
      "SELECT integration.kind, source.external_id, person.id, first_name || ' ' || last_name,"
      " source.present, person.tracked, EXISTS (SELECT 1 FROM person_source AS other"
      "  JOIN integration AS theirs ON theirs.key = other.integration"
      "  WHERE other.person = source.person AND other.integration <> source.integration"
      "  AND theirs.switch <> 'removed' AND theirs.kind <> 'walk_in'"
      "  AND (?1 IS NOT NULL OR theirs.kind = 'cloud'))"
      " FROM person_source AS source JOIN integration ON integration.key = source.integration"
      " JOIN person ON person.id = source.person"
      " WHERE (?1 IS NULL OR source.integration = ?1) AND integration.kind IN ('net2', 'feed')"
      " ORDER BY person.id, source.integration");
  rows.bind(integration);
  while (rows.step()) {
    const auto op =
        left_by(people, {.present = rows.yes(4), .tracked = rows.yes(5), .elsewhere = rows.yes(6)});
    if (!op) continue;
    const auto kind = parse_source_kind(rows.text(0)).value_or(SourceKind::net2);
    std::string external_id = rows.text(1);
    const std::int64_t record = record_of(kind, external_id);
    changes.push_back({.op = *op,
                       .record = record,
                       .external_id = std::move(external_id),
                       .person = PersonId(rows.text(2)),
                       .name = rows.text(3),
                       .changed = what_changes(*op),
                       .fate = std::nullopt});
  }
  const auto order = [](const PlanChange& change) { return std::tie(change.record, change.person); };
  std::ranges::sort(changes, {}, order);
  return changes;
}

std::uint64_t PlanChangeRows::purge_basis(std::optional<std::int64_t> integration) {
  std::uint64_t basis = 0;
  Statement rows = db_.use(
      "SELECT person.id || '|' || source.external_id || '|' || source.present || '|' || admin_enabled || '|' "
      "||"
      " tracked || '|' || custom_tags || '|' || synced_tags || '|' || first_name || '|' || last_name || '|' "
      "||"
      " email || '|' || phone || '|' || person_type || '|' || membership_status || '|' ||"
      " COALESCE(valid_from, '') || '|' || COALESCE(valid_until, '')"
      " FROM person_source AS source JOIN integration ON integration.key = source.integration"
      " JOIN person ON person.id = source.person"
      " WHERE (?1 IS NULL OR source.integration = ?1) AND integration.kind IN ('net2', 'feed')");  // any
                                                                                                   // order
  rows.bind(integration);
  while (rows.step()) basis += hash_text(rows.text(0));
  return basis;
}

}  // namespace gatehouse
