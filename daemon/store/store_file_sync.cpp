// The writes of the directory sync.
#include <algorithm>
#include <string>
#include <utility>

#include "daemon/store/fault.hpp"
#include "daemon/store/store_file.hpp"

namespace gatehouse {

void StoreFile::ordinary(std::string_view label, const std::function<void()>& work) {
  const std::string before = std::string(label) + ".before";
  const std::string after = std::string(label) + ".after";
  write(Weight::ordinary, {before, after}, work);
}

/// Plans whose making was cut short: nobody has seen them.
void StoreFile::drop_unfinished_plans() {
  if (!plans_.any_unfinished()) return;
  try {
    ordinary("store.plan.drop", [&] { plans_.drop_unfinished(); });
  } catch (const StoreFault& fault) {
    if (fault.error().code != Errc::storage_full) throw;
    // They stay unseen, and go at the next start.
  }
}

DirectoryReport StoreFile::apply(const DirectoryCommit& commit) {
  DirectoryReport report;
  if (is_empty(commit)) return report;
  ordinary("store.apply", [&] { report = directory_.apply(commit); });
  return report;
}

void StoreFile::save_run(const SyncRun& run, bool tell) {
  ordinary("store.run", [&] {
    runs_.save(run);
    if (tell) outbox_.append(sync_message(run, clock_.new_id(), clock_.now()));
  });
}

void StoreFile::end_interrupted_runs() {
  if (!runs_.any_interrupted()) return;
  ordinary("store.run", [&] { runs_.end_interrupted(clock_.now()); });
}

void StoreFile::save_mapping(const IntegrationId& integration, std::uint64_t seed) {
  if (directory_.last_mapping(integration) == seed) return;
  ordinary("store.mapping", [&] { directory_.save_mapping(integration, seed); });
}

void StoreFile::save_doors(const IntegrationId& integration, const std::vector<SourceDoor>& doors) {
  const auto changed = doors_.changed(integration, doors);
  if (changed.empty()) return;
  ordinary("store.doors", [&] { doors_.save(integration, changed); });
}

void StoreFile::take_over_doors(const IntegrationId& integration, const std::vector<SourceDoor>& doors) {
  ordinary("store.doors", [&] {
    doors_.forget(integration);
    doors_.save(integration, doors);
  });
}

IssueSetChange StoreFile::set_issues(const IntegrationId& integration, const std::vector<Issue>& issues,
                                     std::string_view how) {
  const IssueTables::Diff diff = issues_.diff(integration, issues);
  if (!diff.empty()) ordinary("store.issues", [&] { issues_.write(integration, diff, how); });
  return {.opened = diff.fresh.size(),
          .closed = diff.over.size(),
          .open = issues_.open({.kind = {}, .integration = integration.value()})};
}

bool StoreFile::unsay(const IntegrationId& integration, std::int64_t record) {
  if (!issues_.has_choice(integration, record)) return false;
  ordinary("store.choice", [&] { issues_.unsay(integration, record); });
  return true;
}

void StoreFile::set_switch(const IntegrationId& integration, Switch state) {
  if (keys_.switched(integration) == state) return;
  ordinary("store.switch", [&] { keys_.set_switch(integration, state); });
}

Person StoreFile::set_tracked(const PersonId& id, bool tracked, const std::string& reason,
                              std::optional<Instant> until) {
  Person person = people_tables_.find(id);
  const bool same_word = tracked || (person.decoupled_reason == reason && person.decoupled_until == until);
  if (person.tracked == tracked && same_word) return person;
  ordinary("store.person", [&] { people_tables_.set_tracked(person, tracked, reason, until); });
  return person;
}

std::size_t StoreFile::couple_overdue(Instant now) {
  const auto overdue = people_tables_.overdue(now);
  if (overdue.empty()) return 0;
  ordinary("store.person", [&] {
    for (const auto& id : overdue) {
      Person person = people_tables_.find(id);
      people_tables_.set_tracked(person, true, {}, std::nullopt);
    }
  });
  return overdue.size();
}

std::size_t StoreFile::prune_activity(Instant before, std::size_t at_most) {
  std::size_t removed = 0;
  write(Weight::vital, {"store.prune.before", "store.prune.after"}, [&] {
    removed = std::max(activity_.prune(before, at_most), issues_.prune(before, at_most));
    directory_.prune_removals(before);
    runs_.prune(before);
    plans_.prune(before);
  });
  return removed;
}

}  // namespace gatehouse
