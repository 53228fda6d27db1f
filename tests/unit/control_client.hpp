#pragma once
// A D-Bus client of the tests' own, so that nothing of ours stands between the bus and the checks.

#include <map>
#include <memory>
#include <string>

#include <sdbus-c++/sdbus-c++.h>

#include "daemon/control/bus_names.hpp"
#include "private_bus.hpp"

namespace gatehouse::test {

using Filter = std::map<std::string, std::string>;

struct Client {
  explicit Client(const PrivateBus& bus)
      : connection(sdbus::createSessionBusConnectionWithAddress(bus.address())),
        gateway(sdbus::createProxy(*connection, bus_names::service, bus_names::object)) {}

  template <typename... Arguments>
  std::string ask(const char* interface, const char* method, const Arguments&... arguments) {
    auto call = gateway->createMethodCall(interface, method);
    (void)(call << ... << arguments);
    auto reply = gateway->callMethod(call, std::chrono::seconds(10));
    std::string json;
    reply >> json;
    return json;
  }

  /// The name of the error that a call is answered with; empty where it is not.
  template <typename... Arguments>
  std::string refusal(const char* interface, const char* method, const Arguments&... arguments) {
    try {
      ask(interface, method, arguments...);
      return {};
    } catch (const sdbus::Error& error) {
      return error.getName();
    }
  }

  std::unique_ptr<sdbus::IConnection> connection;
  std::unique_ptr<sdbus::IProxy> gateway;
};

}  // namespace gatehouse::test
