#include "daemon/store/issue_tables.hpp"

#include <algorithm>
#include <utility>

#include "daemon/store/fault.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view issue_columns =
    "issue.number, integration.id, issue.reason, issue.record, issue.external_id, issue.name, issue.others,"
    " issue.fields, issue.since";

/// By what the table tells issues apart. No record comes first.
bool before(const Issue& a, const Issue& b) {
  return std::pair(a.record, a.reason) < std::pair(b.record, b.reason);
}

Issue read_issue(const Statement& row) {
  const auto reason = parse_issue_reason(row.text(2));
  if (!reason) throw StoreFault({Errc::storage, "the store's file is damaged: issue reason " + row.text(2)});
  return {.number = row.integer(0),
          .integration = IntegrationId(row.text(1)),
          .reason = *reason,
          .record = row.maybe_integer(3),
          .external_id = row.text(4),
          .name = row.text(5),
          .others = decode_list(row.text(6)),
          .fields = decode_map(row.text(7)),
          .since = from_ms(row.integer(8))};
}

}  // namespace

IssueTables::Diff IssueTables::diff(const IntegrationId& integration, const std::vector<Issue>& issues) {
  std::vector<Issue> wanted = issues;
  std::ranges::sort(wanted, before);
  const auto twice = std::ranges::unique(
      wanted, [](const Issue& a, const Issue& b) { return !before(a, b) && !before(b, a); });
  wanted.erase(twice.begin(), twice.end());
  std::vector<Issue> known = open({.kind = {}, .integration = integration.value()});
  std::ranges::sort(known, before);

  Diff diff;
  auto old = known.begin();
  for (auto& issue : wanted) {
    for (; old != known.end() && before(*old, issue); ++old) diff.over.push_back(old->number);
    issue.integration = integration;
    if (old == known.end() || before(issue, *old)) {
      if (issue.since == Instant{}) issue.since = clock_.now();
      diff.fresh.push_back(std::move(issue));
      continue;
    }
    issue.number = old->number;
    issue.since = old->since;
    if (issue != *old) diff.other.push_back(std::move(issue));
    ++old;
  }
  for (; old != known.end(); ++old) diff.over.push_back(old->number);
  return diff;
}

