// What a check-up says of the gateway's own machine.

#include <catch2/catch.hpp>

#include "daemon/core/host_findings.hpp"

using namespace gatehouse;

namespace {

const Instant now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

using Codes = std::vector<std::string>;

std::vector<std::string> codes(const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  all.reserve(findings.size());
  for (const auto& finding : findings) all.push_back(finding.code);
  return all;
}

HostEvidence good_host() {
  HostEvidence host;
  host.state_dir = "/var/lib/gatehouse";
  host.free = 4ULL << 30;
  host.min_free = 256ULL << 20;
  host.config_path = "/etc/gatehouse/gatehouse.yaml";
  return host;
}

}  // namespace

TEST_CASE("What is wrong with the machine is named", "[doctor]") {
  auto host = good_host();
  REQUIRE(host_findings(host, now).empty());
  std::string code;
  std::string subject = "gateway";
  auto severity = Severity::fault;
  SECTION("disk low") {
    host.min_free = 8ULL << 30;
    code = "disk.low";
  }
  SECTION("disk full") {
    host.free = 1 << 20;
    code = "disk.full";
  }
  SECTION("directory") {
    host.state_trouble = "it is not there";
    host.store_trouble = "it cannot be written";
    code = "state.unwritable";
  }
  SECTION("open to others") {
    host.state_open_to_others = true;
    code = "state.open";
    severity = Severity::warning;
  }
  SECTION("damaged") {
    host.database = {.outcome = DatabaseLook::Outcome::damaged, .detail = "page 7"};
    host.store_trouble = "cannot be read";
    code = "database.damaged";
  }
  SECTION("the store") {
    host.store_trouble = "disk I/O error";
    code = "database.unwritable";
  }
  SECTION("the clock, behind") {
    host.clock_trusted = false;
    host.clock_behind = std::chrono::hours(3);
    host.clock_disciplined = false;
    code = "clock.untrusted";
  }
  SECTION("D-17 the cloud's clock") {
    host.cloud_ahead = std::chrono::seconds(-300);
    code = "clock.cloud";
  }
  SECTION("files") {
    host.config_faults = {"gatehouse.yaml:3:1: unknown key"};
    host.reload_error = "gatehouse.yaml:3:1: unknown key";
    code = "config.faulty";
  }
  SECTION("a reload that was refused for another reason") {
    host.reload_error = "gateway.id cannot change";
    code = "config.reload";
  }
  SECTION("a secret") {
    host.secrets = {{"net2-hq", "password", "there is none"}};
    code = "secret.unreadable";
    subject = "net2-hq";
  }
  SECTION("keys") {
    host.command_keys = Error{Errc::invalid, "it can be written by its group"};
    code = "command_keys";
  }
  SECTION("no keys are no fault") {
    host.command_keys = Error{Errc::not_found, "there is no such file"};
    code = "command_keys";
    severity = Severity::note;
  }
  SECTION("a feed's directory") {
    host.feeds = {{.integration = "cctv", .directory = "/x", .trouble = "it is not there", .missing = true}};
    code = "feed.directory_missing";
    subject = "cctv";
  }
  SECTION("the LAN's certificate") {
    host.lan_certificate.emplace();
    host.lan_certificate->not_after = now - std::chrono::hours(1);
    code = "lan.certificate_expired";
  }
  SECTION("a loop") {
    host.late_loops = {"events net2-hq"};
    code = "loop.late";
  }
  SECTION("dead letters") {
    host.dead_letters = 3;
    code = "outbox.dead";
    severity = Severity::note;
  }
  const auto found = causes_first(host_findings(host, now));
  REQUIRE(codes(found) == Codes{code});
  CHECK(found[0].severity == severity);
  CHECK(found[0].subject == subject);
  CHECK(has_faults(found) == (severity == Severity::fault));
  for (const auto* text : {&found[0].what, &found[0].why, &found[0].fix}) {
    CHECK(text->size() > 8);
    CHECK(text->find('\n') == std::string::npos);
  }
}
