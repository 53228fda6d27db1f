#include "daemon/cli/bus_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <poll.h>
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

Answer copy_file(int from, int to) {
  Answer answer;
  std::vector<char> buffer(1u << 20);
  for (;;) {
    const auto got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) answer.document.emplace();
    if (got <= 0) break;
    const char* at = buffer.data();
    for (auto left = got; left > 0;) {
      const auto written = ::write(to, at, static_cast<std::size_t>(left));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        answer.why = std::string("cannot write what the daemon gave: ") + std::strerror(errno);
        answer.code = Errc::storage;
        answer.status = ExitStatus::failed;
        return answer;
      }
      at += written;
      left -= written;
    }
  }
  if (!answer.document) {
    answer.why = std::string("cannot read what the daemon gave: ") + std::strerror(errno);
    answer.code = Errc::storage;
    answer.status = ExitStatus::failed;
  }
  return answer;
}

}  // namespace

struct BusClient::Connection {
  std::unique_ptr<sdbus::IConnection> bus;
  std::unique_ptr<sdbus::IProxy> gateway;
  std::unique_ptr<sdbus::IProxy> daemon = nullptr;  ///< the bus's own, where it is listened to
  bool changed = false;
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

std::optional<Answer> BusClient::listen() {
  if (auto trouble = connect()) return trouble;
  if (connection_->daemon) return std::nullopt;
  try {
    auto* here = connection_.get();
    here->gateway->registerSignalHandler(bus_names::gateway, "Changed",
                                         [here](sdbus::Signal&) { here->changed = true; });
    here->gateway->finishRegistration();
    auto daemon = sdbus::createProxy(*here->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus");
    daemon->registerSignalHandler("org.freedesktop.DBus", "NameOwnerChanged", [here](sdbus::Signal& signal) {
      std::string name;
      signal >> name;
      here->changed = here->changed || name == bus_names::service;
    });
    daemon->finishRegistration();
    here->daemon = std::move(daemon);
  } catch (const sdbus::Error& error) {
    connection_.reset();
    return no_bus(bus_, error);
  }
  return std::nullopt;
}

BusClient::Heard BusClient::wait(std::chrono::milliseconds limit, int other) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{.fd = -1, .events = 0, .revents = 0},
                                  pollfd{.fd = other, .events = POLLIN, .revents = 0}};
    try {
      while (connection_ && connection_->bus->processPendingRequest()) continue;
      if (connection_) {
        const auto link = connection_->bus->getEventLoopPollData();
        watched[0].fd = link.fd;
        watched[0].events = link.events;
      }
    } catch (const sdbus::Error&) {
      connection_.reset();
      return Heard::lost;
    }
    if (connection_ && std::exchange(connection_->changed, false)) return Heard::change;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return Heard::nothing;
    const int ready =
        ::poll(watched.data(), watched.size(), static_cast<int>(std::min<long>(left, 3'600'000)));
    if (ready < 0) return Heard::nothing;
    if (watched[1].revents != 0) return Heard::other;
  }
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

Answer BusClient::ask_for_copy(const char* interface, const char* method,
                               const std::vector<Argument>& arguments, int to,
                               std::chrono::seconds patience) {
  return call(interface, method, arguments, patience, [to](sdbus::MethodReply& reply) {
    sdbus::UnixFd file;
    reply >> file;
    return copy_file(file.get(), to);
  });
}

}  // namespace gatehouse
