#include "daemon/cli/bus_client.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <sdbus-c++/Error.h>
#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>
#include <sdbus-c++/Message.h>
#include <sdbus-c++/Types.h>
#include <unistd.h>

#include "daemon/control/bus_names.hpp"
#include "daemon/control/error_names.hpp"

namespace gatehouse {
namespace {

std::string name_of(const Bus& bus) {
  if (bus.kind == Bus::Kind::system) return "the system bus";
  if (bus.kind == Bus::Kind::session) return "the session bus";
  return "the bus at " + bus.address;
}

std::unique_ptr<sdbus::IConnection> open(const Bus& bus) {
  if (bus.kind == Bus::Kind::system) return sdbus::createSystemBusConnection();
  if (bus.kind == Bus::Kind::session) return sdbus::createSessionBusConnection();
  // By the environment, because sdbus-c++ 1.2 leaks what it was given an address for and could not open.
  ::setenv("DBUS_SESSION_BUS_ADDRESS", bus.address.c_str(), 1);
  return sdbus::createSessionBusConnection();
}

Answer no_bus(const Bus& bus, const sdbus::Error& error) {
  Answer answer;
  answer.status = ExitStatus::no_daemon;
  answer.why = "cannot reach " + name_of(bus) + ": " + error.getMessage() +
               "\nIs it the right one? --bus system|session|ADDRESS must be what `gateway.bus` says.";
  if (bus.kind == Bus::Kind::system) answer.why += "\nIs D-Bus running? See: systemctl status dbus";
  return answer;
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  for (const char* one : names) {
    if (name == std::string("org.freedesktop.DBus.Error.") + one) return true;
  }
  return false;
}

Answer refused(const Bus& bus, const sdbus::Error& error) {
  Answer answer;
  answer.status = ExitStatus::failed;
  answer.code = errc_of_bus_error(error.getName());
  if (answer.code) {
    answer.why = error.getMessage();
  } else if (is_one_of(error.getName(), {"ServiceUnknown", "NameHasNoOwner", "Spawn.ServiceNotFound"})) {
    answer.status = ExitStatus::no_daemon;
    answer.why =
        "gatehoused is not on " + name_of(bus) +
        "\nStart it: systemctl start gatehouse; see why it is not running: systemctl status gatehouse"
        "\nIf `gateway.bus` in its configuration names another bus, say so here: --bus "
        "system|session|ADDRESS";
  } else if (is_one_of(error.getName(), {"NoReply", "Timeout", "TimedOut", "Disconnected"})) {
    answer.status = ExitStatus::no_daemon;
    answer.why = "gatehoused does not answer: " + error.getMessage() + "\nSee: systemctl status gatehouse";
  } else if (is_one_of(error.getName(), {"AccessDenied", "AuthFailed"})) {
    answer.code = Errc::forbidden;
    answer.why = name_of(bus) + " does not let you talk to gatehoused" +
                 "\nAsk as root, or join the group: usermod -aG gatehouse USER, then log in again";
  } else if (is_one_of(error.getName(),
                       {"UnknownMethod", "UnknownInterface", "UnknownObject", "InvalidArgs"})) {
    answer.why =
        "the running gatehoused does not know this question: " + error.getMessage() +
        "\nIt is probably of another version; restart it after an upgrade: systemctl restart gatehouse";
  } else {
    answer.why = error.getMessage() + " (" + error.getName() + ")";
  }
  return answer;
}

Answer read_file(int file) {
  Answer answer;
  auto& document = answer.document.emplace();
  std::vector<char> buffer(1u << 20);
  for (;;) {
    const auto got = ::read(file, buffer.data(), buffer.size());
    if (got == 0) return answer;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    document.append(buffer.data(), static_cast<std::size_t>(got));
  }
  answer.document.reset();
  answer.status = ExitStatus::failed;
  answer.why = std::string("the daemon's answer cannot be read: ") + std::strerror(errno);
  return answer;
}

}  // namespace

struct BusClient::Connection {
  std::unique_ptr<sdbus::IConnection> bus;
  std::unique_ptr<sdbus::IProxy> gateway;
};

BusClient::BusClient(Bus bus) : bus_(std::move(bus)) {}
BusClient::~BusClient() = default;

std::optional<Answer> BusClient::connect() {
  if (connection_) return std::nullopt;
  try {
    auto bus = open(bus_);
    auto gateway = sdbus::createProxy(*bus, bus_names::service, bus_names::object);
    connection_ = std::make_unique<Connection>(Connection{std::move(bus), std::move(gateway)});
  } catch (const sdbus::Error& error) {
    return no_bus(bus_, error);
  }
  return std::nullopt;
}

template <typename Read>
Answer BusClient::call(const char* interface, const char* method, const std::vector<Argument>& arguments,
                       std::chrono::seconds patience, Read read) {
  if (auto trouble = connect()) return *std::move(trouble);
  try {
    auto question = connection_->gateway->createMethodCall(interface, method);
    for (const auto& argument : arguments) {
      std::visit([&question](const auto& value) { question << value; }, argument);
    }
    auto reply = connection_->gateway->callMethod(question, patience);
    return read(reply);
  } catch (const sdbus::Error& error) {
    return refused(bus_, error);
  }
}

Answer BusClient::ask(const char* interface, const char* method, const std::vector<Argument>& arguments,
                      std::chrono::seconds patience) {
  return call(interface, method, arguments, patience, [](sdbus::MethodReply& reply) {
    Answer answer;
    reply >> answer.document.emplace();
    return answer;
  });
}

Answer BusClient::ask_for_file(const char* interface, const char* method,
                               const std::vector<Argument>& arguments, std::chrono::seconds patience) {
  return call(interface, method, arguments, patience, [](sdbus::MethodReply& reply) {
    sdbus::UnixFd file;
    reply >> file;
    return read_file(file.get());
  });
}

}  // namespace gatehouse
