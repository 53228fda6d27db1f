#pragma once
// What is read of the store for people who look, and what is swept out of it. Nothing here changes a fact.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/console.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/task.hpp"

namespace gatehouse {

/// Part of a long list, in a fixed order. `next` is the `after` of the page behind it; empty on the last.
template <typename T>
struct Listing {
  std::vector<T> rows;
  std::string next;
};

struct PeopleCount {
  std::uint64_t total = 0;
  std::uint64_t decoupled = 0;  ///< whom no source can take access from any more
  struct Of {
    IntegrationId integration;
    std::uint64_t people = 0;
  };
  std::vector<Of> by_integration;  ///< by ascending id; integrations without people are left out
};

struct EventRow {
  IntegrationId integration;
  std::int64_t generation = 1;
  Net2Event event;
  std::optional<PersonId> person;  ///< as linked now
  bool catch_up = false;
};

struct QueuedRow {
  std::int64_t row = 0;
  Lane lane = Lane::alarm;
  std::uint64_t sequence = 0;  ///< 0: not numbered
  std::string type;            ///< without prefix and version: "access.granted"
  std::string topic;           ///< below ROOT
  std::uint64_t bytes = 0;     ///< of the payload
  Instant created{};
};

struct DeadLetter {
  QueuedRow message;
  std::string payload;
  std::string cause;  ///< as in the `gap`
  std::string detail;
  Instant parked_at{};
};

/// What became of one record in one run.
struct ActivityRow {
  std::int64_t number = 0;  ///< ascending in time
  Instant at{};
  RunId run;
  IntegrationId integration;
  std::string external_id;
  std::string name;
  Outcome outcome = Outcome::processed;
  std::optional<SkipReason> reason;
  std::vector<std::string> fields;
};

/// What the mirror keeps of a person's record, for `people why`.
struct LinkRow {
  PersonSource source;
  std::optional<SkipReason> skip;
  std::vector<FieldOverride> overrides;
};

/// Reads only. `limit` of a page is taken as 1 to 1000; an `after` that no page gave is Errc::invalid.
class QueryStore {
 public:
  virtual ~QueryStore() = default;
  /// By id, that is, in the order in which they came.
  virtual Task<Result<Listing<Person>>> list_people(PeopleFilter filter, Page page) = 0;
  /// By id, INTEGRATION/EXTERNAL_ID, or e-mail; an e-mail may be shared, so it is a list (at most 10).
  virtual Task<Result<std::vector<Person>>> find_people(std::string key) = 0;
  virtual Task<Result<PeopleCount>> count_people() = 0;
  /// All known, by integration and id.
  virtual Task<Result<std::vector<DoorRow>>> list_doors() = 0;
  /// From a moment on (from the oldest kept where none is given), oldest first.
  virtual Task<Result<Listing<EventRow>>> list_events(std::optional<Instant> since,
                                                      std::optional<IntegrationId> integration,
                                                      Page page) = 0;
  /// Newest first.
  virtual Task<Result<std::vector<SyncRun>>> list_runs(std::optional<IntegrationId> integration,
                                                       std::size_t at_most) = 0;
  /// What waits, lane by lane, oldest first. All lanes where none is given.
  virtual Task<Result<Listing<QueuedRow>>> list_outbox(std::optional<Lane> lane, Page page) = 0;
  virtual Task<Result<Listing<DeadLetter>>> list_dead_letters(std::optional<Lane> lane, Page page) = 0;
  /// Open ones, by number. Small enough to come at once.
  virtual Task<Result<std::vector<Issue>>> list_issues(IssueFilter filter) = 0;
  /// Oldest first; with an empty `after` the newest `limit`.
  virtual Task<Result<Listing<ActivityRow>>> list_activity(ActivityFilter filter,
                                                           std::optional<Instant> since, Page page) = 0;
  virtual Task<Result<std::vector<LinkRow>>> links_of(PersonId person) = 0;
  /// The newest `at_most` about a person's records, oldest first.
  virtual Task<Result<std::vector<ActivityRow>>> activity_of(PersonId person, std::size_t at_most) = 0;
};

/// Retention, in steps small enough to go between other work: call again while the answer is `at_most`.
class HousekeepingStore {
 public:
  virtual ~HousekeepingStore() = default;
  /// Events from before a moment that cannot be read again. The number removed.
  virtual Task<Result<std::size_t>> prune_events(Instant before, std::size_t at_most) = 0;
  /// Activity, and the runs and removals of that age.
  virtual Task<Result<std::size_t>> prune_activity(Instant before, std::size_t at_most) = 0;
};

}  // namespace gatehouse
