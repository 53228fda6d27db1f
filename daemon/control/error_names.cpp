#include "daemon/control/error_names.hpp"

#include <array>
#include <utility>

namespace gatehouse {
namespace {

constexpr std::string_view prefix = "org.gatehouse.Error.";

constexpr std::array<std::pair<Errc, std::string_view>, 15> names{{
    {Errc::cancelled, "Cancelled"},
    {Errc::timeout, "Timeout"},
    {Errc::unreachable, "Unreachable"},
    {Errc::tls, "Tls"},
    {Errc::unauthenticated, "Unauthenticated"},
    {Errc::mfa_required, "MfaRequired"},
    {Errc::forbidden, "Forbidden"},
    {Errc::not_found, "NotFound"},
    {Errc::refused, "Refused"},
    {Errc::busy, "Busy"},
    {Errc::malformed, "Malformed"},
    {Errc::incomplete, "Incomplete"},
    {Errc::storage, "Storage"},
    {Errc::storage_full, "StorageFull"},
    {Errc::invalid, "Invalid"},
}};

}  // namespace

std::string bus_error_name(Errc code) {
  for (const auto& [known, name] : names) {
    if (known == code) return std::string(prefix) + std::string(name);
  }
  return std::string(prefix) + "Failed";
}

std::optional<Errc> errc_of_bus_error(std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  for (const auto& [code, known] : names) {
    if (known == name) return code;
  }
  return std::nullopt;
}

}  // namespace gatehouse
