#pragma once
// Where the bus is.

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// What of the environment decides where a bus is.
struct BusEnvironment {
  std::optional<std::string> system_address;   ///< DBUS_SYSTEM_BUS_ADDRESS
  std::optional<std::string> session_address;  ///< DBUS_SESSION_BUS_ADDRESS
  std::optional<std::string> runtime_dir;      ///< XDG_RUNTIME_DIR
};

BusEnvironment read_bus_environment();

/// The D-Bus address for a kind of bus. Errc::invalid where there is none (no session here, say, or the kind
/// is `none`).
Result<std::string> bus_address(const Bus& bus, const BusEnvironment& environment);

/// The sockets of the unix transports in an address, in order, as sockaddr_un wants them: a path, or a name
/// with a leading NUL for an abstract one. Other transports are left out.
std::vector<std::string> unix_sockets_of(const std::string& address);

}  // namespace gatehouse
