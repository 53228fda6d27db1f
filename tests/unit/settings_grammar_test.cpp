// The sample, the JSON Schema, the table of keys and the parser say the same.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/show_settings.hpp"
#include "daemon/settings/yaml_tree.hpp"

using namespace gatehouse;
namespace json = boost::json;

namespace {

std::string config_file(const std::string& name) {
  std::ifstream in(GATEHOUSE_SOURCE_DIR "/config/" + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The policy of a scope or a door has the keys of `policy`, without `max_age`.
bool is_override(const std::string& path) {
  return path.starts_with("scopes[].policy.") || path.starts_with("doors[].policy.");
}

std::set<std::string> parser_keys(bool with_overrides) {
  std::set<std::string> out;
  for (const SettingsKey& key : settings_keys())
    if (with_overrides || !is_override(key.path)) out.insert(key.path);
  return out;
}

class SchemaKeys {
 public:
  explicit SchemaKeys(const json::value& schema) : root_(schema) { walk(schema, ""); }
  const std::set<std::string>& all() const { return all_; }
  const std::set<std::string>& open() const { return open_; }

 private:
  void walk(const json::value& value, const std::string& path) {
    const json::object& node = value.as_object();
    if (const auto* ref = node.if_contains("$ref")) {
      const std::string name(ref->as_string().subview(std::string_view("#/$defs/").size()));
      if (name != "secret") walk(root_.at("$defs").at(name), path);
      return;
    }
    if (const auto* any = node.if_contains("anyOf"))
      for (const json::value& each : any->as_array()) walk(each, path);
    if (const auto* items = node.if_contains("items")) walk(*items, path + "[]");
    if (const auto* properties = node.if_contains("properties")) {
      const auto* rest = node.if_contains("additionalProperties");
      if (rest == nullptr) open_.insert(path);
      for (const auto& [key, inner] : properties->as_object()) {
        const std::string full = path.empty() ? std::string(key) : path + "." + std::string(key);
        all_.insert(full);
        walk(inner, full);
      }
    }
    if (node.contains("patternProperties")) all_.insert(path + ".DAYS");
    if (const auto* rest = node.if_contains("additionalProperties"); rest != nullptr && rest->is_object()) {
      all_.insert(path + ".*");
      walk(*rest, path + ".*");
    }
  }

  const json::value& root_;
  std::set<std::string> all_;
  std::set<std::string> open_;
};

void sample_keys(const config::TreeNode& node, const std::string& path, std::set<std::string>& out) {
  for (const config::TreeNode& item : node.items) sample_keys(item, path + "[]", out);
  for (const config::Member& member : node.members) {
    std::string key = member.key;
    const bool secret =
        path.ends_with("password") || path.ends_with("client_id") || path.ends_with("tls.key");
    if (secret) continue;
    if (path == "schedules" || path == "integrations[].sync.groups") key = "*";
    if (path == "schedules.*" && key != "except") key = "DAYS";
    if (path.ends_with(".access_level") && key != "default") key = "*";
    const std::string full = path.empty() ? key : path + "." + key;
    out.insert(full);
    sample_keys(member.value, full, out);
  }
}

/// The paths in the first column of the table.
std::set<std::string> readme_keys() {
  std::istringstream lines(config_file("README.md"));
  std::set<std::string> out;
  bool in_table = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| key | type |")) in_table = true;
    if (in_table && line.empty()) break;
    if (in_table && line.starts_with("| `")) out.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return out;
}

std::set<std::string> without_overrides(const std::set<std::string>& keys) {
  std::set<std::string> out;
  for (const std::string& key : keys)
    if (!is_override(key)) out.insert(key);
  return out;
}

}  // namespace

TEST_CASE("The sample passes the check as it is shipped", "[settings]") {
  const Loaded loaded = load_settings_text(config_file("gatehouse.yaml"), "gatehouse.yaml");
  for (const Fault& fault : loaded.faults) UNSCOPED_INFO(to_string(fault));
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->integrations.size() == 3);
  CHECK(loaded.settings->cloud->client_id == "acme.hq-01");
}

TEST_CASE("The sample has every key of the grammar", "[settings]") {
  std::set<std::string> keys;
  sample_keys(config::parse_yaml(config_file("gatehouse.yaml"), 0).root, "", keys);
  CHECK(without_overrides(keys) == parser_keys(false));
}

TEST_CASE("The JSON Schema has the keys of the parser and no others", "[settings]") {
  const json::value schema = json::parse(config_file("gatehouse.schema.json"));
  const SchemaKeys keys(schema);
  CHECK(keys.all() == parser_keys(true));
  CHECK(keys.open().empty());
}

TEST_CASE("The table of keys has the keys of the parser and no others", "[settings]") {
  CHECK(readme_keys() == parser_keys(false));
}

TEST_CASE("The table of keys says each type and range as the parser has it", "[settings]") {
  const std::string readme = config_file("README.md");
  for (const SettingsKey& key : settings_keys()) {
    if (is_override(key.path)) continue;
    INFO(key.path);
    CHECK(readme.find("| `" + key.path + "` | " + key.type + " |") != std::string::npos);
  }
}

TEST_CASE("The effective configuration reads back as the same settings", "[settings]") {
  const std::string text =
      GENERATE(config_file("gatehouse.yaml"), std::string("gateway: {id: a, tenant: b}\n"),
               std::string("gateway: {id: \"1\", tenant: b, name: 'x: \"y\" # \\ z', sites: [s]}\n"
                           "cloud: {host: h}\nmetrics: {}\n"
                           "integrations: [{id: f, kind: feed, sync: {fields: {}}}]\n"));
  const Loaded first = load_settings_text(text, "gatehouse.yaml");
  for (const Fault& fault : first.faults) UNSCOPED_INFO(to_string(fault));
  REQUIRE(first.settings);
  const std::string shown = effective_yaml(*first.settings);
  const Loaded again = load_settings_text(shown, "elsewhere.yaml");
  INFO(shown);
  for (const Fault& fault : again.faults) UNSCOPED_INFO(to_string(fault));
  REQUIRE(again.settings);
  CHECK((*again.settings == *first.settings));
  CHECK(effective_yaml(*again.settings) == shown);
}

TEST_CASE("The effective configuration names every default and no secret's value", "[settings]") {
  const Loaded loaded = load_settings_text("gateway: {id: a, tenant: b}\ncloud: {host: h}\n", "g.yaml");
  REQUIRE(loaded.settings);
  const json::value shown = json::parse(effective_json(*loaded.settings));
  CHECK(shown.at("gateway").at("name") == "a");
  CHECK(shown.at("gateway").at("timezone") == "Europe/London");
  CHECK(shown.at("cloud").at("client_id") == "b.a");
  CHECK(shown.at("cloud").at("port") == 8883);
  CHECK(shown.at("cloud").at("tls").at("key").at("credential") == "gateway.key");
  CHECK(shown.at("policy").at("employees").at("open") == false);
  CHECK(shown.at("retention").at("audit") == "400d");
  CHECK_FALSE(shown.as_object().contains("metrics"));
  CHECK_FALSE(shown.as_object().contains("lan_api"));
}

TEST_CASE("There is a JSON Schema for each message type, under its own name", "[settings]") {
  const std::set<std::string> types{"state",
                                    "alarm",
                                    "alert",
                                    "gap",
                                    "access.granted",
                                    "access.denied",
                                    "door",
                                    "event",
                                    "decision",
                                    "presence",
                                    "person.upserted",
                                    "person.disabled",
                                    "person.removed",
                                    "person.invitable",
                                    "activity",
                                    "sync",
                                    "plan",
                                    "roster.request",
                                    "health",
                                    "door.state",
                                    "reply",
                                    "resend"};
  const std::string ending = ".schema.json";
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(GATEHOUSE_SOURCE_DIR "/config/messages")) {
    const std::string file = entry.path().filename().string();
    const std::string type = file.substr(0, file.size() - ending.size());
    INFO(file);
    const json::value schema = json::parse(config_file("messages/" + file));
    CHECK(schema.at("properties").at("type").at("const") == json::string("gatehouse." + type + ".v1"));
    const auto& required = schema.at("required").as_array();
    const bool has_sequence = std::find(required.begin(), required.end(), "sequence") != required.end();
    const bool may_lack_it = type == "reply";  // one that is sent before a valid signature is not numbered
    CHECK((has_sequence || may_lack_it) == schema.at("properties").as_object().contains("lane"));
    found.insert(type);
  }
  CHECK(found == types);
}
