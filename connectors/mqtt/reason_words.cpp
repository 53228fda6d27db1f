#include "connectors/mqtt/reason_words.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace gatehouse {
namespace {

struct Reason {
  std::uint8_t code;
  const char* name;
};

constexpr std::array reasons{
    Reason{0x00, "success"},
    Reason{0x04, "disconnect with will message"},
    Reason{0x10, "no matching subscribers"},
    Reason{0x80, "unspecified error"},
    Reason{0x81, "malformed packet"},
    Reason{0x82, "protocol error"},
    Reason{0x83, "implementation specific error"},
    Reason{0x84, "unsupported protocol version"},
    Reason{0x85, "client identifier not valid"},
    Reason{0x86, "bad user name or password"},
    Reason{0x87, "not authorized"},
    Reason{0x88, "server unavailable"},
    Reason{0x89, "server busy"},
    Reason{0x8A, "banned"},
    Reason{0x8B, "server shutting down"},
    Reason{0x8C, "bad authentication method"},
    Reason{0x8D, "keep alive timeout"},
    Reason{0x8E, "session taken over"},
    Reason{0x8F, "topic filter invalid"},
    Reason{0x90, "topic name invalid"},
    Reason{0x91, "packet identifier in use"},
    Reason{0x93, "receive maximum exceeded"},
    Reason{0x94, "topic alias invalid"},
    Reason{0x95, "packet too large"},
    Reason{0x96, "message rate too high"},
    Reason{0x97, "quota exceeded"},
    Reason{0x98, "administrative action"},
    Reason{0x99, "payload format invalid"},
    Reason{0x9A, "retain not supported"},
    Reason{0x9B, "QoS not supported"},
    Reason{0x9C, "use another server"},
    Reason{0x9D, "server moved"},
    Reason{0x9E, "shared subscriptions not supported"},
    Reason{0x9F, "connection rate exceeded"},
    Reason{0xA0, "maximum connect time"},
    Reason{0xA1, "subscription identifiers not supported"},
    Reason{0xA2, "wildcard subscriptions not supported"},
};

Errc kind_of(std::uint8_t reason) {
  switch (reason) {
    case 0x86:
    case 0x8C:
      return Errc::unauthenticated;
    case 0x87:
    case 0x8A:
      return Errc::forbidden;
    case 0x88:
    case 0x89:
    case 0x8B:
    case 0x96:
    case 0x97:
    case 0x9F:
      return Errc::busy;
    default:
      return Errc::refused;
  }
}

}  // namespace

std::string reason_name(std::uint8_t reason) {
  const auto* known =
      std::find_if(reasons.begin(), reasons.end(), [&](const Reason& r) { return r.code == reason; });
  return fmt::format("0x{:02X} {}", reason, known == reasons.end() ? "unknown reason" : known->name);
}

Error connack_error(std::uint8_t reason) {
  const char* fix = "";
  switch (reason) {
    case 0x84:
      fix = ": it does not speak MQTT 5, which is required";
      break;
    case 0x85:
      fix = ": check cloud.client_id";
      break;
    case 0x86:
      fix = ": check cloud.username and cloud.password";
      break;
    case 0x87:
      fix = ": let this client id, user or certificate in at the broker";
      break;
    case 0x88:
    case 0x89:
    case 0x9F:
      fix = ": it will be tried again";
      break;
    case 0x8A:
      fix = ": ask the broker's operator to lift the ban";
      break;
    case 0x90:
      fix = ": it does not take cloud.topic_root in the last will";
      break;
    case 0x95:
      fix = ": it does not take a last will of this size";
      break;
    case 0x97:
      fix = ": raise this client's quota at the broker";
      break;
    case 0x9A:
      fix = ": it must allow retained messages";
      break;
    case 0x9B:
      fix = ": it must allow QoS 1";
      break;
    case 0x9C:
    case 0x9D:
      fix = ": change cloud.host to the new server";
      break;
    default:
      break;
  }
  return Error{kind_of(reason),
               fmt::format("the broker refused the connection ({}){}", reason_name(reason), fix)};
}

Error disconnect_error(std::uint8_t reason, const std::string& client_id) {
  std::string fix;
  switch (reason) {
    case 0x87:
      fix = ": allow this client its topics at the broker";
      break;
    case 0x8E:
      fix = fmt::format(": another client uses the id '{}'; give each gateway its own cloud.client_id",
                        client_id);
      break;
    case 0x93:
    case 0x95:
      fix = ": it does not keep to the limits it announced";
      break;
    case 0x96:
    case 0x97:
      fix = ": raise this client's limits at the broker";
      break;
    case 0x9C:
    case 0x9D:
      fix = ": change cloud.host to the new server";
      break;
    default:
      break;
  }
  return Error{kind_of(reason),
               fmt::format("the broker ended the connection ({}){}", reason_name(reason), fix)};
}

Error suback_error(std::uint8_t reason, const std::string& topic) {
  const bool acl = reason == 0x87 || reason == 0x80;
  return Error{acl ? Errc::forbidden : kind_of(reason),
               fmt::format("the broker refused the subscription to '{}' ({}): allow this client to read it",
                           topic, reason_name(reason))};
}

Error dial_error(int system_error, const std::string& where) {
  switch (system_error) {
    case ECONNREFUSED:
      return Error{
          Errc::unreachable,
          fmt::format("{} refused the connection: is the broker running, and is the port right?", where)};
    case ETIMEDOUT:
      return Error{Errc::timeout,
                   fmt::format("{} does not answer: is it up, and does a firewall let this through?", where)};
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
      return Error{Errc::unreachable, fmt::format("no route to {}: check this machine's network", where)};
    default:
      return Error{Errc::unreachable, fmt::format("cannot connect to {}: {}", where,
                                                  std::generic_category().message(system_error))};
  }
}

}  // namespace gatehouse
