#pragma once
// The running integrations, as verbs reach them.

#include <cstdint>
#include <vector>

#include "daemon/app/people_sync.hpp"

namespace gatehouse {

/// What of the cloud's people waits for somebody.
struct RosterWaits {
  std::uint64_t issues = 0;
  std::uint64_t withheld = 0;  ///< removals
};

/// The people of the cloud, who are told and not read: what operators do with them.
class RosterPeople {
 public:
  virtual ~RosterPeople() = default;
  /// A record is looked at anew after an operator's word about it. All open issues of the cloud.
  /// Errc::refused where what the cloud said of it is not at hand any more: then the roster is asked for, and
  /// the word counts when it is here.
  virtual Task<Result<std::vector<Issue>>> look_again(std::int64_t record) = 0;
  /// A plan of kind roster, if it still holds: else Errc::refused that begins with plan_stale.
  virtual Task<Result<void>> apply_plan(Plan plan) = 0;
  /// The store says something else about the cloud's people than when it was read (a purge, a person coupled
  /// or decoupled).
  virtual void know_anew() = 0;
  virtual RosterWaits waits() const = 0;
};

class IntegrationDesk {
 public:
  virtual ~IntegrationDesk() = default;
  /// nullptr where no cloud is configured. Good until the next await.
  virtual RosterPeople* roster() { return nullptr; }
  /// nullptr where the configuration has none of this id.
  virtual const Integration* configured(const IntegrationId& id) const = 0;
  virtual std::vector<Integration> all_configured() const = 0;
  /// nullptr while nothing runs: unknown, disabled, switched off, or its secrets cannot be read. Good until
  /// the next await.
  virtual PeopleSync* people_of(const IntegrationId& id) = 0;
  virtual IntegrationStatus status_of(const IntegrationId& id) const = 0;
  /// Ends whatever runs for these; a pass that is under way is given up.
  virtual Task<void> halt(std::vector<IntegrationId> ids) = 0;
  /// Starts what should run and does not, as the configuration and the switches in the store say.
  virtual Task<void> proceed() = 0;

  /// Somebody was coupled or decoupled: each source of theirs is looked at anew, soon.
  void look_anew_at(const Person& person);
};

}  // namespace gatehouse
