#include "daemon/control/bus_address.hpp"

#include <cstdlib>
#include <string_view>

namespace gatehouse {
namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Values of an address are percent-encoded (D-Bus specification, "Server Addresses").
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view cut(std::string_view& rest, char at) {
  const auto end = rest.find(at);
  const auto part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

}  // namespace

BusEnvironment read_bus_environment() {
  return {.system_address = variable("DBUS_SYSTEM_BUS_ADDRESS"),
          .session_address = variable("DBUS_SESSION_BUS_ADDRESS"),
          .runtime_dir = variable("XDG_RUNTIME_DIR")};
}

Result<std::string> bus_address(const Bus& bus, const BusEnvironment& environment) {
  switch (bus.kind) {
    case Bus::Kind::system:
      return environment.system_address.value_or("unix:path=/run/dbus/system_bus_socket");
    case Bus::Kind::session:
      if (environment.session_address) return *environment.session_address;
      if (environment.runtime_dir) return "unix:path=" + *environment.runtime_dir + "/bus";
      return Error{
          Errc::invalid,
          "there is no session bus here: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set"};
    case Bus::Kind::address:
      return bus.address;
    case Bus::Kind::none:
      break;
  }
  return Error{Errc::invalid, "no bus is configured"};
}

std::vector<std::string> unix_sockets_of(const std::string& address) {
  std::vector<std::string> sockets;
  std::string_view addresses = address;
  while (!addresses.empty()) {
    std::string_view one = cut(addresses, ';');
    if (cut(one, ':') != "unix") continue;
    while (!one.empty()) {
      std::string_view value = cut(one, ',');
      const std::string_view key = cut(value, '=');
      if (key == "path") sockets.push_back(decoded(value));
      if (key == "abstract") sockets.push_back(std::string(1, '\0') + decoded(value));
    }
  }
  return sockets;
}

}  // namespace gatehouse
