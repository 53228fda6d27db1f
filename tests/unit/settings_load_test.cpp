// What is wrong in a configuration is told: all of it, with line and column, in words that help.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "daemon/settings/load_settings.hpp"

using namespace gatehouse;

namespace {

const std::string gateway = "gateway: {id: hq-01, tenant: acme, sites: [hq, annex]}\n";  // line 1
const std::string server =
    "integrations:\n"                                   // line 2
    "  - id: net2-hq\n"                                 // line 3
    "    url: https://net2.hq.lan:8443\n"               // line 4
    "    tls: {ca: /etc/ca.pem}\n";                     // line 5; what follows is line 6
const std::string door = "doors: [{id: net2-hq/1}]\n";  // one line
const std::string reception = "access_points: [{id: reception, site: hq}]\n";

std::string shown(const Loaded& loaded) {
  std::string out;
  for (const Fault& fault : loaded.faults) out += to_string(fault) + "\n";
  return out;
}

struct Wrong {
  std::string text;
  int line;
  int column;
  std::string message;  ///< or a part of it
};

void require_told(const Wrong& wrong) {
  const Loaded loaded = load_settings_text(wrong.text, "g.yaml");
  INFO(wrong.text);
  INFO("expected " << wrong.line << ":" << wrong.column << ": " << wrong.message << "\nfaults:\n"
                   << shown(loaded));
  CHECK_FALSE(loaded.settings);
  bool told = false;
  for (const Fault& fault : loaded.faults)
    told = told || (fault.line == wrong.line && fault.column == wrong.column &&
                    fault.message.find(wrong.message) != std::string::npos);
  CHECK(told);
}

Settings loaded(const std::string& text) {
  Loaded result = load_settings_text(text, "g.yaml");
  INFO(text << shown(result));
  REQUIRE(result.settings);
  return *result.settings;
}

}  // namespace

