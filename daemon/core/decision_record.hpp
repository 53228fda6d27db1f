#pragma once
// A decision once it is made: what is kept, told (contract.md §3.1 `decision`), explained and replayed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/decision.hpp"
#include "daemon/core/door_command.hpp"
#include "daemon/core/message.hpp"

namespace gatehouse {

/// Who brought the request.
enum class Via { cloud, lan, local };
std::string_view to_string(Via via);
std::optional<Via> parse_via(std::string_view text);

/// One door of a decision.
struct DecidedDoor {
  DoorId door;
  bool allow = false;
  AccessReason reason = AccessReason::no_matching_rule_or_grant;
  DoorAnswer command;

  bool operator==(const DecidedDoor&) const = default;
};

struct DecisionRecord {
  std::string id;  ///< a ULID
  /// Of the last message about it: grows whenever something of it changes. 0: stored before its doors are
  /// commanded, and not told yet.
  std::uint32_t revision = 1;
  Instant at{};
  bool allow = false;
  AccessReason reason = AccessReason::unknown_access_point;
  SignIn asked;
  std::optional<PersonId> person;
  std::optional<PersonType> person_type;
  std::vector<DecidedDoor> doors;
  Via via = Via::local;
  bool cloud_offline = false;
  bool net2_offline = false;
  std::string policy_revision;  ///< "sha256:…"
  std::string trace;            ///< JSON array, made once

  bool operator==(const DecisionRecord&) const = default;
};

/// The facts that a decision rested on, so that it can be made again under another policy.
struct DecisionBasis {
  std::optional<KnownPerson> person;
  std::vector<Grant> grants;
  std::vector<Visit> visits;
  KnowledgeAge age;
  bool walk_in = false;
  bool walk_ins_allowed = true;
  bool namesake_disabled = false;
  Lockdown lockdown;
  Moment moment;

  /// Views of this basis: it must outlive what is returned.
  Subject subject() const;
  bool operator==(const DecisionBasis&) const = default;
};
std::string pack(const DecisionBasis& basis);
std::optional<DecisionBasis> unpack_basis(std::string_view bytes);

/// The trace as JSON text: [{"check","result","fact","age_s"}…]; a step of a door also has "door", one with a
/// date "until".
std::string trace_json(const std::vector<TraceStep>& trace);

/// The `decision` object of contract.md §3.1; without a trace for a reply (§3.2 `result.decision` has it too:
/// `with_trace` is false only where a list would be too long).
std::string decision_json(const DecisionRecord& decision, bool with_trace = true);

/// The `decision` message of this revision. `id` is the message's own.
Message decision_message(const DecisionRecord& decision, std::string id, Instant now);

/// One sentence that may be shown at reception: no names, no times, what to do.
std::string_view sentence(AccessReason reason);

}  // namespace gatehouse
