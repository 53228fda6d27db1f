#pragma once
// Plans: from the making, through somebody's word, to their end.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/store/directory_tables.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/issue_tables.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/plan_change_rows.hpp"
#include "daemon/store/presence_rows.hpp"
#include "daemon/store/run_rows.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/state_rows.hpp"

namespace gatehouse {

/// What writes is called within a transaction. Throws StoreFault: not_found where a plan is unknown, refused
/// where its state does not allow the step.
class PlanTables {
 public:
  struct Parts {
    IntegrationKeys& keys;
    OutboxTables& outbox;
    DirectoryTables& directory;
    IssueTables& issues;
    RunRows& runs;
    PresenceRows& presence;
    StateRows& state;
    PersonRows& people;
  };
  PlanTables(Database& db, Clock& clock, Parts parts) : db_(db), clock_(clock), parts_(parts) {}

  std::vector<Plan> live();
  Plan find(const PlanId& id) { return stored(id).plan; }
  std::vector<PlanChange> changes(const PlanId& id, std::uint64_t after, std::size_t at_most);
  std::uint64_t purge_basis(const std::optional<IntegrationId>& integration);
  std::vector<PlanChange> purge(const std::optional<IntegrationId>& integration, LeftPeople people);

  /// One that was never offered goes: of a process that died, of an attempt that failed.
  void begin(const Plan& plan);
  void add(const PlanId& id, const std::vector<PlanChange>& changes);
  void offer(Plan plan);
  void set_state(const PlanId& id, PlanState state);
  void renew(const PlanId& id, Instant expires);
  PlanProgress apply(const PlanId& id, const DirectoryCommit& settings, std::size_t at_most);
  void end(const PlanEnd& end);

  bool any_unfinished();
  void drop_unfinished();
  /// Ended or expired before a moment.
  void prune(Instant before);

 private:
  struct Stored {
    std::int64_t number = 0;
    Plan plan;
  };
  Stored read(const Statement& row);
  Stored stored(const PlanId& id);
  std::vector<Stored> where(std::string_view condition);
  void write(std::optional<std::int64_t> number, const Plan& plan);
  void finish(std::int64_t number, PlanState state);
  void drop(std::int64_t number);
  void carry_out(PlanProgress& progress, const DirectoryCommit& settings,
                 const std::vector<PlannedChange>& batch, std::string_view reason);
  void forget(const IntegrationId& integration);

  Database& db_;
  Clock& clock_;
  Parts parts_;
  PlanChangeRows changes_{db_};
};

}  // namespace gatehouse
