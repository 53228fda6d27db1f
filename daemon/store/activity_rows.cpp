#include "daemon/store/activity_rows.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "daemon/core/source_record.hpp"
#include "daemon/store/paging.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view activity_columns =
    "activity.number, activity.at, activity.run, integration.id, activity.record, activity.external_id,"
    " activity.name, activity.outcome, activity.reason, activity.fields";

Outcome outcome_named(const std::string& text) {
  for (const auto outcome : {Outcome::added, Outcome::updated, Outcome::skipped, Outcome::excluded,
                             Outcome::disabled, Outcome::removed, Outcome::failed}) {
    if (to_string(outcome) == text) return outcome;
  }
  return Outcome::processed;
}

ActivityRow read_activity(const Statement& row) {
  return {.number = row.integer(0),
          .at = from_ms(row.integer(1)),
          .run = RunId(row.text(2)),
          .integration = IntegrationId(row.text(3)),
          .external_id = external_id_text(row.integer(4), row.text(5)),
          .name = row.text(6),
          .outcome = outcome_named(row.text(7)),
          .reason = row.is_null(8) ? std::nullopt : parse_skip_reason(row.text(8)),
          .fields = decode_list(row.text(9))};
}

}  // namespace

std::int64_t record_of(SourceKind kind, const std::string& external_id) {
  if (kind == SourceKind::net2) {
    std::int64_t number = 0;
    const char* const end = external_id.data() + external_id.size();
    const auto [stop, failed] = std::from_chars(external_id.data(), end, number);
    if (failed == std::errc{} && stop == end) return number;
  }
  return record_number(external_id);
}

void ActivityRows::add(std::int64_t integration, std::int64_t record, const ActivityRow& row) {
  std::optional<std::string_view> external_id;
  if (row.external_id != std::to_string(record)) external_id = row.external_id;
  std::optional<std::string_view> reason;
  if (row.reason) reason = to_string(*row.reason);
  db_.use(
         "INSERT INTO activity (at, run, integration, record, external_id, name, outcome, reason, fields)"
         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(to_ms(row.at), row.run.value(), integration, record, external_id, row.name)
      .bind(to_string(row.outcome), reason, encode_list(row.fields))
      .run();
}

Listing<ActivityRow> ActivityRows::list(const ActivityFilter& filter, std::optional<Instant> since,
                                        const Page& page) {
  static const std::string matching =
      "SELECT " + std::string(activity_columns) +
      " FROM activity JOIN integration ON integration.key = activity.integration"
      " WHERE activity.number > ?1 AND activity.at >= ?2 AND (?3 IS NULL OR activity.integration = ?3)"
      " AND (?4 = '' OR activity.outcome = ?4) AND (?5 = '' OR activity.reason = ?5)"
      " AND (?6 = '' OR activity.name LIKE ?6 ESCAPE '\\' OR activity.reason LIKE ?6 ESCAPE '\\'"
      "  OR coalesce(activity.external_id, activity.record) LIKE ?6 ESCAPE '\\')";
  static const std::string onwards = matching + " ORDER BY activity.number LIMIT ?7";
  static const std::string newest = matching + " ORDER BY activity.number DESC LIMIT ?7";
  Listing<ActivityRow> listing;
  std::optional<std::int64_t> integration;
  if (!filter.integration.empty()) {
    integration = keys_.find(IntegrationId(filter.integration));
    if (!integration) return listing;
  }
  const auto [after] = parse_after<1>(page);
  const bool first = page.after.empty();
  Statement rows = db_.use(first ? newest : onwards);
  rows.bind(after, since ? to_ms(*since) : INT64_MIN, integration, filter.outcome, filter.reason)
      .bind(filter.search.empty() ? std::string() : pattern_containing(filter.search))
      .bind(limit_of(page) + (first ? 0 : 1));
  while (rows.step()) listing.rows.push_back(read_activity(rows));
  if (first) {
    std::ranges::reverse(listing.rows);
  } else if (cut(listing, page)) {
    listing.next = std::to_string(listing.rows.back().number);
  }
  return listing;
}

std::vector<ActivityRow> ActivityRows::about(const Person& person, std::size_t at_most) {
  static const std::string sql =
      "SELECT " + std::string(activity_columns) +
      " FROM activity JOIN integration ON integration.key = activity.integration"
      " WHERE activity.integration = ? AND activity.record = ? ORDER BY activity.number DESC LIMIT ?";
  std::vector<ActivityRow> found;
  for (const auto& source : person.sources) {
    const auto key = keys_.find(source.integration);
    if (!key) continue;
    Statement rows = db_.use(sql);
    rows.bind(*key, record_of(source.kind, source.external_id.value()), at_most);
    while (rows.step()) found.push_back(read_activity(rows));
  }
  std::ranges::sort(found, {}, &ActivityRow::number);
  if (found.size() > at_most) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(at_most));
  return found;
}

std::size_t ActivityRows::prune(Instant before, std::size_t at_most) {
  // Looked for among the oldest only: rows come in the order of time, and a clock that once ran ahead
  // delays this, no more.
  return static_cast<std::size_t>(db_.use("DELETE FROM activity WHERE at < ? AND number IN"
                                          " (SELECT number FROM activity ORDER BY number LIMIT ?)")
                                      .bind(to_ms(before), at_most)
                                      .run());
}

}  // namespace gatehouse
