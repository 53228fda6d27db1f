#include "daemon/store/run_rows.hpp"

#include <string>

#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view columns =
    "run.id, integration.id, trigger_kind, phase, outcome, started, finished, detail,"
    " seen, added, updated, skipped, disabled, removed, errors, duplicates";

/// With a complete read that was applied.
constexpr std::string_view complete =
    "finished IS NOT NULL AND outcome NOT IN ('partial', 'failed', 'draft')";
/// In the words of the index run_of_all.
constexpr std::string_view of_all = "trigger_kind IN ('schedule', 'manual', 'cloud', 'first')";

constexpr std::string_view interrupted =
    "finished IS NULL AND id NOT IN (SELECT run FROM plan WHERE state = 'applying')";

SyncRun read_run(const Statement& row) {
  auto count = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
  return {.id = RunId(row.text(0)),
          .integration = IntegrationId(row.text(1)),
          .trigger = parse_trigger(row.text(2)).value_or(Trigger::continuous),
          .phase = row.text(3),
          .outcome = row.maybe_text(4),
          .counts = {.seen = count(8),
                     .added = count(9),
                     .updated = count(10),
                     .skipped = count(11),
                     .disabled = count(12),
                     .removed = count(13),
                     .errors = count(14),
                     .duplicates = count(15)},
          .started = from_ms(row.integer(5)),
          .finished = from_ms(row.maybe_integer(6)),
          .detail = row.text(7)};
}

std::string all_of(std::string_view a, std::string_view b) {
  return std::string(a) + " AND " + std::string(b);
}

}  // namespace

void RunRows::save(const SyncRun& run) {
  const SyncCounts& counts = run.counts;
  db_.use(
         "INSERT OR REPLACE INTO run (id, integration, started, finished, trigger_kind, phase, outcome, "
         "detail,"
         " seen, added, updated, skipped, disabled, removed, errors, duplicates)"
         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(run.id.value(), keys_.make(run.integration), to_ms(run.started), to_ms(run.finished))
      .bind(to_string(run.trigger), run.phase, run.outcome, run.detail)
      .bind(counts.seen, counts.added, counts.updated, counts.skipped, counts.disabled, counts.removed)
      .bind(counts.errors, counts.duplicates)
      .run();
}

bool RunRows::any_interrupted() {
  static const std::string sql = "SELECT 1 FROM run WHERE " + std::string(interrupted) + " LIMIT 1";
  return db_.use(sql).step();
}

void RunRows::end_interrupted(Instant now) {
  static const std::string sql =
      "UPDATE run SET finished = ?, phase = 'done', outcome = 'failed', detail = 'interrupted' WHERE " +
      std::string(interrupted);
  db_.use(sql).bind(to_ms(now)).run();
}

std::optional<SyncRun> RunRows::last_complete(const IntegrationId& integration) {
  return newest(integration, complete);
}

std::optional<SyncRun> RunRows::last_full(const IntegrationId& integration) {
  return newest(integration, all_of(complete, of_all));
}

std::optional<SyncRun> RunRows::newest(const IntegrationId& integration, std::string_view condition) {
  const auto key = keys_.find(integration);
  if (!key) return std::nullopt;
  Statement row = db_.use("SELECT " + std::string(columns) +
                          " FROM run JOIN integration ON integration.key = run.integration"
                          " WHERE run.integration = ? AND " +
                          std::string(condition) + " ORDER BY started DESC, run.id DESC LIMIT 1");
  if (!row.bind(*key).step()) return std::nullopt;
  return read_run(row);
}

std::vector<SyncRun> RunRows::list(const std::optional<IntegrationId>& integration, std::size_t at_most) {
  static const std::string sql = "SELECT " + std::string(columns) +
                                 " FROM run JOIN integration ON integration.key = run.integration"
                                 " WHERE ?1 IS NULL OR integration.id = ?1"
                                 " ORDER BY started DESC, run.id DESC LIMIT ?2";
  std::vector<SyncRun> found;
  std::optional<std::string> id;
  if (integration) id = integration->value();
  Statement rows = db_.use(sql);
  rows.bind(id, at_most);
  while (rows.step()) found.push_back(read_run(rows));
  return found;
}

void RunRows::prune(Instant before) {
  // The newest complete run of an integration stays, however old, and so does the newest over all records:
  // they say how old the rest is.
  static const std::string newer =
      "EXISTS (SELECT 1 FROM run AS newer WHERE newer.integration = run.integration"
      " AND newer.started > run.started AND newer.finished IS NOT NULL"
      " AND newer.outcome NOT IN ('partial', 'failed', 'draft')";
  static const std::string sql = "DELETE FROM run WHERE started < ? AND " + newer + ") AND (NOT " +
                                 std::string(of_all) +
                                 " OR finished IS NULL OR outcome IN ('partial', 'failed', 'draft') OR " +
                                 newer + " AND newer." + std::string(of_all) + "))";
  db_.use(sql).bind(to_ms(before)).run();
}

}  // namespace gatehouse
