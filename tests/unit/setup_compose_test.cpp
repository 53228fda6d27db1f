// The configuration that a set-up writes: read back, it says what was answered, whatever names a site has.

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/host/zone_database.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/policy_check.hpp"
#include "daemon/setup/compose.hpp"

using namespace gatehouse;
using namespace gatehouse::setup;

namespace {

const std::string pin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

Answers usual_answers() {
  Answers answers;
  answers.gateway.id = "hq-01";
  answers.gateway.tenant = "acme";
  answers.gateway.timezone = "Europe/London";
  answers.site = "hq";
  answers.pin = pin;
  return answers;
}

std::string faults(const Loaded& loaded) {
  std::string out;
  for (const Fault& fault : loaded.faults) out += to_string(fault) + "\n";
  return out;
}

/// The settings that the written text gives.
Settings read_back(const Draft& draft, std::string& text) {
  text = compose_yaml(draft, "2026-06-01");
  Loaded loaded = load_settings_text(text, "/etc/gatehouse/gatehouse.yaml");
  check_policy(loaded, load_zone);
  INFO(text << faults(loaded));
  REQUIRE(loaded.settings);
  return *loaded.settings;
}

Draft draft_for(const Answers& answers, const Net2Survey& survey, Keeping keeping = Keeping::systemd) {
  Places places;
  places.keeping = keeping;
  Draft draft = begin_draft(answers, "https://net2.hq.lan:8443", places);
  const auto wrong = add_site(draft, answers, survey);
  INFO((wrong.empty() ? "" : wrong.front()));
  REQUIRE(wrong.empty());
  return draft;
}

Net2Survey survey_of(const std::vector<std::string>& departments) {
  Net2Survey survey;
  for (const auto& name : departments) survey.departments.push_back({name, 1});
  survey.doors = {{6203980, "Front door"}, {7, "Door: #1 \"A\""}};
  survey.fields = {{.field = "custom:Email", .filled = 10, .emails = 9},
                   {.field = "telephone", .filled = 8, .phones = 8}};
  return survey;
}

}  // namespace

TEST_CASE("What a set-up writes says what was answered", "[setup]") {
  auto answers = usual_answers();
  answers.people.groups = {{"Staff", PersonType::employee}, {"Cleaners", PersonType::contractor}};
  answers.doors = {{.door = "Front door"}, {.door = "7", .kind = DoorKind::momentary}};
  answers.doors[0].open = std::chrono::seconds(7);
  answers.access_point = AccessPointAnswer{.id = "reception", .name = "Reception"};
  answers.policy.visitors = VisitorsAdmitted::preregistered;
  const auto keeping = GENERATE(Keeping::systemd, Keeping::files);
  Draft draft = draft_for(answers, survey_of({"Staff", "Cleaners", "Else"}), keeping);
  Cloud cloud;
  cloud.host = "mqtt.example.com";
  cloud.client_id = "acme.hq-01";
  cloud.tls.cert = "/etc/gatehouse/gateway.pem";
  cloud.tls.key = SecretRef{SecretRef::Kind::credential, "gateway.key"};
  draft.settings.cloud = cloud;

  std::string text;
  const Settings settings = read_back(draft, text);
  CHECK(settings == draft.settings);
  CHECK(settings.integrations[0].enabled);
  CHECK(settings.integrations[0].sync.fields.at(FieldTarget::email) == "custom:Email");
  CHECK(settings.integrations[0].net2.password ==
        (keeping == Keeping::systemd
             ? SecretRef{SecretRef::Kind::credential, "net2-hq.password"}
             : SecretRef{SecretRef::Kind::file, "/etc/gatehouse/credentials/net2-hq.password"}));
  CHECK(settings.doors[0].open == std::chrono::seconds(7));
  CHECK(settings.access_points[0].doors.size() == 2);
  CHECK_THAT(text, Catch::Contains("# Who may open doors"));
}

