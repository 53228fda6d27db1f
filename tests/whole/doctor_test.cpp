// `gatehouse doctor`: each fault that it names is brought about, found, and named once, with a cure
// (issue 5, reliability.md S11, features.md D-4 and S2-H10).

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/unit/scripted_broker.hpp"
#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

struct Report {
  int status = 0;
  boost::json::object document;
  std::string whole;

  std::vector<boost::json::object> of(std::string_view severity) const {
    std::vector<boost::json::object> found;
    const auto* all = document.if_contains("findings");
    if (all == nullptr) return found;
    for (const auto& one : all->as_array()) {
      if (text_at(one.as_object(), "severity") == severity) found.push_back(one.as_object());
    }
    return found;
  }
  std::vector<std::string> codes(std::string_view severity) const {
    std::vector<std::string> found;
    for (const auto& one : of(severity))
      found.push_back(text_at(one, "subject") + ' ' + text_at(one, "code"));
    return found;
  }
};

Report examine(const Gateway& gateway, Argv verb = {"doctor"}) {
  verb.emplace_back("--json");
  const auto ran = gateway.ask(std::move(verb), 30s);
  Report report;
  report.status = ran.status;
  report.whole = ran.out + ran.err;
  boost::json::error_code wrong;
  auto document = boost::json::parse(ran.out, wrong);
  if (!wrong && document.is_object()) report.document = document.as_object();
  return report;
}

using Names = std::vector<std::string>;

/// The one fault there is, in words with a cure; nothing else is called a fault.
void names_once(const Gateway& gateway, const std::string& fault, const std::string& in_words = "") {
  const auto report = examine(gateway);
  INFO(report.whole << "\n" << gateway.log());
  CHECK(report.status == 3);
  REQUIRE(report.codes("fault") == Names{fault});
  const auto one = report.of("fault").front();
  CHECK(text_at(one, "what").size() > 10);
  CHECK(text_at(one, "why").size() > 10);
  CHECK(text_at(one, "fix").size() > 10);
  CHECK_THAT(text_at(one, "what") + text_at(one, "fix"), Catch::Contains(in_words));
}

struct Seeded {
  const char* name;
  const char* code;
  std::function<void(House&)> seed;  ///< before the daemon starts
  const char* in_words = "";
};

void find(const Seeded& fault, const House::Options& options = {.people = 6, .doors = 2}) {
  House house(options);
  fault.seed(house);
  house.gateway.write_config();
  house.gateway.start();
  eventually(5s, [&] { return house.gateway.state() != "pending"; });
  names_once(house.gateway, fault.code, fault.in_words);
}

std::function<void(House&)> with_fault(const char* rule) {
  return [rule](House& house) { house.net2.fault(rule); };
}

std::function<void(House&)> with_certificate(const char* name) {
  return [name](House& house) {
    house.net2.kill();
    house.net2.use_certificate(name);
    house.net2.start();
  };
}

std::function<void(House&)> told(const char* verb, const char* in) {
  return [verb, in](House& house) { house.net2.act(verb, in); };
}

const std::string no_pin = "sha256/" + std::string(43, 'A') + "=";

