#include "daemon/store/directory_tables.hpp"

#include <string>
#include <utility>

#include "daemon/store/directory_draft.hpp"
#include "daemon/store/plan_change_rows.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view removed_at_source = "removed_at_source";

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

Pass pass_of(const DirectoryCommit& commit, Instant now) {
  return {.integration = commit.integration,
          .badge = commit.badge,
          .now = now,
          .kind = commit.kind,
          .authority = commit.authority,
          .on_removed = commit.on_removed,
          .rulers = commit.rulers};
}

}  // namespace

bool is_empty(const DirectoryCommit& commit) {
  return commit.fates.empty() && commit.gone.empty() && commit.withheld.empty() && commit.erased.empty();
}

/// Writes into the tables, tells the cloud, and keeps what to report.
class DirectoryTables::Applying final : public DirectorySide {
 public:
  Applying(DirectoryTables& tables, const DirectoryCommit& commit, std::string_view reason)
      : tables_(tables),
        commit_(commit),
        reason_(reason),
        now_(tables.clock_.now()),
        key_(tables.keys_.make(commit.integration)) {
    tables.keys_.describe(key_, commit.badge, commit.kind);
  }

  Instant now() const { return now_; }

  std::optional<MirrorRow> record(std::int64_t number) override {
    return tables_.rows_.records.load(key_, number);
  }
  std::optional<Person> person(const PersonId& id) override { return tables_.rows_.people.load(id.value()); }
  std::optional<PersonId> owner(const std::string& external_id) override {
    return tables_.rows_.people.owner(key_, external_id);
  }
  bool erased(const std::string& external_id) override {
    return tables_.rows_.tombstones.covers(commit_.integration, external_id);
  }
  PersonId new_person() override { return PersonId(tables_.clock_.new_id()); }
  bool doubts(const PersonId& newcomer) override { return tables_.rows_.people.doubts(newcomer); }
  void save(std::int64_t number, const MirrorRow& row) override {
    tables_.rows_.records.save(key_, number, row);
  }
  void forget(std::int64_t number) override { tables_.rows_.records.forget(key_, number); }
  void save(const Person& person) override { tables_.rows_.people.save(person); }
  void remove(const PersonId& person) override { tables_.rows_.people.remove(person); }

  void tell(const PassStep& step) override {
    const Reconciled& after = *step.after;
    if (step.mirror) {
      report_.records.push_back(indexed(step.number, *step.mirror));
    } else {
      report_.forgotten.push_back(step.number);
    }
    report_.issues.insert(report_.issues.end(), after.issues.begin(), after.issues.end());
    tell_people(after);
    if (!after.outcome) return;
    count_outcome(report_.counts, *after.outcome);
    if (after.op == PlanOp::disable && !step.replaced) ++removals_;  // of these somebody has had a say
    const std::string name = step.mirror ? step.mirror->state.name : name_of(after);
    tables_.outbox_.append(activity_message(commit_.run, commit_.integration, step.external_id, name,
                                            *after.outcome, after.reason, after.changed,
                                            tables_.clock_.new_id(), now_));
    tables_.rows_.activity.add(key_, step.number,
                               {.number = 0,
                                .at = now_,
                                .run = commit_.run,
                                .integration = commit_.integration,
                                .external_id = step.external_id,
                                .name = name,
                                .outcome = *after.outcome,
                                .reason = after.reason,
                                .fields = after.changed});
  }

  DirectoryReport finish() {
    if (removals_ != 0 && commit_.count_removals) {
      tables_.db_.use("INSERT INTO removal (integration, at, run, people) VALUES (?, ?, ?, ?)")
          .bind(key_, to_ms(now_), commit_.run.value(), removals_)
          .run();
    }
    return std::move(report_);
  }

 private:
  static std::string name_of(const Reconciled& after) {
    if (!after.person) return {};
    return after.person->facts.first_name + ' ' + after.person->facts.last_name;
  }

  /// People's messages go before the record's: in the order in which things were done.
  void tell_people(const Reconciled& after) {
    if (!after.person) return;
    if (!after.outcome && after.end == PersonEnd::none) return;  // nothing that anybody sees has changed
    tell_person(*after.person, after.end, after.changed);
  }

  void tell_person(const Person& person, PersonEnd end, const std::vector<std::string>& changed) {
    std::string id = tables_.clock_.new_id();
    if (end == PersonEnd::none) {
      tables_.outbox_.append(person_upserted(person, changed, std::move(id), now_));
      return;
    }
    const std::string_view type = end == PersonEnd::removed ? "person.removed" : "person.disabled";
    tables_.outbox_.append(person_gone(type, person, reason_, commit_.run, std::move(id), now_));
  }

  DirectoryTables& tables_;
  const DirectoryCommit& commit_;
  std::string_view reason_;
  Instant now_;
  std::int64_t key_;
  DirectoryReport report_;
  std::uint64_t removals_ = 0;
};

DirectoryReport DirectoryTables::apply(const DirectoryCommit& commit) {
  Applying applying(*this, commit, removed_at_source);
  DirectoryPass(pass_of(commit, applying.now()), applying).carry_out(commit);
  return applying.finish();
}

DirectoryReport DirectoryTables::apply(const DirectoryCommit& settings,
                                       const std::vector<PlanChange>& changes, std::string_view reason) {
  Applying applying(*this, settings, reason.empty() ? removed_at_source : reason);
  DirectoryPass pass(pass_of(settings, applying.now()), applying);
  for (const auto& change : changes) {
    if (is_replaced(change)) continue;
    if (has_record(change)) {
      pass.take(*change.fate);
    } else if (change.op == PlanOp::disable) {
      pass.depart({change.record, change.fate ? change.fate->skip : std::nullopt}, change.external_id);
    } else {
      pass.erase(change.record, change.external_id, true);
    }
  }
  return applying.finish();
}

std::vector<PlanChange> DirectoryTables::preview(const DirectoryCommit& commit) {
  DirectoryDraft draft(keys_.find(commit.integration), commit.integration,
                       {rows_.records, rows_.people, rows_.tombstones});
  DirectoryPass(pass_of(commit, clock_.now()), draft).carry_out(commit);
  return draft.take_changes();
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

std::uint64_t DirectoryTables::people_present(const IntegrationId& integration) {
  const auto key = keys_.find(integration);
  if (!key) return 0;
  Statement count =
      db_.use("SELECT COUNT(*) FROM person_source WHERE integration = ? AND present");  // one row
  count.bind(*key).step();
  return static_cast<std::uint64_t>(count.integer(0));
}

void DirectoryTables::prune_removals(Instant before) {
  db_.use("DELETE FROM removal WHERE at < ?").bind(to_ms(before)).run();
}

}  // namespace gatehouse
