#pragma once
// Who is on site (contract.md §4 "Presence"): by sign-ins and -outs, and by granted events at doors that say
// so.

#include <optional>
#include <string>

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

/// {"person_id","site","presence":"onsite|offsite","at","access_point","door","evidence"}
Message presence_message(const Presence& presence, std::string id, Instant now);

}  // namespace gatehouse
