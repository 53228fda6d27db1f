#pragma once
// How an integration is doing, in the words of contract.md §5.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/record_fate.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

enum class IntegrationState {
  disabled,
  pending,
  unauthenticated,
  unreachable,
  draft,
  importing,
  active,
  issues,
  paused,
  guarded,
  reimport_pending,
  staging,
};
std::string_view to_string(IntegrationState state);

/// What an operator has switched, apart from the configuration. Survives restarts.
enum class Switch {
  on,
  paused,   ///< only manual runs, as with automatic: false
  off,      ///< as with enabled: false (a purge does that)
  removed,  ///< the integration was removed, though its block is still in the configuration
};
std::string_view to_string(Switch state);
std::optional<Switch> parse_switch(std::string_view text);

/// What is true of an integration; its state follows from it.
struct IntegrationFacts {
  bool enabled = false;
  bool automatic = true;
  bool staging = false;
  Switch switched = Switch::on;
  bool authenticated_once = false;
  bool importing_first = false;
  bool draft = false;
  bool guarded = false;
  bool other_server = false;
  bool other_people = false;  ///< the server is the one we know, its people are not
  bool reimport = false;      ///< the mapping has changed; its plan waits
  std::uint64_t open_issues = 0;
  std::optional<Error> events_fault;  ///< of the last read of events, while it has not come through again
  std::optional<Error> people_fault;  ///< likewise of people
  std::optional<Error> doors_fault;
  std::optional<Error> contact_fault;  ///< of the last sign of life that was asked for while all polls rest
};

/// Whether something does not answer as it should, apart from records that wait for a decision.
bool has_fault(const IntegrationFacts& facts);

struct StateAndReason {
  IntegrationState state = IntegrationState::pending;
  std::string detail;  ///< what is wrong; empty where nothing is
  std::string hint;    ///< what to do about it
  bool operator==(const StateAndReason&) const = default;
};

/// Pure. The worst fault rules: what must be mended by hand before what may pass by itself.
StateAndReason judge(const IntegrationFacts& facts);

/// What `integration list` and `status` show of one.
struct IntegrationStatus {
  std::string id;
  std::string name;
  std::string kind;
  StateAndReason judged;
  bool connected = false;
  bool live = false;  ///< the live feed is subscribed
  std::optional<SyncRun> last_run;
  std::optional<SyncRun> last_full;
  std::uint64_t people = 0;
  std::uint64_t issues = 0;
  std::int64_t event_lag_s = 0;  ///< age of the oldest event read last, when it was read
};

std::string integration_status_json(const IntegrationStatus& status);

}  // namespace gatehouse
