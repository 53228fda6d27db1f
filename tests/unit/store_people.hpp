#pragma once
// Records, commits and plans for the tests of the store, and what was told of them.

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/store_fixture.hpp"

namespace gatehouse::test {

inline RecordFate fate(std::int64_t number, std::string last_name, std::uint64_t fingerprint = 1) {
  RecordFate made;
  made.number = number;
  made.fingerprint = fingerprint;
  made.keys = {.name = fingerprint + 100, .email = 200, .phone = 0};
  made.name = "Ada " + last_name;
  made.facts.emplace();
  made.facts->first_name = "Ada";
  made.facts->last_name = last_name;
  made.facts->email = last_name + "@example.com";
  made.facts->site = "hq";
  made.facts->sites = {"hq", "annex \"B\""};
  made.facts->valid_until = Instant{Duration{1'790'000'000'000}};
  return made;
}

inline RecordFate skipped(std::int64_t number, SkipReason reason, std::uint64_t fingerprint = 1) {
  RecordFate made;
  made.number = number;
  made.fingerprint = fingerprint;
  made.skip = reason;
  return made;
}

/// Of a source that knows people by texts.
inline RecordFate feed_fate(const std::string& external_id, std::string last_name) {
  RecordFate made = fate(record_number(external_id), std::move(last_name));
  made.external_id = external_id;
  return made;
}

inline RecordFate linked(RecordFate made, RecordLink link) {
  made.link = std::move(link);
  return made;
}

inline DirectoryCommit pass(std::vector<RecordFate> fates, const std::vector<std::int64_t>& gone = {}) {
  DirectoryCommit commit;
  commit.integration = hq;
  commit.badge = "Head office";
  commit.run = RunId("run-1");
  commit.fates = std::move(fates);
  for (const auto number : gone) commit.gone.push_back({number, std::nullopt});
  return commit;
}

inline const IntegrationId feed{"hr"};

inline DirectoryCommit feed_pass(std::vector<RecordFate> fates) {
  DirectoryCommit commit = pass(std::move(fates));
  commit.integration = feed;
  commit.badge = "Personnel";
  commit.kind = SourceKind::feed;
  return commit;
}

/// Types of the people's messages that wait, activity with its outcome.
inline std::vector<std::string> told(Store& store) {
  std::vector<std::string> types;
  for (const auto& row : waiting(store, Lane::people)) {
    std::string type = member(row.payload, "type");
    if (type == "gatehouse.activity.v1") type += " " + member(row.payload, "outcome");
    types.push_back(type);
  }
  return types;
}

inline void settle_all(Store& store) {
  const auto rows = waiting(store, Lane::people);
  if (!rows.empty()) get(store.settle({{rows.front().row, rows.back().row}}));
}

inline Person the_person(Store& store, const std::string& key) {
  const auto found = get(store.find_people(key));
  if (found.size() != 1) throw std::runtime_error(key + " is not one person");
  return found.front();
}

inline std::uintmax_t log_size(const std::filesystem::path& directory) {
  return std::filesystem::file_size(directory / "gatehouse.db-wal");
}

inline Issue issue_about(std::int64_t record, IssueReason reason, std::string value = "x") {
  Issue issue;
  issue.integration = hq;
  issue.reason = reason;
  issue.record = record;
  issue.external_id = std::to_string(record);
  issue.name = "Ada";
  issue.fields = {{"email", std::move(value)}};
  return issue;
}

inline Plan plan_named(const Clock& clock, std::string id, PlanKind kind = PlanKind::first_sync) {
  Plan plan;
  plan.id = PlanId(std::move(id));
  plan.integration = hq;
  plan.kind = kind;
  plan.basis = 0xFFFF'FFFF'FFFF'FFFFULL;
  plan.run = RunId("run-" + plan.id.value());
  plan.token = "token of " + plan.id.value();
  plan.created = clock.now();
  plan.expires = clock.now() + std::chrono::hours{24};
  return plan;
}

/// Makes and offers a plan of these.
inline Plan offered(Store& store, Plan plan, const std::vector<PlanChange>& changes) {
  get(store.begin_plan(plan));
  get(store.add_changes(plan.id, changes));
  plan.count = changes.size();
  get(store.offer_plan(plan));
  plan.state = PlanState::open;
  return plan;
}

inline PlanChange departure(std::int64_t record, std::string person, PlanOp op = PlanOp::disable) {
  PlanChange change;
  change.op = op;
  change.record = record;
  change.external_id = std::to_string(record);
  change.person = PersonId(std::move(person));
  change.name = "Ada";
  change.changed = {"access"};
  return change;
}

/// Confirms a plan and carries it out, but for its end.
inline void apply_whole(Store& store, const PlanId& id, const DirectoryCommit& settings) {
  get(store.set_plan_state(id, PlanState::applying));
  for (bool more = true; more;) {
    const auto progress = get(store.apply_changes(id, settings, 2));
    more = progress.done < progress.count;
  }
}

}  // namespace gatehouse::test