TEST_CASE("A value of the wrong type or out of range is refused where it stands", "[settings]") {
  const auto wrong = GENERATE_COPY(values<Wrong>({
      {"gateway: hello\n", 1, 10, "expected a mapping (key: value), found 'hello'"},
      {"gateway: {id: [a], tenant: acme}\n", 1, 15, "found a list"},
      {"gateway: {id: Hq, tenant: acme}\n", 1, 15, "a-z, 0-9 and '-'"},
      {"gateway: {id: -a, tenant: acme}\n", 1, 15, "a-z, 0-9 and '-'"},
      {"gateway: {id: 7, tenant: acme}\n", 1, 15, "as text it needs quotes: \"7\""},
      {"gateway: {id: a, tenant: acme, timezone: Europe/Londn}\n", 1, 42, "IANA time zone"},
      {"gateway: {id: a, tenant: acme, timezone: ../etc/passwd}\n", 1, 42, "IANA time zone"},
      {"gateway: {id: a, tenant: acme, polkit: auot}\n", 1, 40, "did you mean 'auto'?"},
      {"gateway: {id: a, tenant: acme, bus: sesion}\n", 1, 37, "did you mean 'session'?"},
      {"gateway: {id: a, tenant: acme, name: }\n", 1, 32, "found nothing"},
      {gateway + "integrations:\n", 2, 1, "expected a list, found nothing (leave the key out, or write [])"},
      {gateway + "integrations: {}\n", 2, 15, "expected a list, found a mapping"},
      {gateway + server + "    enabled: yes\n", 6, 14, "expected true or false, found 'yes'"},
      {gateway + server + "    enabled: \"true\"\n", 6, 14,
       "expected true or false, found the text \"true\""},
      {gateway + server + "    kind: net3\n", 6, 11, "did you mean 'net2'?"},
      {gateway + server + "    poll: {people: 500ms}\n", 6, 20, "500ms is out of range, 1s to 1d"},
      {gateway + server + "    poll: {events: 100ms}\n", 6, 20, "100ms is out of range, 200ms to 1h"},
      {gateway + server + "    poll: {doors: 30}\n", 6, 19, "a duration with its unit"},
      {gateway + server + "    poll: {people: 99999999999999999999d}\n", 6, 20, "a duration with its unit"},
      {gateway + server + "    poll: {events_from: yesterday}\n", 6, 25, "now, or a duration back"},
      {gateway + server + "    sync: {full: {at: \"24:00\"}}\n", 6, 23, "a time of day"},
      {gateway + server + "    sync: {full: {every: monthly, on: 32}}\n", 6, 39,
       "32 is out of range, 1 to 31"},
      {gateway + server + "    sync: {full: {every: weekly, on: sundy}}\n", 6, 38, "did you mean 'sunday'?"},
      {gateway + server + "    sync: {full: {on: sunday}}\n", 6, 23, "'on' is for weekly"},
      {gateway + server + "    sync: {guard: {removals: {percent: 101}}}\n", 6, 40, "out of range, 0 to 100"},
      {gateway + server + "    sync: {guard: {removals: {count: -1}}}\n", 6, 38, "out of range"},
      {gateway + server + "    sync: {groups: {Staff: employe}}\n", 6, 28, "did you mean 'employee'?"},
      {gateway + "cloud: {host: mqtt://h}\n", 2, 15, "without scheme and port"},
      {gateway + "cloud: {host: h, port: 0}\n", 2, 24, "0 is out of range, 1 to 65535"},
      {gateway + "cloud: {host: h, port: \"8883\"}\n", 2, 24,
       "a whole number, 1 to 65535, found the text \"8883\""},
      {gateway + "cloud: {host: h, port: 8883.5}\n", 2, 24, "found the number 8883.5"},
      {gateway + "cloud: {host: h, command_max_ttl: 61s}\n", 2, 35, "61s is out of range, 1s to 1m"},
      {gateway + "cloud: {host: h, keepalive: 5500ms}\n", 2, 29, "whole seconds"},
      {gateway + "cloud: {host: h, topic_root: a/#}\n", 2, 30, "an MQTT topic"},
      {gateway + "cloud: {host: h, proxy: \"http://p:1\"}\n", 2, 25, "socks5h://HOST:PORT"},
      {gateway + "cloud: {host: h, proxy: \"socks5h://u:secret@p:1\"}\n", 2, 25, "without user and password"},
      {gateway + "cloud: {host: h, rate: {per_key: 20}}\n", 2, 34, "a rate such as 20/s"},
      {gateway + "cloud: {host: h, outbox: {max_bytes: 1GB}}\n", 2, 38, "a size with its unit"},
      {gateway + "cloud: {host: h, outbox: {max_bytes: 9999999999999TiB}}\n", 2, 38, "a size with its unit"},
      {gateway + "metrics: {listen: \"0.0.0.0:9464\"}\n", 2, 19, "loopback"},
      {gateway + "metrics: {listen: \"localhost:9464\"}\n", 2, 19, "an IP address and a port"},
      {gateway + "lan_api: {tls: {cert: c}, clients: [{id: k, token_sha256: abc}]}\n", 2, 59,
       "64 hex digits"},
      {gateway + "schedules: {h: {mon: [\"7:00-19:00\"]}}\n", 2, 23, "hours from start to end"},
      {gateway + "schedules: {h: {except: [\"2026-02-30\"]}}\n", 2, 26, "a date"},
      {gateway + server + "doors: [{id: net2-hq/abc}]\n", 6, 14, "a door, INTEGRATION/DOORID"},
      {gateway + server + "doors: [{id: net2-hq/1, open: 61s}]\n", 6, 31, "out of range, 1s to 1m"},
      {gateway + "access_points: [{id: a, site: hq, delay: 61s}]\n", 2, 42, "61s is out of range, 0s to 1m"},
  }));
  require_told(wrong);
}

