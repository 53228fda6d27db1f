// The sections cloud and lan_api.

#include <algorithm>

#include <sys/stat.h>

#include "daemon/settings/scalars.hpp"
#include "daemon/settings/tables.hpp"

namespace gatehouse::config {

namespace {

using namespace std::chrono_literals;

Codec<std::string> checked(Codec<std::string> codec, std::string type, std::string expected,
                           std::function<bool(const std::string&)> good) {
  codec.read = [read = codec.read, expected = std::move(expected), good = std::move(good)](
                   const TreeNode& node, Reading& reading, std::string& into) {
    std::string value;
    read(node, reading, value);
    if (value.empty()) return;
    if (good(value))
      into = value;
    else
      reading.wrong(node, expected);
  };
  codec.type = std::move(type);
  return codec;
}

bool is_topic_root(const std::string& topic) {
  return topic.front() != '/' && topic.front() != '$' && topic.back() != '/' &&
         topic.find_first_of("+#") == std::string::npos && topic.find("//") == std::string::npos;
}

/// Any scalar: digits alone may look like a number, and are none.
Codec<std::string> sha256_hex() {
  Codec<std::string> codec = text();
  codec.read = [](const TreeNode& node, Reading& reading, std::string& into) {
    const bool good = node.kind == TreeNode::Kind::scalar && node.text.size() == 64 &&
                      node.text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (good)
      into = node.text;
    else
      reading.fault(node.place,
                    "expected 64 hex digits (a-f in lower case), as `gatehouse token new` prints them");
  };
  codec.type = "64 hex digits";
  return codec;
}

Codec<Proxy> proxy() {
  constexpr std::string_view scheme = "socks5h://";
  return {[scheme](const TreeNode& node, Reading& reading, Proxy& into) {
            const auto text = read_text(node, reading, "socks5h://HOST:PORT");
            if (!text) return;
            const auto colon = text->rfind(':');
            if (text->find('@') != std::string::npos) {
              reading.fault(node.place, "a proxy is given as socks5h://HOST:PORT, without user and password");
              return;
            }
            const bool shaped = text->starts_with(scheme) && colon > scheme.size();
            const auto port =
                shaped ? parse_integer(std::string_view(*text).substr(colon + 1)) : std::nullopt;
            const std::string host = shaped ? text->substr(scheme.size(), colon - scheme.size()) : "";
            if (port && *port >= 1 && *port <= 65535 && host.find_first_of("/?# ") == std::string::npos)
              into = {host, static_cast<std::uint16_t>(*port)};
            else
              reading.wrong(node, "socks5h://HOST:PORT");
          },
          [scheme](const Proxy& from) {
            return std::optional<TreeNode>(
                text_node(std::string(scheme) + from.host + ":" + std::to_string(from.port)));
          },
          "socks5h://HOST:PORT"};
}

/// Who can write the file of command keys can give himself every command.
Codec<std::string> command_keys_path() {
  Codec<std::string> path = file_path();
  path.read = [read = path.read](const TreeNode& node, Reading& reading, std::string& into) {
    read(node, reading, into);
    struct stat status{};
    if (stat(into.c_str(), &status) == 0 && (status.st_mode & 022) != 0)
      reading.fault(node.place, "group or others can write " + into + "; run: chmod go-w " + into);
  };
  return path;
}

Codec<Duration> whole_seconds(Duration least, Duration most) {
  Codec<Duration> codec = duration(least, most);
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, Duration& into) {
    Duration value = into;
    read(node, reading, value);
    if (value % 1s == 0s)
      into = value;
    else
      reading.wrong(node, "whole seconds");
  };
  return codec;
}

const Table<CloudTls>& cloud_tls_table() {
  static const Table<CloudTls> table = [] {
    Table<CloudTls> t;
    t.key("ca", &CloudTls::ca, file_path());
    t.key("cert", &CloudTls::cert, maybe(file_path()));
    t.key("key", &CloudTls::key, maybe(secret()));
    t.key("alpn", &CloudTls::alpn, text_or_empty(255));
    return t;
  }();
  return table;
}

const Table<CommandRates>& command_rates_table() {
  static const Table<CommandRates> table = [] {
    Table<CommandRates> t;
    t.key("per_key", &CommandRates::per_key, rate());
    t.key("per_door", &CommandRates::per_door, rate());
    return t;
  }();
  return table;
}

const Table<OutboxLimits>& outbox_table() {
  static const Table<OutboxLimits> table = [] {
    Table<OutboxLimits> t;
    t.key("max_bytes", &OutboxLimits::max_bytes, size(1ull << 20, 1ull << 40));
    t.key("min_free", &OutboxLimits::min_free, size(0, 1ull << 40));
    t.key("inflight", &OutboxLimits::inflight, integer<std::uint32_t>(1, 65535));
    return t;
  }();
  return table;
}

void check_cloud(const TreeNode& node, Reading& reading, Cloud& cloud) {
  if (cloud.password && !cloud.username)
    reading.fault(place_of(node, "password"), "a password needs a username beside it");
  // A gateway proves itself by its certificate, unless it was given a password and nothing of a certificate.
  const bool certificate = cloud.tls.cert || cloud.tls.key || !cloud.password;
  if (certificate && !cloud.tls.cert) cloud.tls.cert = "/etc/gatehouse/gateway.pem";
  if (certificate && !cloud.tls.key) cloud.tls.key = SecretRef{SecretRef::Kind::credential, "gateway.key"};
}

const Table<LanClient>& lan_client_table() {
  static const Table<LanClient> table = [] {
    Table<LanClient> t;
    t.key("id", &LanClient::id, definition<LanClientId>(Kind::lan_client)).required();
    t.key("token_sha256", &LanClient::token_sha256, sha256_hex()).required();
    t.key("access_points", &LanClient::access_points, set_of(access_point_reference()));
    t.key("feeds", &LanClient::feeds, set_of(feed_reference()));
    t.key("muster", &LanClient::muster, boolean());
    t.key("walk_ins", &LanClient::walk_ins, boolean());
    return t;
  }();
  return table;
}

struct LanTls {
  std::string cert;
  SecretRef key{SecretRef::Kind::credential, "lan.key"};
};

const Table<LanTls>& lan_tls_table() {
  static const Table<LanTls> table = [] {
    Table<LanTls> t;
    t.key("cert", &LanTls::cert, file_path()).required();
    t.key("key", &LanTls::key, secret());
    return t;
  }();
  return table;
}

void check_lan_api(const TreeNode& node, Reading& reading, LanApi& lan) {
  for (std::size_t i = 0; i < lan.clients.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (!lan.clients[i].token_sha256.empty() && lan.clients[i].token_sha256 == lan.clients[k].token_sha256)
        reading.fault(place_of(node, "clients"), "the clients '" + lan.clients[k].id.value() + "' and '" +
                                                     lan.clients[i].id.value() + "' have the same token");
}

}  // namespace

const Table<Cloud>& cloud_table() {
  static const Table<Cloud> table = [] {
    Table<Cloud> t;
    t.key("host", &Cloud::host, host_name()).required();
    t.key("port", &Cloud::port, integer<std::uint16_t>(1, 65535));
    t.key("client_id", &Cloud::client_id, text(128));
    t.key("tls", &Cloud::tls, tls_section(cloud_tls_table()));
    t.key("username", &Cloud::username, maybe(text()));
    t.key("password", &Cloud::password, maybe(secret()));
    t.key("proxy", &Cloud::proxy, maybe(proxy()));
    t.key("keepalive", &Cloud::keepalive, whole_seconds(5s, 18h));
    t.key("topic_root", &Cloud::topic_root,
          checked(text(128), "MQTT topic", "an MQTT topic without '+', '#', and '/' at its ends",
                  is_topic_root));
    t.key("command_keys", &Cloud::command_keys, command_keys_path());
    t.key("command_max_ttl", &Cloud::command_max_ttl, duration(1s, 60s));
    t.key("rate", &Cloud::rate, section(command_rates_table()));
    t.key("roster_guard", &Cloud::roster_guard, section(removal_guard_table()));
    t.key("outbox", &Cloud::outbox, section(outbox_table()));
    t.after(check_cloud);
    return t;
  }();
  return table;
}

const Table<LanApi>& lan_api_table() {
  static const Table<LanApi> table = [] {
    Table<LanApi> t;
    t.key("listen", &LanApi::listen, endpoint());
    Codec<LanTls> inner = tls_section(lan_tls_table());
    Codec<LanApi> tls{[read = inner.read](const TreeNode& node, Reading& reading, LanApi& into) {
                        LanTls value;
                        read(node, reading, value);
                        into.cert = value.cert;
                        into.key = value.key;
                      },
                      [show = inner.show](const LanApi& from) { return show(LanTls{from.cert, from.key}); },
                      inner.type, inner.list};
    t.key("tls", [](auto& lan) -> auto& { return lan; }, tls).required();
    t.key("clients", &LanApi::clients, list_of(section(lan_client_table())));
    t.after(check_lan_api);
    return t;
  }();
  return table;
}

}  // namespace gatehouse::config
