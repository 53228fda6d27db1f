#pragma once
// What systemd says of the gateway's unit, for who asks while the gateway does not answer.

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse {

struct UnitState {
  std::string loaded;            ///< "loaded", "not-found", "masked"
  std::string active;            ///< "active", "activating", "failed", "inactive"
  std::string result;            ///< "success", "exit-code", "watchdog", "start-limit-hit"
  std::int32_t exit_status = 0;  ///< of its last process; 78: the configuration has faults
  std::uint32_t restarts = 0;
};

/// Of gatehouse.service, over the system bus, within seconds. nullopt where there is no systemd to ask.
std::optional<UnitState> read_unit_state();

}  // namespace gatehouse
