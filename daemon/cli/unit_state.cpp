#include "daemon/cli/unit_state.hpp"

#include <chrono>
#include <memory>

#include <sdbus-c++/Error.h>
#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>
#include <sdbus-c++/Message.h>
#include <sdbus-c++/Types.h>

namespace gatehouse {
namespace {

constexpr char manager[] = "org.freedesktop.systemd1";
constexpr char path[] = "/org/freedesktop/systemd1/unit/gatehouse_2eservice";
constexpr std::chrono::seconds unit_patience{2};

template <typename T>
T property(sdbus::IProxy& unit, const char* interface, const char* name) {
  auto call = unit.createMethodCall("org.freedesktop.DBus.Properties", "Get");
  call << std::string(interface) << std::string(name);
  auto reply = unit.callMethod(call, unit_patience);
  sdbus::Variant value;
  reply >> value;
  return value.get<T>();
}

}  // namespace

std::optional<UnitState> read_unit_state() {
  try {
    auto bus = sdbus::createSystemBusConnection();
    const auto unit = sdbus::createProxy(*bus, manager, path);
    UnitState state;
    state.loaded = property<std::string>(*unit, "org.freedesktop.systemd1.Unit", "LoadState");
    state.active = property<std::string>(*unit, "org.freedesktop.systemd1.Unit", "ActiveState");
    if (state.loaded != "loaded") return state;
    constexpr char service[] = "org.freedesktop.systemd1.Service";
    state.result = property<std::string>(*unit, service, "Result");
    state.exit_status = property<std::int32_t>(*unit, service, "ExecMainStatus");
    state.restarts = property<std::uint32_t>(*unit, service, "NRestarts");
    return state;
  } catch (const sdbus::Error&) {
    return std::nullopt;  // no bus, or nobody of that name on it: then there is nothing to say
  }
}

}  // namespace gatehouse
