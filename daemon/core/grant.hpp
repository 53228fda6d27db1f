#pragma once
// More rights for one person, and a visit that was announced: what a decision looks at beside the person.

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/door_id.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

/// Given by an administrator, never touched by a pass. Exactly one of door, scope and site.
struct Grant {
  std::string id;  ///< a ULID
  std::optional<DoorId> door;
  std::optional<ScopeId> scope;
  std::optional<SiteId> site;
  std::optional<ScheduleId> hours;
  std::optional<Instant> from;
  std::optional<Instant> until;  ///< exclusive

  bool operator==(const Grant&) const = default;
};

enum class VisitStatus { expected, cancelled, on_site, checked_out };
std::string_view to_string(VisitStatus status);
std::optional<VisitStatus> parse_visit_status(std::string_view text);

struct Visit {
  std::string id;  ///< the cloud's
  SiteId site;
  Instant start{};
  Instant end{};
  VisitStatus status = VisitStatus::expected;

  bool operator==(const Visit&) const = default;
};

}  // namespace gatehouse
