#pragma once
// Net2's events and how far they are known.

#include <cstdint>

#include "daemon/app/ports.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/presence_rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class EventTables {
 public:
  struct Parts {
    IntegrationKeys& keys;
    OutboxTables& outbox;
    PersonRows& people;
    PresenceRows& presence;
  };
  EventTables(Database& db, Clock& clock, Parts parts) : db_(db), clock_(clock), parts_(parts) {}

  EventCursor cursor(const IntegrationId& integration);
  /// Within a transaction. The number of events that were new.
  std::size_t commit(const EventCommit& commit);
  /// Only alarms and Net2's lockdown, and the cursor stays: for a disk that has no room for more. Reading the
  /// same events again adds what is missing.
  std::size_t commit_urgent(const EventCommit& commit);
  static bool has_urgent(const EventCommit& commit);
  /// Removes events from before a moment. Those above the cursor's `low` stay: they may be read again, and
  /// must be known then.
  std::size_t prune(Instant before, std::size_t at_most);

 private:
  bool add(std::int64_t key, const EventCommit& commit, const EventCommit::Item& item);
  void note_presence(const EventCommit& commit, const Net2Event& event,
                     const std::optional<PersonId>& person);
  std::optional<PersonId> person_of(std::int64_t key, const Net2Event& event);

  Database& db_;
  Clock& clock_;
  Parts parts_;
};

}  // namespace gatehouse
