#pragma once
// May this command be carried out? The checks of contract.md §3.2 in their order, pure: the first failure is
// the answer.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/core/command_words.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

constexpr std::size_t largest_command = 1024 * 1024;           ///< bytes of a payload
constexpr Duration most_skew = std::chrono::seconds(5);        ///< of `iat` into the future
constexpr Duration longest_other_ttl = std::chrono::hours(1);  ///< of commands that carry no epoch
constexpr std::int64_t latest_second = 253'402'300'799;        ///< of `iat` and `exp`: the year 9999

/// access.sign_in, door.*, lockdown.set, person.set: they carry the epoch and live at most command_max_ttl.
bool needs_epoch(Command command);
/// door.*, lockdown.set, person.set: an older one never undoes a newer one.
bool has_floor(Command command);

/// How far the payload is a command of ours, before it is believed.
enum class Envelope { malformed, unknown_key, bad_signature, good };

/// The claims that the checks look at.
struct CommandClaims {
  std::string audience;
  std::string id;            ///< jti
  std::int64_t issued = 0;   ///< Unix seconds, 0 to latest_second
  std::int64_t expires = 0;  ///< likewise
  std::string cmd;           ///< as it came
  std::optional<std::string> epoch;
  std::optional<std::int64_t> expires_uptime;  ///< ms since the epoch
};

struct CommandFacts {
  std::size_t size = 0;
  bool retained = false;
  bool on_roster_topic = false;  ///< down/roster, where roster.put alone belongs, and only there
  Envelope envelope = Envelope::malformed;
  CommandClaims claims;  ///< of a good envelope
};

/// The gateway, as it is now.
struct CommandMoment {
  std::string audience;  ///< "tenant/gateway"
  Instant now{};
  bool trusted = true;
  std::string epoch;
  Duration uptime{0};  ///< since the epoch
  Duration max_ttl = std::chrono::seconds(30);
};

/// too_large to wrong_epoch: is it for us, and now?
std::optional<CommandRefusal> check_claims(const CommandFacts& facts, const CommandMoment& moment);

/// What is known of a command that is for us and now.
struct CommandStanding {
  bool taken = false;                 ///< its id is used up
  bool mentioned = false;             ///< the key has an entry for the command at all
  bool args_good = false;             ///< they can be read, and name what there is
  bool in_scope = false;              ///< looked at where the args tell what the command would touch
  bool target_known = false;          ///< they do, good or not
  std::optional<std::int64_t> floor;  ///< `iat` of the last that was applied to the same target
  bool rate_left = true;
};

/// replayed to rate_limited. `rate_left` may take something from a budget, so it is asked last: call this
/// first with it true.
///
/// Args that cannot even be read so far as to say what they touch are bad_args, for a key that may give the
/// command somewhere.
std::optional<CommandRefusal> check_standing(const CommandFacts& facts, const CommandStanding& standing);

/// The command, where it is one and came on its topic.
std::optional<Command> command_of(const CommandFacts& facts);

/// The latest `iat` that is believed at this moment.
std::int64_t latest_issued(Instant now);

/// How long the command may still begin something: the rest of its life.
Duration life_left(const CommandClaims& claims, const CommandMoment& moment);

}  // namespace gatehouse
