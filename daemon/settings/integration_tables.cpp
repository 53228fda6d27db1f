// The section integrations, without `sync`.

#include <algorithm>

#include "daemon/settings/scalars.hpp"
#include "daemon/settings/tables.hpp"

namespace gatehouse::config {

namespace {

using namespace std::chrono_literals;

Codec<IntegrationId> integration_id() {
  Codec<IntegrationId> codec = definition<IntegrationId>(Kind::integration);
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, IntegrationId& into) {
    if (node.text == "cloud" || node.text == "walk_in")
      reading.fault(node.place, "the id '" + node.text + "' is reserved; choose another");
    else
      read(node, reading, into);
  };
  return codec;
}

/// "https://host[:port]"; a slash at the end is taken off.
Codec<std::string> server_url() {
  Codec<std::string> codec = text(500);
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, std::string& into) {
    std::string url;
    read(node, reading, url);
    if (url.empty()) return;
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme)) {
      reading.wrong(node, "an https:// URL (Net2 is never read without TLS)");
      return;
    }
    while (url.size() > scheme.size() && url.back() == '/') url.pop_back();
    const std::string authority = url.substr(scheme.size());
    if (authority.find('@') != std::string::npos) {
      reading.fault(node.place, "a URL without user and password; they have keys of their own");
      return;
    }
    const bool bracketed = authority.starts_with('[');
    const auto host_end = bracketed ? authority.find(']') : authority.find(':');
    const std::string host = authority.substr(bracketed ? 1 : 0, bracketed ? host_end - 1 : host_end);
    const std::string rest =
        host_end == std::string::npos ? "" : authority.substr(host_end + (bracketed ? 1 : 0));
    const auto port =
        rest.empty() ? std::optional<std::int64_t>(443) : parse_integer(std::string_view(rest).substr(1));
    const bool good_host =
        !host.empty() &&
        host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:") ==
            std::string::npos;
    const bool good_port = (rest.empty() || rest.front() == ':') && port && *port >= 1 && *port <= 65535;
    if (good_host && good_port)
      into = url;
    else
      reading.wrong(node, "https://HOST or https://HOST:PORT, without a path");
  };
  codec.type = "https:// URL";
  return codec;
}

/// SHA-256 of a SubjectPublicKeyInfo: 32 bytes are 43 digits of base64 and one '='; the last digit carries
/// two bits that must be zero.
bool is_pin(const std::string& text) {
  constexpr std::string_view prefix = "sha256/";
  constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (!text.starts_with(prefix) || text.size() != prefix.size() + 44 || text.back() != '=') return false;
  const std::string_view encoded = std::string_view(text).substr(prefix.size(), 43);
  return encoded.find_first_not_of(base64) == std::string_view::npos && base64.find(encoded.back()) % 4 == 0;
}

Codec<std::string> pin() {
  Codec<std::string> codec = text(500);
  codec.read = [read = codec.read](const TreeNode& node, Reading& reading, std::string& into) {
    std::string value;
    read(node, reading, value);
    if (value.empty()) return;
    if (is_pin(value))
      into = value;
    else
      reading.wrong(node, "a pin, \"sha256/\" and the base64 of 32 bytes (44 characters, the last one '=')");
  };
  codec.type = "pin \"sha256/BASE64\"";
  return codec;
}

const Table<Net2Tls>& net2_tls_table() {
  static const Table<Net2Tls> table = [] {
    Table<Net2Tls> t;
    t.key("ca", &Net2Tls::ca, maybe(file_path()));
    Codec<std::vector<std::string>> pins = set_of(pin());
    pins.show = [show = pins.show](const std::vector<std::string>& from) {
      return from.empty() ? std::nullopt : show(from);
    };
    pins.read = [read = pins.read](const TreeNode& node, Reading& reading, std::vector<std::string>& into) {
      read(node, reading, into);
      if (node.kind == TreeNode::Kind::list && (into.empty() || into.size() > 3))
        reading.fault(node.place, "one to three pins are given, not " + std::to_string(into.size()));
    };
    t.key("pin", &Net2Tls::pins, pins);
    t.key("server_name", &Net2Tls::server_name, maybe(host_name()));
    t.after([](const TreeNode& node, Reading& reading, Net2Tls& tls) {
      const bool pinned = !tls.pins.empty() || node.find("pin");
      if (tls.ca && pinned)
        reading.fault(node.place,
                      "either ca or pin, not both: a pin stands in place of the chain, name and date");
      else if (!tls.ca && !pinned)
        reading.fault(node.place,
                      "how the server proves itself is missing: ca: PATH, or pin: [\"sha256/…\"]");
      if (tls.server_name && pinned)
        reading.fault(place_of(node, "server_name"),
                      "server_name has no meaning with a pin, which stands in place of the name");
    });
    return t;
  }();
  return table;
}

