#include "daemon/store/directory_tables.hpp"

#include <utility>

#include "daemon/store/fault.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view run_columns =
    "run.id, integration.id, trigger_kind, phase, outcome, started, finished, detail,"
    " seen, added, updated, skipped, disabled, removed, errors, duplicates";

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

void count_outcome(SyncCounts& counts, Outcome outcome) {
  switch (outcome) {
    case Outcome::added:
      ++counts.added;
      return;
    case Outcome::updated:
      ++counts.updated;
      return;
    case Outcome::skipped:
    case Outcome::excluded:
      ++counts.skipped;
      return;
    case Outcome::disabled:
      ++counts.disabled;
      return;
    case Outcome::removed:
      ++counts.removed;
      return;
    case Outcome::failed:
      ++counts.errors;
      return;
    case Outcome::processed:
      return;
  }
}

}  // namespace

/// One call of apply.
struct DirectoryTables::Applying {
  const DirectoryCommit& commit;
  std::int64_t key;
  Pass pass;
  SyncCounts counts;
};

std::vector<IndexedRecord> DirectoryTables::index(const IntegrationId& integration) {
  std::vector<IndexedRecord> records;
  const auto key = keys_.find(integration);
  if (!key) return records;
  {
    Statement count = db_.use("SELECT COUNT(*) FROM record WHERE integration = ?");  // one row: no order
    count.bind(*key).step();
    records.reserve(static_cast<std::size_t>(count.integer(0)));
  }
  Statement rows = db_.use(
      "SELECT number, fingerprint, name, present, person IS NOT NULL FROM record"
      " WHERE integration = ? ORDER BY number");
  rows.bind(*key);
  while (rows.step()) {
    records.push_back({.number = rows.integer(0),
                       .fingerprint = static_cast<std::uint64_t>(rows.integer(1)),
                       .name_hash = static_cast<std::uint32_t>(hash_text(rows.text(2))),
                       .present = rows.yes(3),
                       .imported = rows.yes(4)});
  }
  return records;
}

SyncCounts DirectoryTables::apply(const DirectoryCommit& commit) {
  Applying applying{
      commit, keys_.make(commit.integration), {commit.integration, commit.badge, clock_.now()}, {}};
  keys_.set_badge(applying.key, commit.badge);
  for (const auto& fate : commit.fates) {
    const RecordBefore known = before(applying.key, fate.number);
    PersonId if_new;
    if (!known.person && fate.facts) if_new = PersonId(clock_.new_id());
    carry_out(applying, fate.number, known, reconcile(applying.pass, known, fate, std::move(if_new)));
  }
  for (const std::int64_t number : commit.gone) {
    const RecordBefore known = before(applying.key, number);
    if (!known.mirror) continue;
    carry_out(applying, number, known, reconcile_gone(applying.pass, known, number, commit.on_removed));
  }
  if (applying.counts.disabled + applying.counts.removed != 0) {
    db_.use("INSERT INTO removal (integration, at, run, people) VALUES (?, ?, ?, ?)")
        .bind(applying.key, to_ms(applying.pass.now), commit.run.value(),
              applying.counts.disabled + applying.counts.removed)
        .run();
  }
  return applying.counts;
}

RecordBefore DirectoryTables::before(std::int64_t key, std::int64_t number) {
  RecordBefore known;
  std::optional<std::string> person;
  {
    Statement row = db_.use(
        "SELECT fingerprint, present, person, skip, name FROM record"
        " WHERE integration = ? AND number = ?");  // the key: one row
    if (!row.bind(key, number).step()) return known;
    known.mirror = MirrorState{.fingerprint = static_cast<std::uint64_t>(row.integer(0)),
                               .present = row.yes(1),
                               .skip = parse_skip_reason(row.text(3)),
                               .name = row.text(4)};
    person = row.maybe_text(2);
  }
  if (person) known.person = people_.load(*person);
  return known;
}

void DirectoryTables::carry_out(Applying& applying, std::int64_t number, const RecordBefore& before,
                                const Reconciled& after) {
  write_record(applying.key, number, before, after);
  if (after.person) people_.save(*after.person);
  if (!after.outcome) return;
  count_outcome(applying.counts, *after.outcome);
  tell(applying, number, after);
}