TEST_CASE("A reference to something undefined is refused, with the nearest name", "[settings]") {
  const auto wrong = GENERATE_COPY(values<Wrong>({
      {gateway + server + "    sites: [hqq]\n", 6, 13, "no site 'hqq' is defined; did you mean 'hq'?"},
      {gateway + server + "    sync: {site: {default: anex}}\n", 6, 28, "did you mean 'annex'?"},
      {gateway + server + "    sync: {site: {rules: [{department: A, site: b}]}}\n", 6, 49, "no site 'b'"},
      {gateway + server + "    sync: {export: {access_level: {hqq: Staff}}}\n", 6, 36, "no site 'hqq'"},
      {gateway +
           "policy: {rules: [{tag: a, hours: busness}]}\nschedules: {business: {mon: [\"07:00-19:00\"]}}\n",
       2, 34, "no schedule 'busness' is defined; did you mean 'business'?"},
      {gateway + "doors: [{id: net2-hq/1}]\n", 2, 14, "no integration of kind net2 'net2-hq' is defined"},
      {gateway + "integrations: [{id: f, kind: feed}]\ndoors: [{id: f/1}]\n", 3, 14,
       "'f' is not an integration of kind net2"},
      {gateway + server + door + "scopes: [{id: s, doors: [net2-hq/2]}]\n", 7, 26,
       "no door 'net2-hq/2' is defined; did you mean 'net2-hq/1'?"},
      {gateway + server + door + "access_points: [{id: a, site: hq, doors: [net2-hq/2]}]\n", 7, 43,
       "no door"},
      {gateway + "access_points: [{id: a, site: nowhere}]\n", 2, 31, "no site 'nowhere'"},
      {gateway + server + "lan_api: {tls: {cert: c}, clients: [{id: k, token_sha256: " +
           std::string(64, 'a') + ", feeds: [net2-hq]}]}\n",
       6, 133, "'net2-hq' is not an integration of kind feed"},
      {gateway + "lan_api: {tls: {cert: c}, clients: [{id: k, token_sha256: " + std::string(64, 'a') +
           ", access_points: [x]}]}\n",
       2, 141, "no access point 'x'"},
      {gateway + "tests: [{name: t, person: {person_type: visitor}, access_point: x, at: "
                 "\"2026-06-01T10:00\", expect: "
                 "deny}]\n",
       2, 65, "no access point 'x'"},
  }));
  require_told(wrong);
}

TEST_CASE("What cannot hold together is refused", "[settings]") {
  const std::string pin = "\"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"";
  const std::string other = "    url: https://h\n    tls: ";
  const std::string start =
      gateway + "integrations:\n  - id: n\n" + other;  // `tls:` stands in line 5, column 10
  const auto wrong = GENERATE_COPY(values<Wrong>({
      {gateway + "integrations: [{id: cloud, kind: feed}]\n", 2, 21, "reserved"},
      {gateway + "integrations: [{id: walk_in, kind: feed}]\n", 2, 21, "reserved"},
      {gateway + "integrations: [{id: f, kind: feed}, {id: f, kind: feed}]\n", 2, 42,
       "duplicate integration 'f'"},
      {"gateway: {id: a, tenant: b, sites: [hq, hq]}\n", 1, 41,
       "duplicate site 'hq', first given at g.yaml:1:37"},
      {gateway + "integrations: [{id: n}]\n", 2, 16, "the key 'url' is missing here"},
      {gateway + "integrations: [{id: n}]\n", 2, 16, "the key 'tls' is missing here"},
      {gateway + "integrations: [{id: f, kind: feed, url: \"https://h\"}]\n", 2, 36, "kind net2 only"},
      {gateway + server + "    directory: /d\n", 6, 5, "kind feed only"},
      {start + "off\n", 5, 10, "certificate checks cannot be switched off"},
      {start + "{}\n", 5, 10, "ca: PATH, or pin"},
      {start + "{ca: a, pin: [" + pin + "]}\n", 5, 10, "either ca or pin, not both"},
      {start + "{pin: []}\n", 5, 16, "one to three pins"},
      {start + "{pin: [\"sha256/abc\"]}\n", 5, 17, "the base64 of 32 bytes"},
      {start + "{pin: [\"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\"]}\n", 5, 17,
       "the base64 of 32 bytes"},
      {start + "{pin: [" + pin + "], server_name: x}\n", 5, 86, "no meaning with a pin"},
      {gateway + "integrations: [{id: n, url: \"http://h\", tls: {ca: a}}]\n", 2, 29, "https://"},
      {gateway + "integrations: [{id: n, url: \"https://\", tls: {ca: a}}]\n", 2, 29, "https://HOST"},
      {gateway + "integrations: [{id: n, url: \"https://h/api\", tls: {ca: a}}]\n", 2, 29, "without a path"},
      {gateway + "integrations: [{id: n, url: \"https://u:p@h\", tls: {ca: a}}]\n", 2, 29,
       "without user and password"},
      {gateway + server + "    password: hunter2\n", 6, 15, "a secret is never written in the file"},
      {gateway + server + "    password: {credental: x}\n", 6, 16, "did you mean 'credential'?"},
      {gateway + server + "    password: {credential: a, env: B}\n", 6, 15, "a secret has one place"},
      {gateway + server + "    password: {credential: a/b}\n", 6, 28, "no '/'"},
      {gateway + server + "    sync: {groups: {Staff: employee, staff : member}}\n", 6, 38,
       "is mapped twice"},
      {gateway + server + "    sync: {fields: {email: fax, phone: fax}}\n", 6, 40,
       "'fax' already feeds email"},
      {gateway + server + "    sync: {fields: {email: mail}}\n", 6, 28, "Net2 has no field 'mail'"},
      {gateway + server + "    sync: {fields: {first_name: firstname}}\n", 6, 33,
       "did you mean 'firstName'?"},
      {gateway + server + "    sync: {group_by: group}\n", 6, 22, "department or access_level"},
      {gateway + server + "    sync: {export: {mode: auto}}\n", 6, 20, "names the person_types"},
      {gateway + "integrations: [{id: f, kind: feed, sync: {export: {mode: auto, person_types: [employee], "
                 "access_level: {default: V}}}}]\n",
       2, 51, "a feed takes no export"},
      {gateway + "policy: {rules: [{statuses: [active]}]}\n", 2, 18, "a rule needs person_type or tag"},
      {gateway + server + "doors: [{id: net2-hq/1, policy: {max_age: {default: 1h}}}]\n", 6, 34,
       "stands only in the site's policy"},
      {gateway + server + door + "scopes: [{id: s, doors: [net2-hq/1]}, {id: t, doors: [net2-hq/1]}]\n", 7,
       55, "already in a scope"},
      {gateway + server + "doors: [{id: net2-hq/1}, {id: net2-hq/1}]\n", 6, 31, "duplicate door 'net2-hq/1'"},
      {gateway + server + "doors: [{id: net2-hq/1, kind: momentary, allow_hold: true}]\n", 6, 54,
       "cannot be held"},
      {gateway + "schedules: {h: {mon-fri: [\"07:00-19:00\"], tue: []}}\n", 2, 43, "tue is given twice"},
      {gateway + reception +
           "tests: [{name: t, person: {person_type: visitor}, access_point: reception, at: "
           "\"2026-06-01T10:00\", expect: deny, reason: visit_windw}]\n",
       3, 122, "did you mean 'visit_window'?"},
      {gateway + "cloud: {host: h, password: {env: P}}\n", 2, 28, "needs a username"},
      {gateway + "cloud: {host: h, tls: off}\n", 2, 23, "cannot be switched off"},
      {gateway +
           "integrations:\n  - {id: a, url: \"https://h\", tls: {ca: c}, enabled: true, sync: {groups: {S: "
           "member}}}\n" +
           "  - {id: b, url: \"https://h\", tls: {ca: c}, enabled: true, sync: {groups: {S: member}}}\n",
       4, 18, "read the group 'S' of the same server"},
      {"integrations: []\n", 1, 1, "the key 'gateway' is missing here"},
  }));
  require_told(wrong);
}

