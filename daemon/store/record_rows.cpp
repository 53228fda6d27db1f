#include "daemon/store/record_rows.hpp"

#include <algorithm>

#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

IdentityKeys read_keys(const Statement& row, int first) {
  return {.name = static_cast<std::uint64_t>(row.integer(first)),
          .email = static_cast<std::uint64_t>(row.integer(first + 1)),
          .phone = static_cast<std::uint64_t>(row.integer(first + 2))};
}

}  // namespace

IndexedRecord indexed(std::int64_t number, const MirrorRow& row) {
  return {.number = number,
          .fingerprint = row.state.fingerprint,
          .keys = row.state.keys,
          .skip = row.state.skip,
          .present = row.state.present,
          .imported = row.person.has_value(),
          .unsettled = false};
}

std::optional<MirrorRow> RecordRows::load(std::int64_t integration, std::int64_t number) {
  Statement row = db_.use(
      "SELECT external_id, fingerprint, name_key, email_key, phone_key, present, absent_since, skip, name,"
      " person FROM record WHERE integration = ? AND number = ?");  // the key: one row
  if (!row.bind(integration, number).step()) return std::nullopt;
  MirrorRow found{.state = {.external_id = row.text(0),
                            .fingerprint = static_cast<std::uint64_t>(row.integer(1)),
                            .keys = read_keys(row, 2),
                            .present = row.yes(5),
                            .absent_since = from_ms(row.maybe_integer(6)),
                            .skip = parse_skip_reason(row.text(7)),
                            .name = row.text(8)},
                  .person = std::nullopt};
  if (auto person = row.maybe_text(9)) found.person = PersonId(std::move(*person));
  return found;
}

void RecordRows::save(std::int64_t integration, std::int64_t number, const MirrorRow& row) {
  const MirrorState& state = row.state;
  std::optional<std::string_view> external_id;
  if (!state.external_id.empty()) external_id = state.external_id;
  std::optional<std::string_view> person;
  if (row.person) person = row.person->value();
  std::optional<std::string_view> skip;
  if (state.skip) skip = to_string(*state.skip);
  db_.use(
         "INSERT OR REPLACE INTO record (integration, number, external_id, fingerprint, name_key, email_key,"
         " phone_key, present, absent_since, person, skip, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(integration, number, external_id, state.fingerprint)
      .bind(state.keys.name, state.keys.email, state.keys.phone, state.present, to_ms(state.absent_since))
      .bind(person, skip, state.name)
      .run();
}

void RecordRows::forget(std::int64_t integration, std::int64_t number) {
  db_.use("DELETE FROM record WHERE integration = ? AND number = ?").bind(integration, number).run();
}

void RecordRows::look_again(std::int64_t integration, std::int64_t number, bool tracked) {
  // The next pass must know it before it judges the record: what nobody reads while somebody is decoupled may
  // be somebody else by the time that they are coupled again.
  db_.use(
         "UPDATE record SET fingerprint = 0, skip = CASE WHEN ?3 THEN NULLIF(skip, ?4) ELSE ?4 END"
         " WHERE integration = ?1 AND number = ?2")
      .bind(integration, number, tracked, to_string(SkipReason::decoupled))
      .run();
}

std::vector<IndexedRecord> RecordRows::index(const IntegrationId& integration) {
  std::vector<IndexedRecord> records;
  const auto key = keys_.find(integration);
  if (!key) return records;
  {
    Statement count = db_.use("SELECT COUNT(*) FROM record WHERE integration = ?");  // one row: no order
    count.bind(*key).step();
    records.reserve(static_cast<std::size_t>(count.integer(0)));
  }
  {
    Statement rows = db_.use(
        "SELECT number, fingerprint, name_key, email_key, phone_key, skip, present, person IS NOT NULL"
        " FROM record WHERE integration = ? ORDER BY number");
    rows.bind(*key);
    while (rows.step()) {
      records.push_back({.number = rows.integer(0),
                         .fingerprint = static_cast<std::uint64_t>(rows.integer(1)),
                         .keys = read_keys(rows, 2),
                         .skip = rows.is_null(5) ? std::nullopt : parse_skip_reason(rows.text(5)),
                         .present = rows.yes(6),
                         .imported = rows.yes(7),
                         .unsettled = false});
    }
  }
  Statement open = db_.use(
      "SELECT DISTINCT record FROM issue WHERE closed IS NULL AND integration = ? AND record IS NOT NULL"
      " ORDER BY record");
  open.bind(*key);
  while (open.step()) {
    const auto found = std::ranges::lower_bound(records, open.integer(0), {}, &IndexedRecord::number);
    if (found != records.end() && found->number == open.integer(0)) found->unsettled = true;
  }
  return records;
}

std::vector<std::int64_t> RecordRows::gone_before(const IntegrationId& integration, Instant moment,
                                                  std::size_t at_most) {
  std::vector<std::int64_t> numbers;
  const auto key = keys_.find(integration);
  if (!key) return numbers;
  // Somebody decoupled since then stays as they are.
  Statement rows = db_.use(
      "SELECT number FROM record JOIN person ON person.id = record.person"
      " WHERE record.integration = ? AND absent_since < ? AND person.tracked"
      " ORDER BY absent_since, number LIMIT ?");
  rows.bind(*key, to_ms(moment), at_most);
  while (rows.step()) numbers.push_back(rows.integer(0));
  return numbers;
}

}  // namespace gatehouse
