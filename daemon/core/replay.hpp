#pragma once
// Past decisions again under another configuration: what would have been (features D-10).

#include <cstddef>
#include <vector>

#include "daemon/core/decision_record.hpp"

namespace gatehouse {

/// An answer without its steps.
struct ReplayedAnswer {
  bool allow = false;
  AccessReason reason = AccessReason::unknown_access_point;
  struct Door {
    DoorId door;
    bool allow = false;
    AccessReason reason = AccessReason::no_matching_rule_or_grant;
    bool operator==(const Door&) const = default;
  };
  std::vector<Door> doors;

  bool operator==(const ReplayedAnswer&) const = default;
};

/// One past decision beside what it would be.
struct Replayed {
  ReplayedAnswer was;
  ReplayedAnswer would_be;

  /// Somebody would be let in, or not any more: at the access point as a whole or at one of its doors.
  bool other_outcome() const;
  /// The outcome stays, and only its reason is another.
  bool other_reason_only() const { return !other_outcome() && was != would_be; }
};

/// The answer that is on record.
ReplayedAnswer recorded_answer(const DecisionRecord& decision);

/// Decides again by the same facts, the same age and the same moment. `policy` should have the modes that are
/// set at doors now: those of then are not known. Pure.
Replayed replay(const DecisionRecord& decision, const DecisionBasis& basis, const AccessPolicy& policy);

/// "17 sign-ins would now be refused".
struct ReplayCount {
  std::size_t decisions = 0;
  std::size_t newly_allowed = 0;
  std::size_t newly_denied = 0;
  std::size_t other_doors = 0;   ///< the same outcome, by other doors
  std::size_t other_reason = 0;  ///< the same outcome and doors, for another reason

  void add(const Replayed& replayed);
  bool operator==(const ReplayCount&) const = default;
};

}  // namespace gatehouse
