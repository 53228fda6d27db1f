// Answers in a file: read as strictly as the configuration, and never with a secret in clear.

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "daemon/setup/answers.hpp"
#include "daemon/setup/net2_survey.hpp"
#include "daemon/setup/net2_visit.hpp"

using namespace gatehouse;
using namespace gatehouse::setup;

namespace {

ReadAnswers read_text(const std::string& text) {
  std::string name = (std::filesystem::temp_directory_path() / "answers-XXXXXX").string();
  const int fd = mkstemp(name.data());
  REQUIRE(fd >= 0);
  close(fd);
  std::ofstream(name, std::ios::binary) << text;
  auto read = read_answers(name);
  std::filesystem::remove(name);
  return read;
}

std::string faults(const ReadAnswers& read) {
  std::string out;
  for (const Fault& fault : read.faults) out += to_string(fault) + "\n";
  return out;
}

const std::string least =
    "gateway: {id: hq-01, tenant: acme}\n"
    "net2: {address: net2.hq.lan, pin: sha256/x, password: {env: P}, client_id: {env: C}}\n"
    "people: {groups: {Staff: employee}}\n";

}  // namespace

TEST_CASE("The least that must be answered is little", "[setup]") {
  const auto read = read_text(least);
  INFO(faults(read));
  REQUIRE(read.answers);
  CHECK(read.answers->username == "Gateway Service");
  CHECK(read.answers->people.first == FirstSync::confirm);
  CHECK(read.answers->gateway.timezone.empty());
  CHECK_FALSE(read.answers->replace);
}

TEST_CASE("The example of answers has no fault", "[setup]") {
  const auto read =
      read_answers(std::string(GATEHOUSE_SOURCE_DIR) + "/packaging/examples/setup-answers.yaml");
  INFO(faults(read));
  REQUIRE(read.answers);
  CHECK(read.answers->doors.size() == 2);
  CHECK(read.answers->cloud);
}

TEST_CASE("Wrong answers are all named, with their places", "[setup]") {
  const auto read = read_text(
      "gateway: {id: HQ, tenant: acme, timezon: Europe/London}\n"
      "net2: {address: net2, password: {env: P}, client_id: {env: C}, pin: a, ca: b}\n"
      "people: {groups: {Staff: emploee}, first: now}\n"
      "doors: [{door: 1, open: 5m}]\n"
      "cloud: {host: mqtt.example.com, ca: ca.pem, cert: gateway.pem}\n"
      "extra: 1\n");
  CHECK_FALSE(read.answers);
  const auto all = faults(read);
  INFO(all);
  CHECK(read.faults.size() >= 8);
  for (const auto* part :
       {"timezon", "emploee", "one of pin", "5m", "cert and key belong together", "extra", ":1:15:"})
    CHECK_THAT(all, Catch::Contains(part));
}

TEST_CASE("A secret in clear is refused and not repeated", "[setup]") {
  const auto read = read_text(
      "gateway: {id: hq-01, tenant: acme}\n"
      "net2: {address: net2, pin: a, password: CANARY-1, client_id: {clear: CANARY-2}}\n"
      "people: {groups: {}}\n");
  CHECK_FALSE(read.answers);
  CHECK_THAT(faults(read),
             Catch::Contains("a secret is never written in the file") && !Catch::Contains("CANARY"));
}

TEST_CASE("A file that is not there, or no YAML, is told as that", "[setup]") {
  CHECK_THAT(to_string(read_answers("/nowhere/answers.yaml").faults.at(0)), Catch::Contains("No such file"));
  CHECK_THAT(faults(read_text("a: [")), Catch::Contains("YAML syntax"));
  CHECK_THAT(faults(read_text("")), Catch::Contains("expected a mapping"));
}

TEST_CASE("A host is enough of an address", "[setup]") {
  CHECK(*server_url("net2.hq.lan") == "https://net2.hq.lan:8443");
  CHECK(*server_url("192.168.1.20:9443") == "https://192.168.1.20:9443");
  CHECK(*server_url("https://NET2PC/") == "https://NET2PC:8443");
  CHECK(*server_url("fe80::1") == "https://[fe80::1]:8443");
  CHECK(*server_url("[fe80::1]:1") == "https://[fe80::1]:1");
  for (const auto* wrong :
       {"", "http://net2", "net2/path", "a b", "net2:0", "net2:99999", "user@net2", "https://"})
    CHECK_FALSE(server_url(wrong));
}

TEST_CASE("What Net2 has suggests the answers", "[setup]") {
  CHECK(setup::looks_like_email("ada@example.com"));
  for (const auto* no :
       {"", "ada", "@example.com", "ada@example", "a b@example.com", "ada@b@c.d", "ada@.com", "ada@x."})
    CHECK_FALSE(setup::looks_like_email(no));
  CHECK(looks_like_phone("+44 (0)20 7946-0018"));
  for (const auto* no : {"", "12345", "ext 200300", "1234567890123456"}) CHECK_FALSE(looks_like_phone(no));

  Net2Survey survey;
  survey.fields = {{.field = "custom:Notes", .filled = 90, .emails = 20, .phones = 3},
                   {.field = "custom:Home", .filled = 40, .emails = 39},
                   {.field = "custom:Mobile", .filled = 30, .phones = 28},
                   {.field = "telephone", .filled = 10, .phones = 10}};
  CHECK(likely_email(survey) == "custom:Home");
  CHECK(likely_phone(survey) == "custom:Mobile");
  survey.fields = {{.field = "custom:E-Mail"}, {.field = "telephone"}};  // nobody has a value yet
  CHECK(likely_email(survey) == "custom:E-Mail");
  survey.fields = {{.field = "custom:Notes", .filled = 9}};
  CHECK(likely_email(survey) == std::nullopt);

  CHECK(likely_type("Contractors (UK)") == PersonType::contractor);
  CHECK(likely_type("Visitors") == PersonType::visitor);
  CHECK(likely_type("Board") == std::nullopt);
  survey.doors = {{7, "Gate"}, {8, "gate "}, {9, "Front"}};
  CHECK(find_door(survey.doors, "8")->number == 8);
  CHECK(find_door(survey.doors, "FRONT")->number == 9);
  CHECK_THAT(find_door(survey.doors, "Gate").error().detail, Catch::Contains("more than one"));
}