void DirectoryTables::write_record(std::int64_t key, std::int64_t number, const RecordBefore& before,
                                   const Reconciled& after) {
  if (!after.mirror) {
    db_.use("DELETE FROM record WHERE integration = ? AND number = ?").bind(key, number).run();
    return;
  }
  if (after.mirror == before.mirror && !after.person) return;
  std::optional<std::string> person;
  if (after.person) {
    person = after.person->id.value();
  } else if (before.person) {
    person = before.person->id.value();
  }
  std::optional<std::string_view> skip;
  if (after.mirror->skip) skip = to_string(*after.mirror->skip);
  db_.use(
         "INSERT OR REPLACE INTO record (integration, number, fingerprint, present, person, skip, name)"
         " VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(key, number, after.mirror->fingerprint, after.mirror->present, person, skip, after.mirror->name)
      .run();
}

/// The person's message, then the record's; both in the order in which things were done.
void DirectoryTables::tell(Applying& applying, std::int64_t number, const Reconciled& after) {
  const Instant now = applying.pass.now;
  const DirectoryCommit& commit = applying.commit;
  if (after.person && after.outcome == Outcome::disabled) {
    outbox_.append(
        person_gone("person.disabled", *after.person, "removed_at_source", commit.run, clock_.new_id(), now));
  } else if (after.person) {
    outbox_.append(person_upserted(*after.person, after.changed, clock_.new_id(), now));
  }
  const std::string_view name = after.mirror ? std::string_view(after.mirror->name) : std::string_view{};
  outbox_.append(activity_message(commit.run, commit.integration, number, name, *after.outcome, after.reason,
                                  after.changed, clock_.new_id(), now));
  std::optional<std::string_view> reason;
  if (after.reason) reason = to_string(*after.reason);
  db_.use(
         "INSERT INTO activity (at, run, integration, record, name, outcome, reason, fields)"
         " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(to_ms(now), commit.run.value(), applying.key, number, name, to_string(*after.outcome), reason,
            encode_list(after.changed))
      .run();
}

std::optional<std::uint64_t> DirectoryTables::last_mapping(const IntegrationId& integration) {
  Statement found = db_.use("SELECT value FROM meta WHERE key = 'mapping/' || ?");  // the key: one row
  if (!found.bind(integration.value()).step()) return std::nullopt;
  return std::stoull(found.text(0));
}

void DirectoryTables::save_mapping(const IntegrationId& integration, std::uint64_t seed) {
  db_.use("INSERT OR REPLACE INTO meta (key, value) VALUES ('mapping/' || ?, ?)")
      .bind(integration.value(), std::to_string(seed))
      .run();
}

std::uint64_t DirectoryTables::removals_since(const IntegrationId& integration, Instant since) {
  const auto key = keys_.find(integration);
  if (!key) return 0;
  Statement sum = db_.use("SELECT SUM(people) FROM removal WHERE integration = ? AND at >= ?");  // one row
  sum.bind(*key, to_ms(since)).step();
  return static_cast<std::uint64_t>(sum.integer(0));
}

void DirectoryTables::save_run(const SyncRun& run, bool tell) {
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
  if (tell) outbox_.append(sync_message(run, clock_.new_id(), clock_.now()));
}

std::optional<SyncRun> DirectoryTables::last_complete_run(const IntegrationId& integration) {
  static const std::string sql =
      "SELECT " + std::string(run_columns) +
      " FROM run JOIN integration ON integration.key = run.integration"
      " WHERE run.integration = ? AND finished IS NOT NULL AND outcome NOT IN ('partial', 'failed')"
      " ORDER BY started DESC, run.id DESC LIMIT 1";
  const auto key = keys_.find(integration);
  if (!key) return std::nullopt;
  Statement row = db_.use(sql);
  if (!row.bind(*key).step()) return std::nullopt;
  return read_run(row);
}

std::vector<SyncRun> DirectoryTables::runs(const std::optional<IntegrationId>& integration,
                                           std::size_t at_most) {
  static const std::string sql = "SELECT " + std::string(run_columns) +
                                 " FROM run JOIN integration ON integration.key = run.integration"
                                 " WHERE ?1 IS NULL OR integration.id = ?1"
                                 " ORDER BY started DESC, run.id DESC LIMIT ?2";
  std::vector<SyncRun> list;
  std::optional<std::string> id;
  if (integration) id = integration->value();
  Statement rows = db_.use(sql);
  rows.bind(id, at_most);
  while (rows.step()) list.push_back(read_run(rows));
  return list;
}

std::vector<DoorRow> DirectoryTables::doors(const std::optional<IntegrationId>& integration) {
  std::vector<DoorRow> list;
  std::optional<std::string> id;
  if (integration) id = integration->value();
  Statement rows = db_.use(
      "SELECT integration.id, door.id, door.name FROM door"
      " JOIN integration ON integration.key = door.integration"
      " WHERE ?1 IS NULL OR integration.id = ?1 ORDER BY integration.id, door.id");
  rows.bind(id);
  while (rows.step()) {
    list.push_back({IntegrationId(rows.text(0)), Net2DoorId(rows.integer(1)), rows.text(2)});
  }
  return list;
}

std::vector<SourceDoor> DirectoryTables::changed_doors(const IntegrationId& integration,
                                                       const std::vector<SourceDoor>& doors) {
  std::vector<SourceDoor> changed;
  const auto key = keys_.find(integration);
  for (const auto& door : doors) {
    Statement known = db_.use("SELECT name FROM door WHERE integration = ? AND id = ?");  // the key: one row
    if (key && known.bind(*key, door.id.value()).step() && known.text(0) == door.name) continue;
    changed.push_back(door);
  }
  return changed;
}

void DirectoryTables::save_doors(const IntegrationId& integration, const std::vector<SourceDoor>& doors) {
  const std::int64_t key = keys_.make(integration);
  for (const auto& door : doors) {
    db_.use("INSERT OR REPLACE INTO door (integration, id, name) VALUES (?, ?, ?)")
        .bind(key, door.id.value(), door.name)
        .run();
  }
}

std::size_t DirectoryTables::prune_activity(Instant before, std::size_t at_most) {
  // Looked for among the oldest only: rows come in the order of time, and a clock that once ran ahead
  // delays this, no more.
  const auto rows = db_.use(
                           "DELETE FROM activity WHERE at < ? AND number IN"
                           " (SELECT number FROM activity ORDER BY number LIMIT ?)")
                        .bind(to_ms(before), at_most)
                        .run();
  db_.use("DELETE FROM removal WHERE at < ?").bind(to_ms(before)).run();
  // The newest run of an integration stays, however old: it says how old the rest is.
  db_.use(
         "DELETE FROM run WHERE started < ?1 AND EXISTS (SELECT 1 FROM run AS newer"
         " WHERE newer.integration = run.integration AND newer.started > run.started"
         " AND newer.finished IS NOT NULL AND newer.outcome NOT IN ('partial', 'failed'))")
      .bind(to_ms(before))
      .run();
  return static_cast<std::size_t>(rows);
}

}  // namespace gatehouse
