#include "daemon/setup/compose.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "daemon/core/json_writer.hpp"
#include "daemon/core/settings_names.hpp"
#include "daemon/settings/scalars.hpp"
#include "daemon/setup/hidden_characters.hpp"

namespace gatehouse::setup {
namespace {

/// A name from elsewhere in a comment: on one line, and without what could end it.
std::string comment_text(const std::string& text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return out;
}

std::string secret_text(const SecretRef& secret) {
  return "{" + std::string(to_string(secret.kind)) + ": " + yaml_text(secret.name) + "}";
}

template <typename List, typename Word>
std::string flow_list(const List& list, Word&& word) {
  std::string out;
  for (const auto& item : list) out += (out.empty() ? "" : ", ") + yaml_text(word(item));
  return "[" + out + "]";
}

std::string_view yes_no(bool yes) {
  return yes ? "true" : "false";
}

void write_gateway(const Gateway& gateway, std::string& out) {
  out += "gateway:\n";
  out +=
      "  # Both are part of every message to the cloud; changing them later makes a new gateway of this "
      "one.\n";
  out += "  id: " + yaml_text(gateway.id) + "\n";
  out += "  tenant: " + yaml_text(gateway.tenant) + "\n";
  out += "  name: " + yaml_text(gateway.name) + "\n";
  out += "  # Of opening hours and of the nightly full pass.\n";
  out += "  timezone: " + yaml_text(gateway.timezone) + "\n";
  out += "  sites: " + flow_list(gateway.sites, [](const Site& site) { return site.id.value(); }) + "\n";
}

void write_tls(const Net2Tls& tls, std::string& out) {
  out += "    tls:\n";
  if (!tls.pins.empty()) {
    out +=
        "      # The server's key, seen and confirmed at set-up. After a new certificate: gatehouse setup "
        "shows its "
        "pin.\n";
    out += "      pin: " + flow_list(tls.pins, [](const std::string& pin) { return pin; }) + "\n";
    return;
  }
  if (tls.ca) out += "      ca: " + yaml_text(*tls.ca) + "\n";
  if (tls.server_name) {
    out += "      # The name in the certificate, which is not the one in the URL.\n";
    out += "      server_name: " + yaml_text(*tls.server_name) + "\n";
  }
}

void write_sync(const Sync& sync, std::string& out) {
  out += "    sync:\n";
  out += "      # confirm: the first import waits until somebody has read its plan (gatehouse plan list).\n";
  out += "      first: " + std::string(to_string(sync.first)) + "\n";
  out += "      group_by: " + std::string(to_string(sync.group_by)) + "\n";
  out += "      # What people of a group are. Groups that are not listed are not imported.\n";
  if (sync.groups.empty()) out += "      groups: {}\n";
  if (!sync.groups.empty()) out += "      groups:\n";
  for (const GroupMapping& mapping : sync.groups)
    out += "        " + yaml_text(mapping.group) + ": " + std::string(to_string(mapping.person_type)) + "\n";
  out += "      # What is not listed is never read.\n      fields:\n";
  for (const auto& [target, source] : sync.fields)
    out += "        " + std::string(to_string(target)) + ": " + yaml_text(source) + "\n";
  if (sync.require_identifier != RequiredIdentifier::email_or_phone) {
    out += "      # Nobody has an e-mail address or telephone number that could be required.\n";
    out += "      require_identifier: " + std::string(to_string(sync.require_identifier)) + "\n";
  }
}

void write_integration(const Integration& net2, std::string& out) {
  out += "\nintegrations:\n";
  out += "  # The id is part of every door's and person's name; it stays for good.\n";
  out += "  - id: " + yaml_text(net2.id.value()) + "\n";
  out += "    name: " + yaml_text(net2.name) + "\n";
  out += "    kind: net2\n";
  out += "    enabled: " + std::string(yes_no(net2.enabled)) + "\n";
  out += "    sites: " + flow_list(net2.sites, [](const SiteId& site) { return site.value(); }) + "\n";
  out += "    url: " + yaml_text(net2.net2.url) + "\n";
  out += "    username: " + yaml_text(net2.net2.username) + "\n";
  out += "    # Never here in clear. New ones: gatehouse setup --password " + net2.id.value() + "\n";
  out += "    password: " + secret_text(net2.net2.password) + "\n";
  out += "    client_id: " + secret_text(net2.net2.client_id) + "\n";
  out += "    # The Net2 server's own: it writes its times without a zone.\n";
  out += "    timezone: " + yaml_text(net2.net2.timezone) + "\n";
  write_tls(net2.net2.tls, out);
  write_sync(net2.sync, out);
}

void write_policy(const Policy& policy, std::string& out) {
  out += "\n# Who may open doors by signing in. What is not said is closed.\n";
  out += "policy:\n";
  out += "  employees: {open: " + std::string(yes_no(policy.employees.open)) + "}\n";
  out += "  # preregistered: visitors with a visit in the cloud.\n";
  out += "  visitors: {open: " + std::string(to_string(policy.visitors.open)) + "}\n";
  out += "  contractors: {open: " + std::string(yes_no(policy.contractors.open)) + "}\n";
}

void write_doors(const Settings& settings, std::string& out) {
  out += "\n# The doors that may be opened. One that Net2 has and this list has not is shown, never opened\n";
  out += "# (gatehouse door discover).\n";
  if (settings.doors.empty()) out += "doors: []\n";
  if (!settings.doors.empty()) out += "doors:\n";
  for (const ConfiguredDoor& door : settings.doors) {
    out += "  - id: " + yaml_text(to_string(door.id)) + "\n";
    out += "    name: " + yaml_text(door.name) + "\n";
    if (door.site) out += "    site: " + yaml_text(door.site->value()) + "\n";
    out += "    kind: " + std::string(to_string(door.kind)) + "\n";
    if (door.kind == DoorKind::timed) out += "    open: " + config::format_duration(door.open) + "\n";
  }
}

void write_access_points(const Settings& settings, std::string& out) {
  if (settings.access_points.empty()) return;
  out += "\n# Places to sign in, and what a sign-in there opens.\naccess_points:\n";
  for (const AccessPoint& point : settings.access_points) {
    out += "  - id: " + yaml_text(point.id.value()) + "\n";
    out += "    name: " + yaml_text(point.name) + "\n";
    out += "    site: " + yaml_text(point.site.value()) + "\n";
    out += "    doors: " + flow_list(point.doors, [](const DoorId& door) { return to_string(door); }) + "\n";
    out += "    open_on: " + flow_list(point.open_on, [](Direction d) { return std::string(to_string(d)); }) +
           "\n";
    out += "    open_modes: " +
           flow_list(point.open_modes, [](SignInMode m) { return std::string(to_string(m)); }) + "\n";
  }
}

void write_cloud(const Settings& settings, std::string& out) {
  if (!settings.cloud) {
    out +=
        "\n# No broker yet: what happens is kept here and sent to nobody. See `cloud` in "
        "gatehouse.yaml(5).\n";
    return;
  }
  const Cloud& cloud = *settings.cloud;
  out += "\n# The broker that takes the news.\ncloud:\n";
  out += "  host: " + yaml_text(cloud.host) + "\n";
  out += "  port: " + std::to_string(cloud.port) + "\n";
  out += "  client_id: " + yaml_text(cloud.client_id) + "\n";
  out += "  tls:\n    ca: " + yaml_text(cloud.tls.ca) + "\n";
  if (cloud.tls.cert) out += "    cert: " + yaml_text(*cloud.tls.cert) + "\n";
  if (cloud.tls.key) out += "    key: " + secret_text(*cloud.tls.key) + "\n";
  if (cloud.username) out += "  username: " + yaml_text(*cloud.username) + "\n";
  if (cloud.password) out += "  password: " + secret_text(*cloud.password) + "\n";
}

}  // namespace

std::string yaml_text(const std::string& text) {
  constexpr std::array<std::string_view, 9> meant_otherwise{"true", "false", "null", "yes", "no",
                                                            "on",   "off",   "y",    "n"};
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view inner = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const bool plain =
      !text.empty() && (letters.find(text[0]) != std::string_view::npos || text[0] == '/') &&
      text.find_first_not_of(inner) == std::string::npos &&
      std::find(meant_otherwise.begin(), meant_otherwise.end(), lower) == meant_otherwise.end();
  if (plain) return text;
  std::string json;
  append_json_string(json, text);
  std::string out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto hidden = hidden_at(json, i);
    if (hidden.bytes == 0) {
      out += json[i];
      continue;
    }
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\u%04x", hidden.code);
    out += escaped.data();
    i += hidden.bytes - 1;
  }
  return out;
}

std::string compose_yaml(const Draft& draft, const std::string& today) {
  std::string out = "# Written by gatehouse setup on " + comment_text(today) + ". It may be edited.\n";
  if (!draft.note.empty()) out += "# " + comment_text(draft.note) + "\n";
  out +=
      "# Every key there is: gatehouse.yaml(5). After a change: gatehouse check, then gatehouse config "
      "reload.\n\n";
  write_gateway(draft.settings.gateway, out);
  write_integration(draft.net2(), out);
  write_policy(draft.settings.policy.policy, out);
  write_doors(draft.settings, out);
  write_access_points(draft.settings, out);
  write_cloud(draft.settings, out);
  return out;
}

}  // namespace gatehouse::setup
