#include "daemon/core/replay.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

using Door = ReplayedAnswer::Door;

bool opens(const ReplayedAnswer& answer, const DoorId& door) {
  return std::ranges::any_of(answer.doors, [&](const Door& each) { return each.door == door && each.allow; });
}

/// Each door that opens in the one opens in the other.
bool opens_no_more_than(const ReplayedAnswer& one, const ReplayedAnswer& other) {
  return std::ranges::all_of(one.doors,
                             [&](const Door& each) { return !each.allow || opens(other, each.door); });
}

}  // namespace

bool Replayed::other_outcome() const {
  return was.allow != would_be.allow || !opens_no_more_than(was, would_be) ||
         !opens_no_more_than(would_be, was);
}

ReplayedAnswer recorded_answer(const DecisionRecord& decision) {
  ReplayedAnswer answer{decision.allow, decision.reason, {}};
  for (const auto& door : decision.doors) answer.doors.push_back({door.door, door.allow, door.reason});
  return answer;
}

Replayed replay(const DecisionRecord& decision, const DecisionBasis& basis, const AccessPolicy& policy) {
  const auto verdict = decide(decision.asked, basis.subject(), policy, basis.lockdown, basis.moment);
  ReplayedAnswer answer{verdict.allow, verdict.reason, {}};
  for (const auto& door : verdict.doors) answer.doors.push_back({door.door->id, door.allow, door.reason});
  return {recorded_answer(decision), std::move(answer)};
}

void ReplayCount::add(const Replayed& replayed) {
  ++decisions;
  if (replayed.was.allow != replayed.would_be.allow) {
    ++(replayed.would_be.allow ? newly_allowed : newly_denied);
  } else if (replayed.other_outcome()) {
    ++other_doors;
  } else if (replayed.was != replayed.would_be) {
    ++other_reason;
  }
}

}  // namespace gatehouse