TEST_CASE("What is not plain YAML of one document is refused, and never crashes", "[settings]") {
  const auto wrong = GENERATE_COPY(values<Wrong>({
      {"", 1, 1, "the key 'gateway' is missing here"},
      {"# nothing\n", 1, 1, "the key 'gateway' is missing here"},
      {"hello\n", 1, 1, "expected a mapping"},
      {"- a\n", 1, 1, "expected a mapping"},
      {"gateway: {id: a\n", 2, 1, "YAML syntax"},
      {"gateway:\n\tid: a\n", 2, 4, "a tab is no indentation"},
      {"gateway: {id: a, tenant: b, id: c}\n", 1, 29, "duplicate key 'id', first given in line 1"},
      {gateway + "gateway: {}\n", 2, 1, "duplicate key 'gateway', first given in line 1"},
      {"gateway: !x {id: a, tenant: b}\n", 1, 10, "tags"},
      {gateway + "---\n" + gateway, 3, 1, "only one YAML document"},
      {"gateway: {? [a] : b}\n", 1, 13, "a key must be a word"},
      {"gateway: {id: \"\xC3\x28\", tenant: b}\n", 1, 16, "not UTF-8"},
      {std::string("gateway: a\0b\n", 13), 1, 11, "not UTF-8"},
      {"gateway: \xED\xA0\x80\n", 1, 10, "not UTF-8"},
  }));
  require_told(wrong);
}

TEST_CASE("Two integrations of one server may share a group while one of them is not at work", "[settings]") {
  const auto* const idle = GENERATE("enabled: false", "enabled: true, mode: staging");
  const std::string one = "url: \"https://h\", tls: {ca: c}, sync: {groups: {S: member}}";
  CHECK(loaded(gateway + "integrations:\n  - {id: a, enabled: true, " + one + "}\n  - {id: b, " + idle +
               ", " + one + "}\n")
            .integrations.size() == 2);
}