void IssueTables::write(const IntegrationId& integration, const Diff& diff, std::string_view how) {
  const std::int64_t key = keys_.make(integration);
  for (const auto& issue : diff.fresh) {
    db_.use(
           "INSERT INTO issue (integration, reason, record, external_id, name, others, fields, since)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(key, to_string(issue.reason), issue.record, issue.external_id, issue.name)
        .bind(encode_list(issue.others), encode_map(issue.fields), to_ms(issue.since))
        .run();
  }
  for (const auto& issue : diff.other) {
    db_.use("UPDATE issue SET external_id = ?, name = ?, others = ?, fields = ? WHERE number = ?")
        .bind(issue.external_id, issue.name, encode_list(issue.others), encode_map(issue.fields),
              issue.number)
        .run();
  }
  for (const auto number : diff.over) {
    db_.use("UPDATE issue SET closed = ?, how = ? WHERE number = ?")
        .bind(to_ms(clock_.now()), how, number)
        .run();
  }
}

void IssueTables::close_all(std::int64_t integration, std::string_view how) {
  db_.use("UPDATE issue SET closed = ?, how = ? WHERE closed IS NULL AND integration = ?")
      .bind(to_ms(clock_.now()), how, integration)
      .run();
}

std::vector<Issue> IssueTables::open(const IssueFilter& filter) {
  static const std::string sql = "SELECT " + std::string(issue_columns) +
                                 " FROM issue JOIN integration ON integration.key = issue.integration"
                                 " WHERE closed IS NULL AND (?1 = '' OR integration.id = ?1)"
                                 " ORDER BY issue.number";
  std::vector<Issue> found;
  Statement rows = db_.use(sql);
  rows.bind(filter.integration);
  while (rows.step()) {
    Issue issue = read_issue(rows);
    if (filter.kind.empty() || to_string(kind_of(issue.reason)) == filter.kind) {
      found.push_back(std::move(issue));
    }
  }
  return found;
}

Issue IssueTables::find(std::int64_t number, bool closed_too) {
  static const std::string sql = "SELECT " + std::string(issue_columns) +
                                 ", closed IS NOT NULL, how FROM issue"
                                 " JOIN integration ON integration.key = issue.integration"
                                 " WHERE issue.number = ?";  // the key: one row
  Statement row = db_.use(sql);
  if (!row.bind(number).step()) {
    throw StoreFault({Errc::not_found, "there is no issue " + std::to_string(number)});
  }
  if (!closed_too && row.yes(9)) {
    throw StoreFault({Errc::refused, "issue " + std::to_string(number) + " is closed: " + row.text(10)});
  }
  return read_issue(row);
}

OperatorWord IssueTables::operator_word(const IntegrationId& integration) {
  OperatorWord word;
  const auto key = keys_.find(integration);
  if (!key) return word;
  Statement rows =
      db_.use("SELECT record, kind, person, other_record FROM choice WHERE integration = ? ORDER BY record");
  rows.bind(*key);
  while (rows.step()) {
    const auto kind = parse_choice_kind(rows.text(1));
    if (!kind) throw StoreFault({Errc::storage, "the store's file is damaged: choice " + rows.text(1)});
    word.choices.push_back({.record = rows.integer(0),
                            .kind = *kind,
                            .person = PersonId(rows.text(2)),
                            .other_record = rows.maybe_integer(3)});
  }
  word.overrides = overrides_of(*key, std::nullopt);
  return word;
}

std::vector<FieldOverride> IssueTables::overrides_of(std::int64_t integration,
                                                     std::optional<std::int64_t> record) {
  std::vector<FieldOverride> fields;
  Statement rows = db_.use(
      "SELECT record, field, value FROM override WHERE integration = ?1 AND (?2 IS NULL OR record = ?2)"
      " ORDER BY record, field");
  rows.bind(integration, record);
  while (rows.step()) fields.push_back({rows.integer(0), rows.text(1), rows.text(2)});
  return fields;
}

void IssueTables::say(const IntegrationId& integration, const RecordChoice& choice, std::string_view by) {
  db_.use(
         "INSERT OR REPLACE INTO choice (integration, record, kind, person, other_record, said_by, said_at)"
         " VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(keys_.make(integration), choice.record, to_string(choice.kind), choice.person.value())
      .bind(choice.other_record, by, to_ms(clock_.now()))
      .run();
}

void IssueTables::override_fields(const IntegrationId& integration, const std::vector<FieldOverride>& fields,
                                  std::string_view by) {
  for (const auto& field : fields) {
    db_.use(
           "INSERT OR REPLACE INTO override (integration, record, field, value, said_by, said_at)"
           " VALUES (?, ?, ?, ?, ?, ?)")
        .bind(keys_.make(integration), field.record, field.field, field.value, by, to_ms(clock_.now()))
        .run();
  }
}

bool IssueTables::has_choice(const IntegrationId& integration, std::int64_t record) {
  const auto key = keys_.find(integration);
  Statement row = db_.use("SELECT 1 FROM choice WHERE integration = ? AND record = ?");  // the key: one row
  return key && row.bind(*key, record).step();
}

void IssueTables::unsay(const IntegrationId& integration, std::int64_t record) {
  db_.use("DELETE FROM choice WHERE integration = ? AND record = ?")
      .bind(keys_.make(integration), record)
      .run();
}

void IssueTables::lapse(const IntegrationId& integration, const std::vector<FieldOverride>& fields) {
  for (const auto& field : fields) {
    db_.use("DELETE FROM override WHERE integration = ? AND record = ? AND field = ?")
        .bind(keys_.make(integration), field.record, field.field)
        .run();
  }
}

std::size_t IssueTables::prune(Instant before, std::size_t at_most) {
  return static_cast<std::size_t>(
      db_.use("DELETE FROM issue WHERE number IN (SELECT number FROM issue WHERE closed < ?"
              " AND NOT EXISTS (SELECT 1 FROM choice WHERE choice.integration = issue.integration"
              "  AND choice.record = issue.record) ORDER BY closed LIMIT ?)")
          .bind(to_ms(before), at_most)
          .run());
}

}  // namespace gatehouse
