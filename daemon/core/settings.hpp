#pragma once
// The configuration as typed values (contract §2). Made by daemon/settings/load_settings.hpp, which checks
// everything once; whoever holds a Settings need not check again. Secrets are named here, never held.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/access_settings.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/schedule.hpp"

namespace gatehouse {

using LanClientId = Id<struct LanClientTag, std::string>;

struct Site {
  SiteId id;
  std::string timezone;  ///< IANA; the gateway's where the file says none

  bool operator==(const Site&) const = default;
};

struct Bus {
  enum class Kind { system, session, none, address };
  Kind kind = Kind::system;
  std::string address;  ///< with Kind::address: a D-Bus address, "unix:path=…"

  bool operator==(const Bus&) const = default;
};

enum class Polkit { automatic, none };  ///< written "auto" in the file
enum class ClockTrust { floor, ntp };   ///< contract §4, Clock

struct Gateway {
  std::string id;                          ///< [a-z0-9][a-z0-9-]{0,31}
  std::string tenant;                      ///< same grammar
  std::string name;                        ///< for people; the id where the file says none
  std::string timezone = "Europe/London";  ///< IANA; of the gateway itself
  std::vector<Site> sites;                 ///< in the file's order
  std::optional<std::string> state_dir;    ///< nullopt: $STATE_DIRECTORY, or the command line
  Bus bus;                                 ///< where the control interface is offered
  Polkit polkit = Polkit::automatic;       ///< who decides what a local user may do
  ClockTrust clock = ClockTrust::floor;    ///< what makes the wall clock trusted

  bool operator==(const Gateway&) const = default;
};

struct CloudTls {
  std::string ca = "/etc/gatehouse/cloud-ca.pem";  ///< PEM file
  std::optional<std::string> cert;                 ///< ours, PEM file; always together with the key
  std::optional<SecretRef> key;
  std::string alpn = "mqtt";  ///< empty: none

  bool operator==(const CloudTls&) const = default;
};

/// So many in a period.
struct Rate {
  std::uint32_t count = 0;
  Duration per{1'000};

  bool operator==(const Rate&) const = default;
};

struct CommandRates {
  Rate per_key{20, std::chrono::seconds{1}};
  Rate per_door{30, std::chrono::minutes{1}};

  bool operator==(const CommandRates&) const = default;
};

struct OutboxLimits {
  std::uint64_t max_bytes = 1ull << 30;
  std::uint64_t min_free = 256ull << 20;  ///< bytes to leave free on the disk
  std::uint32_t inflight = 100;           ///< messages without a PUBACK at a time

  bool operator==(const OutboxLimits&) const = default;
};

struct Proxy {
  std::string host;
  std::uint16_t port = 1080;

  bool operator==(const Proxy&) const = default;
};

struct Cloud {
  std::string host;
  std::uint16_t port = 8883;
  std::string client_id;  ///< "{tenant}.{gateway}" where the file says none
  CloudTls tls;
  std::optional<std::string> username;  ///< always together with the password
  std::optional<SecretRef> password;
  std::optional<Proxy> proxy;  ///< socks5h
  Duration keepalive{30'000};  ///< whole seconds, 5 s..18 h
  std::string topic_root = "gatehouse/v1";
  std::string command_keys = "/etc/gatehouse/command-keys.json";  ///< JWKS file
  Duration command_max_ttl{30'000};                               ///< at most 60 s
  CommandRates rate;
  RemovalGuard roster_guard;
  OutboxLimits outbox;

  bool operator==(const Cloud&) const = default;
};

/// An address to listen on.
struct Endpoint {
  std::string host;  ///< a literal IP address, without brackets
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};

struct LanClient {
  LanClientId id;
  std::string token_sha256;  ///< 64 lower-case hex digits
  std::vector<AccessPointId> access_points;
  std::vector<IntegrationId> feeds;
  bool muster = false;
  bool walk_ins = false;

  bool operator==(const LanClient&) const = default;
};

struct LanApi {
  Endpoint listen{"0.0.0.0", 8443};
  std::string cert;  ///< PEM file
  SecretRef key{SecretRef::Kind::credential, "lan.key"};
  std::vector<LanClient> clients;

  bool operator==(const LanApi&) const = default;
};

struct Metrics {
  Endpoint listen{"127.0.0.1", 9464};  ///< loopback only

  bool operator==(const Metrics&) const = default;
};

struct Retention {
  Duration events = std::chrono::days{90};
  Duration decisions = std::chrono::days{180};
  Duration activity = std::chrono::days{90};
  Duration audit = std::chrono::days{400};

  bool operator==(const Retention&) const = default;
};

struct Notify {
  bool config_errors = true;
  bool sync_issues = true;

  bool operator==(const Notify&) const = default;
};

struct Settings {
  Gateway gateway;
  std::vector<Integration> integrations;
  std::map<ScheduleId, Schedule> schedules;
  SitePolicy policy;
  std::vector<Scope> scopes;
  std::vector<ConfiguredDoor> doors;  ///< a door that is not here is shown, never opened
  std::vector<AccessPoint> access_points;
  std::vector<PolicyTest> tests;
  std::optional<Cloud> cloud;      ///< nullopt: news is kept, and sent to nobody
  std::optional<LanApi> lan_api;   ///< nullopt: off
  std::optional<Metrics> metrics;  ///< nullopt: off
  Retention retention;
  Notify notify;

  bool operator==(const Settings&) const = default;
};

}  // namespace gatehouse