TEST_CASE("Deep nesting and long lines end in a fault", "[settings]") {
  CHECK_FALSE(load_settings_text("gateway: " + std::string(100'000, '['), "g.yaml").faults.empty());
  CHECK_FALSE(load_settings_text("gateway: " + std::string(100'000, '{'), "g.yaml").faults.empty());
  const Loaded loaded = load_settings_text(gateway + std::string(1'000'000, 'a') + ": b\n", "g.yaml");
  REQUIRE(loaded.faults.size() == 1);
}

TEST_CASE("All faults come in one go, in the order of their lines", "[settings]") {
  const Loaded loaded = load_settings_text(
      "gateway: {id: hq, tenant: acme, colour: red}\n"
      "metrics: {listen: 7}\n"
      "retention: {events: 90, audit: forever}\n"
      "banana: 1\n",
      "g.yaml");
  REQUIRE(loaded.faults.size() == 5);
  CHECK(to_string(loaded.faults[0]) == "g.yaml:1:33: unknown key 'colour'");
  CHECK(loaded.faults[1].line == 2);
  CHECK(loaded.faults[2].line == 3);
  CHECK(loaded.faults[3].line == 3);
  CHECK(to_string(loaded.faults[4]) == "g.yaml:4:1: unknown key 'banana'");
}

TEST_CASE("After a syntax error nothing else is said", "[settings]") {
  const Loaded loaded = load_settings_text("banana: 1\ngateway: [\n", "g.yaml");
  REQUIRE(loaded.faults.size() == 1);
  CHECK(loaded.faults[0].message.find("YAML syntax") == 0);
}

TEST_CASE("A secret written in the file is never repeated in a message", "[settings]") {
  for (const std::string value :
       {"hunter2", "[hunter2]", "{credential: [hunter2]}", "{hunter: hunter2}", "{file: }"}) {
    for (const std::string key : {"password", "pasword", "client_id"}) {
      const std::string text = gateway + server + "    " + key + ": " + value + "\n";
      const Loaded result = load_settings_text(text, "g.yaml");
      INFO(shown(result));
      CHECK_FALSE(result.settings);
      CHECK(shown(result).find("hunter2") == std::string::npos);
    }
  }
}

TEST_CASE("A key that is left out has its default", "[settings]") {
  const Settings settings = loaded(gateway + server + "cloud: {host: h}\n");
  const Integration& net2 = settings.integrations.at(0);
  CHECK(settings.gateway.name == "hq-01");
  CHECK(settings.gateway.sites.at(1).timezone == "Europe/London");
  CHECK_FALSE(settings.gateway.state_dir);
  CHECK(net2.name == "net2-hq");
  CHECK_FALSE(net2.enabled);
  CHECK(net2.automatic);
  CHECK(net2.net2.username == "Gateway Service");
  CHECK(net2.net2.password == SecretRef{SecretRef::Kind::credential, "net2-hq.password"});
  CHECK(net2.net2.client_id == SecretRef{SecretRef::Kind::credential, "net2-hq.client_id"});
  CHECK(net2.net2.timezone == "Europe/London");
  CHECK(net2.net2.poll == Net2Poll{});
  CHECK(net2.sync.fields.at(FieldTarget::email) == "custom:Email");
  CHECK(net2.sync.site.fallback == SiteId{"hq"});
  CHECK(net2.sync.groups.empty());
  CHECK(settings.policy.policy == Policy{});
  CHECK_FALSE(settings.policy.policy.employees.open);
  CHECK(settings.policy.max_age.by_type.at(PersonType::visitor) == std::chrono::hours{12});
  CHECK(settings.cloud->client_id == "acme.hq-01");
  CHECK(settings.cloud->tls.cert == "/etc/gatehouse/gateway.pem");
  CHECK_FALSE(settings.metrics);
  CHECK_FALSE(settings.lan_api);
}

TEST_CASE("Names are always read; what else is not mapped is not stored", "[settings]") {
  using enum FieldTarget;
  using Fields = std::map<FieldTarget, SourceField>;
  const auto fields = [](const std::string& integration) {
    return loaded(gateway + "integrations: [{" + integration + "}]\n").integrations.front().sync.fields;
  };
  const std::string net2 = "id: a, url: \"https://h\", tls: {ca: c}";
  CHECK(fields(net2 + ", sync: {fields: {email: \"custom:Mail\"}}") ==
        Fields{{first_name, "firstName"}, {last_name, "lastName"}, {email, "custom:Mail"}});
  CHECK(fields(net2 + ", sync: {fields: {first_name: middleName}}") ==
        Fields{{first_name, "middleName"}, {last_name, "lastName"}});
  CHECK(fields(net2 + ", sync: {first: auto}").size() == 4);
  CHECK(fields("id: a, kind: feed, sync: {fields: {phone: mobile}}") ==
        Fields{{first_name, "first_name"}, {last_name, "last_name"}, {phone, "mobile"}});
  require_told({gateway + server + "    sync: {fields: {phone: firstName}}\n", 6, 28,
                "'firstName' already feeds first_name"});
}

TEST_CASE("Rules for sites without a default leave the others without a site", "[settings]") {
  const auto home = [](const std::string& sync) {
    return loaded(gateway + server + sync).integrations.front().sync.site.fallback;
  };
  CHECK(home("") == SiteId("hq"));
  CHECK(home("    sites: [annex]\n") == SiteId("annex"));
  CHECK(home("    sync: {site: {rules: []}}\n") == SiteId("hq"));
  CHECK(home("    sync: {site: {rules: [{department: \"L*\", site: annex}]}}\n") == std::nullopt);
  CHECK(home("    sync: {site: {default: annex, rules: [{department: \"L*\", site: hq}]}}\n") ==
        SiteId("annex"));
}

TEST_CASE("A guard's window may be as short as a second", "[settings]") {
  const auto sync =
      loaded(gateway + server + "    sync: {guard: {removals: {window: 1s}}}\n").integrations[0].sync;
  CHECK(sync.guard.window == std::chrono::seconds(1));
}

TEST_CASE("A gateway with a password and no certificate shows the broker none", "[settings]") {
  const Settings settings = loaded(gateway + "cloud: {host: h, username: u, password: {env: P}}\n");
  CHECK_FALSE(settings.cloud->tls.cert);
  CHECK_FALSE(settings.cloud->tls.key);
  const Settings half =
      loaded(gateway + "cloud: {host: h, username: u, password: {env: P}, tls: {cert: /c}}\n");
  CHECK(half.cloud->tls.key == SecretRef{SecretRef::Kind::credential, "gateway.key"});
}

TEST_CASE("Values are what they were written as", "[settings]") {
  const Settings settings = loaded(
      gateway + server +
      "    poll: {events: 500ms, events_from: 7d}\n"
      "    sync: {full: {every: monthly, at: 04:15, on: 31}, groups: {Zoo: member, Ape: visitor}}\n" +
      door +
      "schedules: {night: {fri-mon: [\"22:00-06:00\", \"12:00-24:00\"]}}\n"
      "cloud: {host: h, rate: {per_door: 5/min}, outbox: {max_bytes: 64MiB}, proxy: socks5h://p:1080}\n"
      "access_points: [{id: a, site: annex, doors: [net2-hq/1], open_on: [in, out], open_modes: [qr], delay: "
      "60s}]\n");
  const Integration& net2 = settings.integrations.at(0);
  CHECK(net2.net2.poll.events == Duration{500});
  CHECK(net2.net2.poll.events_from == std::chrono::days{7});
  CHECK(net2.sync.full.day == 31);
  CHECK(net2.sync.full.at == std::chrono::minutes{255});
  CHECK(net2.sync.groups.at(0).group == "Zoo");
  const Schedule& night = settings.schedules.at(ScheduleId{"night"});
  CHECK(night.days.at(0).size() == 2);
  CHECK(night.days.at(2).empty());
  CHECK(night.days.at(5).at(0).runs_into_next_day());
  CHECK(night.days.at(6).at(1) == Window{std::chrono::minutes{720}, std::chrono::minutes{1440}});
  CHECK(settings.cloud->rate.per_door == Rate{5, std::chrono::minutes{1}});
  CHECK(settings.cloud->outbox.max_bytes == 64u << 20);
  CHECK(settings.cloud->proxy == Proxy{"p", 1080});
  CHECK(settings.access_points.at(0).doors.at(0) == DoorId{IntegrationId{"net2-hq"}, Net2DoorId{1}});
}
