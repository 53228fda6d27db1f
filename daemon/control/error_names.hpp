#pragma once
// How our errors are called on D-Bus.

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// "org.gatehouse.Error.NotFound" for Errc::not_found, and so on.
std::string bus_error_name(Errc code);

/// The other way; nullopt for a name that is not ours.
std::optional<Errc> errc_of_bus_error(std::string_view name);

}  // namespace gatehouse