TEST_CASE("doctor has nothing to say against a gateway that is well", "[doctor]") {
  House house({.people = 20, .doors = 3, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto grants = number_at(house.net2.state(), "tokens_granted");
  const auto report = examine(house.gateway);
  INFO(report.whole);
  CHECK(report.status == 0);
  CHECK(report.of("fault").empty());
  for (const auto* good : {"connected", "signed in as Gateway Service", "the database was read through",
                           "20 people can be read", "its clock agrees"}) {
    CHECK_THAT(report.whole, Catch::Contains(good));
  }
  CHECK(number_at(house.net2.state(), "tokens_granted") == grants + 1);
  const auto one = examine(house.gateway, {"integration", "check", "net2-hq"});
  CHECK(one.status == 0);
  CHECK(one.document.at("well") == true);
  // Nobody was thrown out by it, and the link to the broker is the one of before.
  const auto since = text_at(house.gateway.status().at("cloud").as_object(), "since");
  examine(house.gateway);
  CHECK(text_at(house.gateway.status().at("cloud").as_object(), "since") == since);
  CHECK(house.gateway.state() == "active");
}

TEST_CASE("S11 D-4 each fault on the way to Net2 is found and named once", "[doctor][net2]") {
  const auto fault = GENERATE_COPY(values<Seeded>({
      {"a name that nobody knows", "net2-hq net2.dns",
       [](House& house) { house.gateway.site().net2_host = "no-such-net2.invalid"; }, "no-such-net2.invalid"},
      {"nginx is off: nothing listens", "net2-hq net2.refused", with_fault(R"({"kind":"stop_listening"})"),
       "Local API"},
      {"it accepts and never says a word", "net2-hq net2.no_answer", with_fault(R"({"kind":"black_hole"})")},
      {"a certificate that nobody vouches for", "net2-hq net2.untrusted", with_certificate("other"),
       "sha256/"},
      {"a certificate that ended", "net2-hq net2.certificate_expired", with_certificate("expired")},
      {"a certificate for another name", "net2-hq net2.certificate_name",
       [](House& house) {
         house.gateway.site().net2_tls = "{ca: " + test_certificates() + "/ca.pem, server_name: OTHERPC}";
       },
       "NET2PC"},
      {"another key than pinned", "net2-hq net2.pin",
       [](House& house) { house.gateway.site().net2_tls = "{pin: [\"" + no_pin + "\"]}"; },
       "tls: {pin: [\"sha256/"},
      {"nginx answers 502", "net2-hq net2.service", with_fault(R"({"kind":"502"})")},
      {"a web page in place of JSON", "net2-hq net2.not_net2", with_fault(R"({"kind":"html"})")},
  }));
  DYNAMIC_SECTION(fault.name) {
    find(fault);
  }
}

TEST_CASE("S11 D-4 each fault of the sign-in at Net2 is found and named once", "[doctor][net2]") {
  const auto fault = GENERATE_COPY(values<Seeded>({
      {"the licence file is missing", "net2-hq net2.licence", told("licence", "{}"), "ApiLicences"},
      {"the licence file was renamed", "net2-hq net2.licence", told("licence", R"({"client_id":"renamed"})")},
      {"a wrong password", "net2-hq net2.password",
       [](House& house) { house.gateway.site().password = "not this one"; }, "Gateway Service"},
      {"multi-factor sign-in", "net2-hq net2.mfa", told("switch", R"({"mfa":true})"), "MFA"},
      {"too many sign-ins", "net2-hq net2.too_often", with_fault(R"({"kind":"429","path":"/authorization"})"),
       "429"},
      {"an operator without rights", "net2-hq net2.rights",
       told("operator", R"({"name":"Gateway Service","role":"EventsOnly"})"), "System Engineer"},
      {"an operator who may not use the API", "net2-hq net2.operator",
       with_fault(R"({"kind":"forbidden","path":"/authorization"})"), "403"},
  }));
  DYNAMIC_SECTION(fault.name) {
    find(fault);
  }
}

TEST_CASE("S11 D-4 S1-2 what Net2 lacks is found and named once", "[doctor][net2]") {
  const auto fault = GENERATE_COPY(values<Seeded>({
      {"a custom field was renamed", "net2-hq net2.field", told("field", R"({"id":9,"name":"E-post"})"),
       "E-post"},
      {"no department at all", "net2-hq net2.no_departments", told("department", R"({"remove":"all"})")},
      {"every group has gone", "net2-hq net2.group",
       [](House& house) { house.gateway.site().groups = "{Teachers: employee}"; }, "Teachers"},
      {"D-17 its clock is two hours behind", "net2-hq net2.clock", told("clock", R"({"shift":"-2h"})"),
       "behind"},
      {"a door of the configuration is not there", "net2-hq net2.door",
       [](House& house) {
         house.gateway.site().more = "doors:\n  - {id: net2-hq/99, name: Back door, site: hq}\n";
       },
       "99 (Back door)"},
  }));
  DYNAMIC_SECTION(fault.name) {
    find(fault);
  }
  DYNAMIC_SECTION("not one person, " << fault.code) {
    if (std::string_view(fault.code) != "net2-hq net2.field") return;
    find({"nobody", "net2-hq net2.no_people", [](House&) {}}, {.people = 0, .doors = 2});
    find({"no door", "net2-hq net2.no_doors", [](House&) {}}, {.people = 6, .doors = 0});
    find({"D-17 another time zone", "net2-hq net2.zone", [](House&) {}, "Europe/London"},
         {.people = 6, .doors = 2, .sim_arguments = {"--timezone", "Asia/Tokyo"}});
  }
}

TEST_CASE("What is not broken yet is a warning, and the exit status stays 0", "[doctor][net2]") {
  House house({.people = 6, .doors = 2});
  house.net2.act("version", R"({"version":"5.04.1234"})");
  house.net2.act("department", R"({"name":"Staff","rename":"Team"})");
  house.gateway.site().groups = "{Staff: employee, Cleaners: contractor}";
  house.gateway.write_config();
  house.start_and_import();
  const auto report = examine(house.gateway);
  INFO(report.whole);
  CHECK(report.status == 0);
  const auto warnings = report.codes("warning");
  CHECK(std::ranges::count(warnings, "net2-hq net2.version") == 1);
  CHECK(std::ranges::count(warnings, "net2-hq net2.group") == 1);
  CHECK_THAT(report.whole, Catch::Contains("\\\"Staff\\\""));
}

TEST_CASE("S2-H10 two integrations behind one dead server have one fault", "[doctor][net2]") {
  House house({.people = 6, .doors = 2});
  auto& site = house.gateway.site();
  site.integrations =
      "  - {id: annex, kind: net2, enabled: true, url: \"https://127.0.0.1:" +
      std::to_string(house.net2.port()) +
      "\", username: Gateway Service, password: {file: " + (house.dir / "gateway/password") +
      "}, client_id: {file: " + (house.dir / "gateway/client_id") +
      "}, timezone: Europe/London, tls: {ca: " + test_certificates() +
      "/ca.pem, server_name: NET2PC}, sync: {groups: {Teachers: employee}, fields: {first_name: "
      "firstName, last_name: lastName}}}\n";
  house.gateway.write_config();
  house.net2.fault(R"({"kind":"stop_listening"})");
  house.gateway.start();
  eventually(5s, [&] { return house.gateway.state("annex") == "unreachable"; });
  names_once(house.gateway, "net2-hq net2.refused", "annex has the same");
}

TEST_CASE("S11 each fault on the way to the broker is found and named once", "[doctor][cloud]") {
  const auto& made = test_certificates();
  const auto cloud_tls = [&](const char* ca, const char* cert) {
    return "{ca: " + made + "/" + ca + ".pem, cert: " + made + "/" + cert + ".pem, key: {file: " + made +
           "/" + cert + ".key}}";
  };
  const auto fault = GENERATE_COPY(values<Seeded>({
      {"a name that nobody knows", "cloud cloud.dns",
       [](House& house) { house.gateway.site().broker_host = "no-such-broker.invalid"; }},
      {"the broker is down", "cloud cloud.refused", [](House& house) { house.broker.stop(); }},
      {"another authority", "cloud cloud.untrusted",
       [&](House& house) { house.gateway.site().cloud_tls = cloud_tls("other-ca", "gateway"); },
       "Gatehouse test site"},
      {"a stranger's certificate of ours", "cloud cloud.own_certificate_unwanted",
       [&](House& house) { house.gateway.site().cloud_tls = cloud_tls("ca", "stranger"); }},
      {"our certificate ended", "cloud cloud.own_certificate_expired",
       [&](House& house) { house.gateway.site().cloud_tls = cloud_tls("ca", "old-gateway"); }, "ended on"},
      {"a protocol name that the broker does not know", "cloud cloud.alpn",
       [&](House& house) {
         static test::TestAuthority authority;
         static const test::ScriptedBroker broker(authority);
         static const auto mine = authority.issue_client("gateway");
         house.gateway.site().broker_port = broker.port();
         house.gateway.site().cloud_tls = "{ca: " + authority.ca().string() +
                                          ", cert: " + mine.cert.string() +
                                          ", key: {file: " + mine.key.string() + "}, alpn: other}";
       },
       "other"},
      {"the port is not the TLS one: it hangs up", "cloud cloud.cut",
       [](House& house) { house.gateway.site().broker_port = house.net2.control_port(); }},
      {"a proxy that is not there", "cloud cloud.refused",
       [](House& house) {
         house.gateway.site().cloud_more =
             "  proxy: socks5h://127.0.0.1:" + std::to_string(free_port()) + "\n";
       },
       "proxy"},
  }));
  DYNAMIC_SECTION(fault.name) {
    find(fault);
  }
}

TEST_CASE("S11 what a broker has against us is told by the running link, and by nobody else",
          "[doctor][cloud]") {
  struct Refusal {
    std::uint8_t reason;
    const char* code;
  };
  const auto refusal = GENERATE(values<Refusal>({{0x87, "cloud cloud.not_allowed"},
                                                 {0x86, "cloud cloud.password"},
                                                 {0x85, "cloud cloud.refused_by_broker"}}));
  DYNAMIC_SECTION(refusal.code) {
    test::TestAuthority authority;
    test::BrokerScript script;
    script.connack = refusal.reason;
    const test::ScriptedBroker broker(authority, script);
    House house({.people = 6, .doors = 2});
    const auto mine = authority.issue_client("gateway");
    house.gateway.site().broker_port = broker.port();
    house.gateway.site().cloud_tls = "{ca: " + authority.ca().string() + ", cert: " + mine.cert.string() +
                                     ", key: {file: " + mine.key.string() + "}}";
    house.gateway.write_config();
    house.gateway.start();
    REQUIRE(broker.wait_for([](const test::Seen& seen) { return seen.connections >= 1; }));
    REQUIRE(eventually(10s,
                       [&] { return house.gateway.log().find("no cloud connection") != std::string::npos; }));
    const auto connects = broker.seen().connections;
    names_once(house.gateway, refusal.code, "s ago");
    CHECK(broker.seen().connections <= connects + 1);  // the link's own next try, at most
  }
}

TEST_CASE("S11 a broker whose certificate ended, or is another's, is named", "[doctor][cloud]") {
  const bool ended = GENERATE(true, false);
  test::TestAuthority authority;
  test::CertificateOrder order;
  order.dns = {ended ? "localhost" : "mqtt.example.com"};
  if (ended) {
    order.valid_from = std::chrono::hours(-48);
    order.valid_for = std::chrono::hours(24);
  }
  const test::ScriptedBroker broker(authority, {}, authority.issue("broker", order));
  House house({.people = 6, .doors = 2});
  const auto mine = authority.issue_client("gateway");
  house.gateway.site().broker_port = broker.port();
  house.gateway.site().cloud_tls = "{ca: " + authority.ca().string() + ", cert: " + mine.cert.string() +
                                   ", key: {file: " + mine.key.string() + "}}";
  house.gateway.write_config();
  house.gateway.start();
  names_once(house.gateway, ended ? "cloud cloud.certificate_expired" : "cloud cloud.certificate_name",
             ended ? "renew it" : "mqtt.example.com");
}

TEST_CASE("S11 each fault of the machine is found and named once", "[doctor][disk]") {
  const auto fault = GENERATE_COPY(values<Seeded>({
      {"the disk has less than is to stay free", "gateway disk.low",
       [](House& house) { house.gateway.site().outbox = "{min_free: 1024GiB}"; }, "min_free"},
      {"a feed's directory is missing", "cctv feed.directory_missing",
       [](House& house) {
         house.gateway.site().integrations =
             "  - {id: cctv, kind: feed, enabled: true, directory: " + (house.dir / "cctv") +
             ", sync: {groups: {identified: member}, fields: {first_name: first_name, last_name: "
             "last_name}}}\n";
       },
       "install -d"},
      {"the certificate of the LAN interface ended", "gateway lan.certificate_expired",
       [](House& house) {
         house.gateway.site().more = "lan_api:\n  listen: \"127.0.0.1:" + std::to_string(free_port()) +
                                     "\"\n  tls: {cert: " + test_certificates() +
                                     "/expired.pem, key: {file: " + test_certificates() + "/expired.key}}\n";
       }},
      {"the keys of commands are of a kind that is not taken", "gateway command_keys",
       [](House& house) {
         write_file(house.dir / "keys.json", R"({"keys":[{"kty":"RSA","kid":"a"}]})");
         ::chmod((house.dir / "keys.json").c_str(), 0600);
         house.gateway.site().cloud_more = "  command_keys: " + (house.dir / "keys.json") + "\n";
       }},
  }));
  DYNAMIC_SECTION(fault.name) {
    find(fault);
  }
}

TEST_CASE("S11 what breaks while the gateway runs is found and named once", "[doctor][disk]") {
  House house({.people = 40, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  SECTION("a damaged page of the database") {
    const auto path = house.gateway.state_dir() + "/gatehouse.db";
    REQUIRE(house.gateway.stop() == 0);  // what is in the log goes into the file
    house.gateway.start();
    REQUIRE(house.state_becomes("active", 30s));
    const auto size = std::filesystem::file_size(path);
    REQUIRE(size > 40'960);
    // A page that the log has is written whole from there, as it is at every look: so several, after one.
    CHECK(examine(house.gateway).status == 0);
    {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      for (const std::uintmax_t part : {3U, 4U, 5U, 6U, 7U}) {
        file.seekp(static_cast<std::streamoff>(size / 4096 * part / 8 * 4096 + 100));
        file.write("flipped by a test", 17);
      }
    }
    names_once(house.gateway, "gateway database.damaged", "page");
    CHECK(house.gateway.running());
  }
  SECTION("the files of the configuration") {
    std::ofstream(house.gateway.config_path(), std::ios::app) << "\nunknown_section: 1\n";
    names_once(house.gateway, "gateway config.faulty", "unknown_section");
    CHECK(house.gateway.ask({"config", "reload"}).status == 1);
    names_once(house.gateway, "gateway config.faulty");
  }
  SECTION("a secret that went away") {
    std::filesystem::remove(house.dir / "gateway/password");
    names_once(house.gateway, "net2-hq secret.unreadable", "password");
  }
  SECTION("the broker, with news that waits") {
    house.broker.stop();
    house.net2.swipes(20);
    names_once(house.gateway, "cloud cloud.refused");
  }
}

TEST_CASE("D-17 the cloud's clock is known by its signed commands, and a late one proves nothing",
          "[doctor][access]") {
  AccessHouse house;
  const auto ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  house.start_and_import();
  REQUIRE(house.becomes("active"));
  REQUIRE(house.told("person.upserted", 1));
  REQUIRE(house.recorder.wait(
      10s, [](const Ledger& l) { return !deep(l.last("/up/state"), "data.epoch").empty(); }));
  auto claims = house.claims("access.sign_in", AccessHouse::sign_in({{"id", house.person_id(ada)}}));
  for (const auto* name : {"iat", "exp"}) claims[name] = claims.at(name).as_int64() - 300;
  REQUIRE(house.reply(house.send(claims)));
  names_once(house.gateway, "gateway clock.cloud", "behind");
  // What is in time shows that the clock is right: the other was only late.
  CHECK(flag_at(house.call("access.sign_in", AccessHouse::sign_in({{"id", house.person_id(ada)}})), "ok"));
  const auto report = examine(house.gateway);
  INFO(report.whole);
  CHECK(report.codes("fault").empty());
  CHECK(report.status == 0);
}

TEST_CASE("Without its daemon doctor says so first, and looks at what it can", "[doctor]") {
  House house({.people = 6, .doors = 2});
  const auto report = examine(house.gateway, {"doctor", "--config", house.gateway.config_path()});
  INFO(report.whole);
  CHECK(report.status == 4);
  REQUIRE_FALSE(report.codes("fault").empty());
  CHECK(report.codes("fault").front() == "gateway daemon.unreachable");
  CHECK_THAT(report.whole, Catch::Contains("has no faults"));
}

}  // namespace
}  // namespace gatehouse::whole
