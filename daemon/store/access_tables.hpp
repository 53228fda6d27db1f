#pragma once
// What a sign-in or an operator's act at a door leaves on disk: before a door is moved, and after.

#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/store/audit_tables.hpp"
#include "daemon/store/command_tables.hpp"
#include "daemon/store/decision_rows.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/presence_rows.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/state_rows.hpp"
#include "daemon/store/tombstone_rows.hpp"

namespace gatehouse {

/// What writes is called within a transaction.
class AccessTables {
 public:
  struct Parts {
    IntegrationKeys& keys;
    PersonRows& people;
    PresenceRows& presence;
    StateRows& state;
    DecisionRows& decisions;
    CommandTables& commands;
    AuditTables& audit;
    OutboxTables& outbox;
    TombstoneRows& tombstones;
  };
  AccessTables(Database& db, Clock& clock, Parts parts) : db_(db), clock_(clock), parts_(parts) {}

  /// Throws StoreFault (refused, "replayed") where the command's id is used up.
  void begin(const AccessBegin& begin);
  void end(const AccessEnd& end);
  /// True where all of it is on disk already: it was asked for again.
  bool has_ended(const AccessEnd& end);
  std::vector<DoorIntent> intents();
  AccessState state();

 private:
  void add(const WalkIn& walk_in);
  void add(const DoorIntent& intent);
  /// Anew, or in place of an older revision, whose basis stays.
  void keep(const DecisionRecord& decision, std::string_view basis);
  bool is_open(const std::string& owner, const DoorId& door);

  Database& db_;
  Clock& clock_;
  Parts parts_;
};

}  // namespace gatehouse
