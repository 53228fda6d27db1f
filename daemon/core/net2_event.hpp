#pragma once
// One row of Net2's event log, and the message it becomes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/message.hpp"

namespace gatehouse {

/// What we keep of an event (net2-api.md §3.11). Card numbers and names are never read: people are known by
/// their id, and a card number is a secret (§6.8).
struct Net2Event {
  Net2EventId id;
  Instant at{};                    ///< resolved from Net2's local time
  bool at_known = true;            ///< false: the row carried no usable time, and `at` is when we read it
  int type = 0;                    ///< net2-api.md §4.1; kept as it came where we do not know it
  int sub_type = 0;                ///< §4.2
  std::string description;         ///< localised
  std::string details;             ///< localised
  std::optional<Net2DoorId> door;  ///< ACU serial; none for server events
  std::optional<Net2UserId> user;

  bool operator==(const Net2Event&) const = default;
};

/// The name of an event that never changes: "net2-hq/1/1200345" (integration, generation, Net2's id).
std::string event_name(const IntegrationId& integration, std::int64_t generation, Net2EventId id);

/// What the gateway knows around an event when it is stored.
struct EventContext {
  IntegrationId integration;
  std::int64_t generation = 1;     ///< counts how often Net2's numbering started over
  std::optional<PersonId> person;  ///< who the user is in our registry, if linked
  bool catch_up = false;           ///< read after an interruption, not as it happened
};

/// What an event's message says: its kind ("access.granted", "access.denied", "door", "alarm", "event")…
std::string_view event_kind(const Net2Event& event);
/// …and its `data`, a JSON object (contract.md §3.1).
std::string event_json(const Net2Event& event, const EventContext& context);

/// The message for an event: `access.granted`, `access.denied`, `door`, `alarm` or `event`, by its group.
Message event_message(const Net2Event& event, const EventContext& context);

}  // namespace gatehouse