TEST_CASE("Departments with odd names come through as they are", "[setup]") {
  const std::vector<std::string> odd{"Visitors: \"A\" #1",
                                     "yes",
                                     "null",
                                     "~",
                                     "1234",
                                     "1e5",
                                     "- dash",
                                     "{brace}",
                                     "[list]",
                                     "it's",
                                     "a: b",
                                     "#hash",
                                     "*star",
                                     "&and",
                                     "!bang",
                                     "%percent",
                                     "@at",
                                     "`tick`",
                                     "back\\slash",
                                     "tab\there",
                                     "Grüße & Söhne",
                                     "日本語",
                                     "🙂",
                                     "| pipe",
                                     "> fold",
                                     "? question",
                                     "true",
                                     "0x1F",
                                     "12:30:45",
                                     "x\x7fy",
                                     "trailing:",
                                     "new\nline",
                                     "=",
                                     "<<",
                                     "x\xC2\x9By",
                                     "left\xE2\x80\xAEright",
                                     "line\xE2\x80\xA8"
                                     "break"};
  auto answers = usual_answers();
  for (const auto& name : odd) answers.people.groups.push_back({name, PersonType::visitor});
  const Draft draft = draft_for(answers, survey_of(odd));
  std::string text;
  CHECK(read_back(draft, text).integrations[0].sync.groups == draft.net2().sync.groups);
  CHECK(draft.net2().sync.groups.size() == odd.size());
  CHECK_THAT(text, Catch::Contains("\\u202e") && !Catch::Contains("\xC2\x9B"));  // a screen would obey them
}

TEST_CASE("A door with a name that the configuration would not take gets one that it takes", "[setup]") {
  auto answers = usual_answers();
  answers.doors = {{.door = "1"}, {.door = "2"}, {.door = "3"}};
  auto survey = survey_of({});
  std::string long_name;
  while (long_name.size() < 300) long_name += "Tür ";
  survey.doors = {{1, "Gate\n: \x1b[2J"}, {2, long_name}, {3, ""}};
  const Draft draft = draft_for(answers, survey);
  std::string text;
  const auto doors = read_back(draft, text).doors;
  CHECK(doors[0].name == "Gate?: ?[2J");
  CHECK(doors[1].name.size() <= 200);
  CHECK(doors[2].name == "net2-hq/3");
}

TEST_CASE("Any names of departments, doors and fields give a configuration that loads", "[setup]") {
  CHECK(rc::check("compose_yaml and load_settings", [] {
    const auto letters = rc::gen::elementOf(std::string("aZ09 :#\"'\\-{}[],&*!|>%@`?~=\t./_\x7f"));
    const auto name = rc::gen::suchThat(
        rc::gen::mapcat(rc::gen::inRange(1, 50),
                        [&](int size) {
                          return rc::gen::container<std::string>(static_cast<std::size_t>(size), letters);
                        }),
        [](const std::string& text) { return text.find_first_not_of(" \t") != std::string::npos; });
    const auto count = *rc::gen::inRange<std::size_t>(0, 100);
    std::vector<std::string> departments;
    auto answers = usual_answers();
    auto survey = survey_of({});
    for (std::size_t i = 0; i < count; ++i) {
      const std::string department = *name;
      if (find_group(survey.departments, department) != nullptr) continue;  // as the visit merges them
      survey.departments.push_back({department, 0});
      answers.people.groups.push_back(
          {department, *rc::gen::element(PersonType::employee, PersonType::member)});
    }
    const Draft draft = draft_for(answers, survey);
    const Loaded loaded = load_settings_text(compose_yaml(draft, "2026-06-01"), "g.yaml");
    RC_LOG() << faults(loaded);
    RC_ASSERT(loaded.settings.has_value());
    RC_ASSERT(*loaded.settings == draft.settings);
  }));
}

TEST_CASE("Answers that Net2 does not know are named, all of them, with the nearest one", "[setup]") {
  auto answers = usual_answers();
  answers.people.groups = {{"Staf", PersonType::employee}, {" cleaners ", PersonType::contractor}};
  answers.people.email = "custom:Mail";
  answers.doors = {{.door = "Frnt door"}};
  answers.access_point = AccessPointAnswer{.id = "reception", .doors = {"7"}};
  Places places;
  Draft draft = begin_draft(answers, "https://net2.hq.lan:8443", places);
  const auto wrong = add_site(draft, answers, survey_of({"Staff", "Cleaners"}));
  REQUIRE(wrong.size() == 4);
  CHECK_THAT(wrong[0], Catch::Contains("no department 'Staf'") && Catch::Contains("'Staff'?"));
  CHECK_THAT(wrong[1], Catch::Contains("custom:Mail"));
  CHECK_THAT(wrong[2], Catch::Contains("no door 'Frnt door'") && Catch::Contains("'Front door'?"));
  CHECK_THAT(wrong[3], Catch::Contains("not among the doors that may be opened"));
}

TEST_CASE("Where no field holds an address, nobody is left out for want of one", "[setup]") {
  auto answers = usual_answers();
  answers.people.groups = {{"Staff", PersonType::employee}};
  auto survey = survey_of({"Staff"});
  survey.fields.clear();
  const Draft draft = draft_for(answers, survey);
  std::string text;
  CHECK(read_back(draft, text) == draft.settings);
  CHECK(draft.net2().sync.require_identifier == RequiredIdentifier::none);
}
