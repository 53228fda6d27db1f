#pragma once
// Who is on site (contract.md §4 "Presence"): by sign-ins and -outs, and by granted events at doors that say
// so.

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/door_id.hpp"
#include "daemon/core/message.hpp"

namespace gatehouse {

struct Presence {
  PersonId person;
  SiteId site;
  bool on_site = false;
  Instant at{};
  std::optional<AccessPointId> access_point;  ///< one of these two
  std::optional<DoorId> door;
  std::string evidence;  ///< id of the decision, or event_id

  bool operator==(const Presence&) const = default;
};

/// What became of the doors: presence changes whatever that was, and carries it.
struct PresenceOutcome {
  bool allow = true;
  std::string_view reason{};  ///< of the decision; empty: there was none, a door told of somebody it let in
};

/// {"person_id","site","presence":"onsite|offsite","at","access_point","door","evidence",
///  "outcome":"allow|deny","reason"}
Message presence_message(const Presence& presence, const PresenceOutcome& outcome, std::string id,
                         Instant now);

}  // namespace gatehouse