/// `now`, or a duration back.
Codec<std::optional<Duration>> events_from() {
  const auto back = duration(1s, std::chrono::days{3650});
  return {[back](const TreeNode& node, Reading& reading, std::optional<Duration>& into) {
            if (node.kind == TreeNode::Kind::scalar && node.text == "now") {
              into.reset();
            } else if (node.kind == TreeNode::Kind::scalar && parse_duration(node.text)) {
              back.read(node, reading, into.emplace());
            } else {
              reading.wrong(node, "now, or a duration back such as 7d");
            }
          },
          [](const std::optional<Duration>& from) {
            return std::optional<TreeNode>(text_node(from ? format_duration(*from) : "now"));
          },
          "now or duration back"};
}

const Table<Net2Poll>& poll_table() {
  static const Table<Net2Poll> table = [] {
    Table<Net2Poll> t;
    t.key("people", &Net2Poll::people, duration(1s, std::chrono::days{1}));
    t.key("events", &Net2Poll::events, duration(200ms, 1h));
    t.key("doors", &Net2Poll::doors, duration(1s, std::chrono::days{1}));
    t.key("live", &Net2Poll::live, boolean());
    t.key("events_from", &Net2Poll::events_from, events_from());
    return t;
  }();
  return table;
}

void check_integration(const TreeNode& node, Reading& reading, Integration& integration) {
  const std::string& id = integration.id.value();
  const bool net2 = integration.kind == IntegrationKind::net2;
  const Kind kind = net2 ? Kind::net2_server : Kind::feed;
  if (!id.empty() && !reading.is_defined(kind, id)) reading.define(kind, id, place_of(node, "id"));
  if (integration.name.empty()) integration.name = id;
  if (!net2) return;
  Net2Server& server = integration.net2;
  if (server.username.empty()) server.username = "Gateway Service";
  if (server.password.name.empty()) server.password.name = id + ".password";
  if (server.client_id.name.empty()) server.client_id.name = id + ".client_id";
}

}  // namespace

const Table<Integration>& integration_table() {
  static const Table<Integration> table = [] {
    Table<Integration> t;
    const auto is_net2 = [](const Integration& i) { return i.kind == IntegrationKind::net2; };
    const auto is_feed = [](const Integration& i) { return i.kind == IntegrationKind::feed; };
    const std::string net2_only = "is for integrations of kind net2 only";
    t.key("id", &Integration::id, integration_id()).required();
    t.key("name", &Integration::name, text());
    t.key("kind", &Integration::kind, choice<IntegrationKind>());
    t.key("enabled", &Integration::enabled, boolean());
    t.key("automatic", &Integration::automatic, boolean());
    t.key("sites", &Integration::sites, set_of(site_reference()));
    t.key(
         "url", [](auto& i) -> auto& { return i.net2.url; }, server_url())
        .required()
        .only_if(is_net2, net2_only);
    t.key("username", [](auto& i) -> auto& { return i.net2.username; }, text()).only_if(is_net2, net2_only);
    t.key("password", [](auto& i) -> auto& { return i.net2.password; }, secret()).only_if(is_net2, net2_only);
    t.key(
         "client_id", [](auto& i) -> auto& { return i.net2.client_id; }, secret())
        .only_if(is_net2, net2_only);
    t.key("timezone", [](auto& i) -> auto& { return i.net2.timezone; }, zone()).only_if(is_net2, net2_only);
    t.key(
         "tls", [](auto& i) -> auto& { return i.net2.tls; }, tls_section(net2_tls_table()))
        .required()
        .only_if(is_net2, net2_only);
    t.key(
         "poll", [](auto& i) -> auto& { return i.net2.poll; }, section(poll_table()))
        .only_if(is_net2, net2_only);
    t.key(
         "directory", [](auto& i) -> auto& { return i.feed.directory; }, maybe(file_path()))
        .only_if(is_feed, "is for integrations of kind feed only");
    t.key("mode", &Integration::mode, choice<IntegrationMode>());
    t.key("sync", &Integration::sync, section(sync_table()));
    t.after([](const TreeNode& node, Reading& reading, Integration& into) {
      check_integration(node, reading, into);
      check_sync(node, reading, into);
    });
    return t;
  }();
  return table;
}

}  // namespace gatehouse::config
