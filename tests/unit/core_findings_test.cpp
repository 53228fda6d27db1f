// What a check-up says: causes before consequences, each fault once, in words with a cure.

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "daemon/core/cloud_findings.hpp"
#include "daemon/core/contact_findings.hpp"
#include "daemon/core/findings.hpp"
#include "daemon/core/net2_findings.hpp"

using namespace gatehouse;

namespace {

const Instant now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

Finding fault(std::string code, std::string subject = "net2-hq", std::string peer = "") {
  return {.code = std::move(code),
          .subject = std::move(subject),
          .severity = Severity::fault,
          .what = "what",
          .why = "why",
          .fix = "fix",
          .peer = std::move(peer)};
}

std::vector<std::string> codes(const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  all.reserve(findings.size());
  for (const auto& finding : findings) all.push_back(finding.code);
  return all;
}

using Codes = std::vector<std::string>;

Integration net2_hq() {
  Integration integration;
  integration.id = IntegrationId("net2-hq");
  integration.name = "Head office";
  integration.enabled = true;
  integration.net2.url = "https://net2.hq.lan:8443";
  integration.net2.username = "Gateway Service";
  integration.net2.password = {SecretRef::Kind::credential, "net2-hq.password"};
  integration.net2.client_id = {SecretRef::Kind::credential, "net2-hq.client_id"};
  integration.net2.tls.ca = "/etc/gatehouse/net2-ca.pem";
  integration.sync.groups = {{"Staff", PersonType::employee}, {"Cleaners", PersonType::contractor}};
  integration.sync.fields = {{FieldTarget::first_name, "firstName"}, {FieldTarget::email, "custom:Email"}};
  return integration;
}

SeenCertificate good_certificate() {
  return {.subject = "CN=NET2PC",
          .issuer = "CN=Site CA",
          .names = {"NET2PC", "10.0.0.5"},
          .not_before = now - std::chrono::days(100),
          .not_after = now + std::chrono::days(400),
          .pin = "sha256/abcdefg="};
}

ServerContact good_contact(std::string peer = "net2.hq.lan:8443") {
  ServerContact contact;
  contact.peer = std::move(peer);
  contact.named = true;
  contact.expected_name = "net2.hq.lan";
  contact.shown = good_certificate();
  contact.took = Duration(12);
  return contact;
}

ServerContact in_trouble(ContactTrouble trouble, std::string peer = "net2.hq.lan:8443") {
  auto contact = good_contact(std::move(peer));
  contact.trouble = trouble;
  contact.detail = "the system's words";
  return contact;
}

Net2Evidence good_evidence() {
  Net2Evidence evidence;
  evidence.contact = good_contact();
  evidence.sign_in = Net2SignIn::done;
  evidence.clock_ahead = Duration(1'000);
  evidence.version = "6.9.11530";
  evidence.people = 500;
  evidence.departments = {"Staff", " cleaners "};
  evidence.access_levels = {"All hours"};
  evidence.custom_fields = {"Address 1", "email "};
  evidence.doors = {{6203980, "Front door"}};
  return evidence;
}

/// One line each, and a cure: a person who knows nothing of it has something to do.
void check_words(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    INFO(finding.code);
    for (const auto* text : {&finding.what, &finding.why, &finding.fix}) {
      CHECK(text->size() > 8);
      CHECK(text->find('\n') == std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE("S2-H10 A consequence of a named cause is not named again", "[doctor]") {
  SECTION("what the running link says of what the probe has found") {
    CHECK(codes(causes_first({fault("net2.link"), fault("net2.refused")})) == Codes{"net2.refused"});
    CHECK(codes(causes_first({fault("cloud.link", "cloud"), fault("cloud.dns", "cloud")})) ==
          Codes{"cloud.dns"});
    CHECK(codes(causes_first({fault("net2.link", "annex"), fault("net2.refused")})) ==
          Codes{"net2.link", "net2.refused"});
  }
  SECTION("a fault that no link stumbles over explains none") {
    CHECK(codes(causes_first({fault("net2.clock"), fault("net2.link")})) == Codes{"net2.clock", "net2.link"});
  }
  SECTION("a chain: the name server, the name, the link") {
    CHECK(codes(causes_first({fault("net2.link"), fault("net2.dns"), fault("network.dns", "gateway"),
                              fault("cloud.dns", "cloud"), fault("cloud.link", "cloud")})) ==
          Codes{"network.dns"});
  }
  SECTION("one that is worth saying stands behind its cause, and is no fault of its own") {
    const auto report = causes_first({fault("outbox.waiting", "gateway"), fault("cloud.dns", "cloud"),
                                      fault("network.dns", "gateway"), fault("disk.low", "gateway")});
    CHECK(codes(report) == Codes{"network.dns", "outbox.waiting", "disk.low"});
    CHECK(report[1].severity == Severity::note);
    CHECK(report[1].caused_by == Finding::Cause{"network.dns", "gateway"});
  }
  SECTION("a clock that is wrong makes certificates look wrong") {
    CHECK(codes(causes_first({fault("net2.certificate_not_yet"), fault("clock.untrusted", "gateway")})) ==
          Codes{"clock.untrusted"});
  }
  SECTION("only what is broken breaks something else") {
    auto warning = fault("net2.version");
    warning.severity = Severity::warning;
    CHECK(codes(causes_first({fault("net2.link"), warning})) == Codes{"net2.link", "net2.version"});
  }
  SECTION("the same found twice is said once") {
    CHECK(codes(causes_first({fault("cloud.own_certificate_expired", "cloud"),
                              fault("cloud.own_certificate_expired", "cloud")})) ==
          Codes{"cloud.own_certificate_expired"});
    CHECK(causes_first({fault("secret.unreadable"), fault("secret.unreadable")}).size() == 2);
  }
  SECTION("two integrations behind one address have one fault") {
    const auto report =
        causes_first({fault("net2.refused", "net2-hq", "pc:8443"), fault("net2.refused", "annex", "pc:8443"),
                      fault("net2.link", "annex"), fault("net2.refused", "leeds", "other:8443")});
    REQUIRE(report.size() == 2);
    CHECK_THAT(report[0].what, Catch::Contains("annex has the same"));
  }
}

TEST_CASE("Findings are read from the gateway outwards, and faults first", "[doctor]") {
  auto note = fault("outbox.dead", "gateway");
  note.severity = Severity::note;
  auto warning = fault("net2.group");
  warning.severity = Severity::warning;
  CHECK(codes(causes_first({fault("cloud.refused", "cloud"), warning, fault("net2.password"), note,
                            fault("disk.low", "gateway")})) ==
        Codes{"disk.low", "outbox.dead", "net2.password", "net2.group", "cloud.refused"});
}

TEST_CASE("D-4 Each layer of the way to Net2 has a code, words and a cure", "[doctor]") {
  std::set<std::string> seen;
  for (int i = 1; i <= static_cast<int>(ContactTrouble::protocol_unknown); ++i) {
    const auto trouble = static_cast<ContactTrouble>(i);
    const auto net2 = net2_contact_findings("net2-hq", net2_hq().net2, in_trouble(trouble), now);
    REQUIRE(net2.size() == 1);
    CHECK(net2[0].severity == Severity::fault);
    CHECK(net2[0].code.starts_with("net2."));
    check_words(net2);
    Cloud cloud;
    cloud.host = "mqtt.example.com";
    const auto broker = cloud_contact_findings(cloud, in_trouble(trouble, "mqtt.example.com:8883"), now);
    REQUIRE(broker.size() == 1);
    CHECK(broker[0].code.starts_with("cloud."));
    check_words(broker);
    seen.insert(broker[0].code);
  }
  CHECK(seen.size() >= 16);
  const auto pin =
      net2_contact_findings("net2-hq", net2_hq().net2, in_trouble(ContactTrouble::wrong_key), now);
  CHECK_THAT(pin[0].fix, Catch::Contains("tls: {pin: [\"sha256/abcdefg=\"]}"));
  const auto off = net2_contact_findings("net2-hq", net2_hq().net2, in_trouble(ContactTrouble::refused), now);
  CHECK_THAT(off[0].fix, Catch::Contains("Local API") && Catch::Contains("Net2 Nginx"));
}

TEST_CASE("A certificate is spoken of thirty days before its end, and a pinned one never", "[doctor]") {
  auto contact = good_contact();
  auto server = net2_hq().net2;
  const auto ends_in = [&](std::chrono::hours left) {
    contact.shown->not_after = now + left;
    return net2_contact_findings("net2-hq", server, contact, now);
  };
  CHECK(ends_in(std::chrono::hours(24 * 31)).empty());
  const auto soon = ends_in(std::chrono::hours(24 * 29));
  REQUIRE(soon.size() == 1);
  CHECK(soon[0].code == "net2.certificate_ends");
  CHECK(soon[0].severity == Severity::warning);
  CHECK_THAT(soon[0].what, Catch::Contains("2026-06-30, in 29 days"));
  server.tls.pins = {"sha256/abcdefg="};
  CHECK(ends_in(std::chrono::hours(-1)).empty());
}

TEST_CASE("D-4 Each way a sign-in can fail has its own words", "[doctor]") {
  const auto integration = net2_hq();
  std::set<std::string> seen;
  for (const auto how : {Net2SignIn::wrong_password, Net2SignIn::unknown_client, Net2SignIn::mfa,
                         Net2SignIn::too_often, Net2SignIn::forbidden, Net2SignIn::service_down,
                         Net2SignIn::no_net2, Net2SignIn::no_answer, Net2SignIn::odd}) {
    auto evidence = good_evidence();
    evidence.sign_in = how;
    const auto found = net2_findings(integration, {}, evidence, now);
    REQUIRE(found.size() == 1);
    check_words(found);
    seen.insert(found[0].code);
  }
  CHECK(seen.size() == 9);
  auto evidence = good_evidence();
  evidence.sign_in = Net2SignIn::unknown_client;
  CHECK_THAT(net2_findings(integration, {}, evidence, now)[0].fix,
             Catch::Contains("ApiLicences") && Catch::Contains("restart") &&
                 Catch::Contains("credential net2-hq.client_id"));
}

TEST_CASE("A Net2 server that is well has nothing said against it", "[doctor]") {
  CHECK(net2_findings(net2_hq(), {}, good_evidence(), now).empty());
  CHECK(net2_sound_parts(net2_hq(), good_evidence()).size() >= 5);
}

TEST_CASE("S1-2 What a Net2 server lacks is named", "[doctor]") {
  auto integration = net2_hq();
  auto evidence = good_evidence();
  std::vector<ConfiguredDoor> doors;
  std::string code;
  std::string in_words;
  auto severity = Severity::fault;
  SECTION("nobody") {
    evidence.people = 0;
    code = "net2.no_people";
  }
  SECTION("no door") {
    evidence.doors->clear();
    code = "net2.no_doors";
  }
  SECTION("a door of the configuration") {
    ConfiguredDoor door;
    door.id = {IntegrationId("net2-hq"), Net2DoorId(7)};
    door.name = "Back door";
    doors = {door, door};
    doors[1].id.integration = IntegrationId("another");
    code = "net2.door";
    in_words = "7 (Back door)";
  }
  SECTION("a custom field") {
    evidence.custom_fields = {"Address 1", "E-mail"};
    code = "net2.field";
    in_words = "\"Email\"; it has \"Address 1\", \"E-mail\"";
  }
  SECTION("a custom field that is there twice") {
    evidence.custom_fields->push_back("EMAIL");
    code = "net2.field_twice";
  }
  SECTION("a group of several") {
    evidence.departments = {"Staff"};
    code = "net2.group";
    in_words = "\"Cleaners\"";
    severity = Severity::warning;
  }
  SECTION("every group") {
    evidence.departments = {"Team"};
    code = "net2.group";
    in_words = "it has \"Team\"";
  }
  SECTION("departments at all: the groups are not spoken of then") {
    evidence.departments->clear();
    code = "net2.no_departments";
  }
  SECTION("groups by access level") {
    integration.sync.group_by = GroupBy::access_level;
    evidence.access_levels = {"Staff", "Cleaners"};
    evidence.departments = {"Team"};
    CHECK(causes_first(net2_findings(integration, doors, evidence, now)).empty());
    return;
  }
  SECTION("an access level for the export") {
    integration.sync.to_net2.mode = ExportMode::automatic;
    integration.sync.to_net2.owner_field = "custom:Email";
    integration.sync.to_net2.default_access_level = "Visitors";
    code = "net2.access_level";
  }
  SECTION("rights") {
    evidence.unread = {{"people", 403, "403"}, {"doors", 403, "403"}};
    evidence.people.reset();
    evidence.doors.reset();
    code = "net2.rights";
    in_words = "people, doors";
  }
  SECTION("an answer") {
    evidence.unread = {{"events", 500, "it answers 500"}};
    code = "net2.unread";
    in_words = "events (it answers 500)";
  }
  SECTION("age") {
    evidence.version = "5.04.1234";
    code = "net2.version";
    severity = Severity::warning;
  }
  SECTION("D-17 the right zone") {
    evidence.zone_ahead = std::chrono::hours(3);
    code = "net2.zone";
    in_words = "3 h 0 min ahead of";
  }
  SECTION("D-17 the right time") {
    evidence.clock_ahead = std::chrono::minutes(-90);
    code = "net2.clock";
    in_words = "90 min behind";
  }
  const auto found = causes_first(net2_findings(integration, doors, evidence, now));
  REQUIRE(codes(found) == Codes{code});
  CHECK(found[0].severity == severity);
  CHECK_THAT(found[0].what, Catch::Contains(in_words));
  check_words(found);
}

TEST_CASE("What a running integration says is a fault, or a note where somebody is to decide", "[doctor]") {
  IntegrationStatus status;
  const auto said = [&](IntegrationState state, std::string hint = "") {
    status.judged = {.state = state, .detail = "detail", .hint = std::move(hint)};
    return integration_findings(net2_hq(), status);
  };
  CHECK(said(IntegrationState::active)[0].severity == Severity::fault);  // a feed's file was refused
  CHECK(said(IntegrationState::importing).empty());
  CHECK(said(IntegrationState::unreachable)[0].code == "net2.link");
  CHECK(said(IntegrationState::issues, "look")[0].severity == Severity::fault);
  CHECK(said(IntegrationState::issues, "gatehouse issue list")[0].code == "integration.issues");
  CHECK(said(IntegrationState::guarded)[0].severity == Severity::note);
  CHECK(said(IntegrationState::paused)[0].code == "integration.paused");
  CHECK(said(IntegrationState::disabled)[0].severity == Severity::note);
}

TEST_CASE("What the broker said last is told only where the way to it is free", "[doctor]") {
  Cloud cloud;
  cloud.host = "mqtt.example.com";
  cloud.client_id = "acme.hq-01";
  CloudEvidence evidence;
  evidence.contact = good_contact("mqtt.example.com:8883");
  evidence.own = good_certificate();
  evidence.connected = true;
  CHECK(cloud_findings(cloud, evidence, now).empty());
  CHECK(cloud_sound_parts(evidence, now).size() == 4);
  evidence.connected = false;
  CHECK(codes(cloud_findings(cloud, evidence, now)) == Codes{"cloud.link"});
  const auto after = [&](Errc code) {
    evidence.last_failure = Error{code, "the broker refused the connection"};
    evidence.failed_ago = std::chrono::seconds(7);
    return cloud_findings(cloud, evidence, now);
  };
  CHECK(codes(after(Errc::unauthenticated)) == Codes{"cloud.password"});
  CHECK(codes(after(Errc::forbidden)) == Codes{"cloud.not_allowed"});
  CHECK(codes(after(Errc::busy)) == Codes{"cloud.busy"});
  CHECK(codes(after(Errc::refused)) == Codes{"cloud.refused_by_broker"});
  CHECK(codes(after(Errc::unreachable)) == Codes{"cloud.link"});
  CHECK_THAT(after(Errc::forbidden)[0].what, Catch::Contains("7 s ago"));
  check_words(after(Errc::forbidden));
  evidence.contact = in_trouble(ContactTrouble::own_expired, "mqtt.example.com:8883");
  evidence.own->not_after = now - std::chrono::days(1);
  CHECK(codes(causes_first(after(Errc::tls))) == Codes{"cloud.own_certificate_expired"});
}

TEST_CASE("One fault of the network is told once for all", "[doctor]") {
  const auto silent = [](const char* peer) { return in_trouble(ContactTrouble::no_name_server, peer); };
  CHECK(network_findings({silent("a:1")}).empty());
  CHECK(network_findings({silent("a:1"), silent("a:1")}).empty());
  CHECK(codes(network_findings({silent("a:1"), silent("b:1")})) == Codes{"network.dns"});
  CHECK(network_findings({silent("a:1"), silent("b:1"), good_contact("c:1")}).empty());
  auto literal = in_trouble(ContactTrouble::refused, "10.0.0.1:1");
  literal.named = false;
  CHECK(codes(network_findings({silent("a:1"), silent("b:1"), literal})) == Codes{"network.dns"});
  const auto nowhere = [](const char* peer) { return in_trouble(ContactTrouble::no_route, peer); };
  CHECK(codes(network_findings({nowhere("a:1"), nowhere("b:1")})) == Codes{"network.down"});
  CHECK(network_findings({nowhere("a:1"), nowhere("b:1"), good_contact("c:1")}).empty());
}

TEST_CASE("A report is one JSON document", "[doctor]") {
  CheckUpReport report;
  report.findings = {fault("net2.refused")};
  report.findings[0].caused_by = Finding::Cause{"network.down", "gateway"};
  report.checked = {{"gateway", "all \"good\""}};
  CHECK(
      check_up_json(report) ==
      R"({"findings":[{"code":"net2.refused","subject":"net2-hq","severity":"fault","what":"what","why":"why",)"
      R"("fix":"fix","caused_by":{"code":"network.down","subject":"gateway"}}],)"
      R"("checked":[{"subject":"gateway","what":"all \"good\""}]})");
}
