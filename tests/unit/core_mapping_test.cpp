// From a source's record to a person's facts, or the one reason why not.

#include <set>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/core/mapping.hpp"
#include "daemon/host/unicode_fold.hpp"

using namespace gatehouse;

namespace {

const UnicodeFold fold;
const std::vector<SiteId> all_sites{SiteId("hq"), SiteId("lab"), SiteId("yard")};

Integration settings() {
  Integration made;
  made.id = IntegrationId("net2-hq");
  made.sync.groups = {{"Staff", PersonType::employee}, {"Guests", PersonType::visitor}};
  made.sync.fields = {{FieldTarget::first_name, "firstName"},
                      {FieldTarget::last_name, "lastName"},
                      {FieldTarget::email, "email"},
                      {FieldTarget::phone, "telephone"},
                      {FieldTarget::tags, "custom:Tags"},
                      {FieldTarget::roamer, "custom:Roamer"},
                      {FieldTarget::roamer_sites, "custom:RS"},
                      {FieldTarget::sites, "custom:Sites"}};
  made.sync.site.fallback = SiteId("hq");
  return made;
}

/// Values by what they are for, in the order in which the mapping asks for them.
SourceRecord record(const Mapping& mapping, const std::map<FieldTarget, std::string>& said) {
  SourceRecord made;
  made.number = 7;
  made.department = "Staff";
  for (const auto target : mapping.targets)
    made.values.push_back(said.contains(target) ? said.at(target) : "");
  return made;
}

const std::map<FieldTarget, std::string> ada{{FieldTarget::first_name, "Ada"},
                                             {FieldTarget::last_name, "Lovelace"},
                                             {FieldTarget::email, "ada@example.com"}};

RecordFate fate_for(const SourceRecord& source, const Mapping& mapping) {
  return map_record(source, mapping).fate;
}

}  // namespace

TEST_CASE("A good record becomes a person's facts", "[mapping]") {
  const auto mapping = make_mapping(settings(), all_sites, fold);
  auto said = ada;
  said[FieldTarget::phone] = "+44 1234";
  said[FieldTarget::tags] = " first aid; fire,first aid ,, ";
  said[FieldTarget::roamer] = "Yes";
  said[FieldTarget::roamer_sites] = "lab, moon";
  said[FieldTarget::sites] = "hq;yard";
  auto source = record(mapping, said);
  source.valid_until = Instant{Duration{5}};
  const auto fate = fate_for(source, mapping);
  CHECK(fate.number == 7);
  CHECK(fate.name == "Ada Lovelace");
  CHECK(fate.fingerprint == fingerprint(source, mapping.seed));
  CHECK_FALSE(fate.skip.has_value());
  REQUIRE(fate.facts);
  const PersonFacts expected{.first_name = "Ada",
                             .last_name = "Lovelace",
                             .email = "ada@example.com",
                             .phone = "+44 1234",
                             .person_type = PersonType::employee,
                             .membership_status = "",
                             .synced_tags = {"first aid", "fire"},
                             .site = "hq",
                             .sites = {"hq", "yard"},
                             .roamer = true,
                             .roamer_sites = {"lab"},
                             .valid_from = std::nullopt,
                             .valid_until = Instant{Duration{5}}};
  CHECK(*fate.facts == expected);
}

TEST_CASE("Without sites of their own people belong to their home site", "[mapping]") {
  const auto mapping = make_mapping(settings(), all_sites, fold);
  CHECK(fate_for(record(mapping, ada), mapping).facts->sites == std::vector<std::string>{"hq"});
}

TEST_CASE("Reasons to skip are tested in the contract's order, so that a record has one", "[mapping]") {
  auto with = settings();
  with.sites = {SiteId("hq")};
  with.sync.site = {.fallback = std::nullopt, .rules = {{"*", SiteId("lab")}}};
  with.sync.multiple_groups = MultipleGroups::error;
  auto said = ada;
  said[FieldTarget::last_name] = "";
  said[FieldTarget::email] = "no address";
  std::string department = "Nobody";
  const auto reason = [&] {
    const auto mapping = make_mapping(with, all_sites, fold);
    auto source = record(mapping, said);
    source.department = department;
    return fate_for(source, mapping).skip;
  };
  // Everything is wrong at once; each step mends the reason that was given.
  with.sync.site.rules.clear();
  CHECK(reason() == SkipReason::no_site);
  with.sync.site.rules = {{"*", SiteId("lab")}};
  CHECK(reason() == SkipReason::missing_required_field);
  said[FieldTarget::last_name] = "Lovelace";
  CHECK(reason() == SkipReason::invalid_email);
  said[FieldTarget::email] = "";
  CHECK(reason() == SkipReason::missing_identifier);
  said[FieldTarget::phone] = "1234";
  CHECK(reason() == SkipReason::group_not_mapped);
  with.sync.groups.push_back({"nobody", PersonType::member});
  with.sync.groups.push_back({"Nobody", PersonType::employee});
  CHECK(reason() == SkipReason::multiple_groups);
  with.sync.groups.pop_back();
  CHECK(reason() == SkipReason::out_of_scope);
  with.sites.push_back(SiteId("lab"));
  CHECK_FALSE(reason().has_value());
}

TEST_CASE("Identifiers are required as the configuration says", "[mapping]") {
  struct Row {
    RequiredIdentifier required;
    bool email, phone, fine;
  };
  const auto row = GENERATE(values<Row>({
      {RequiredIdentifier::email_or_phone, true, false, true},
      {RequiredIdentifier::email_or_phone, false, true, true},
      {RequiredIdentifier::email_or_phone, false, false, false},
      {RequiredIdentifier::email, true, false, true},
      {RequiredIdentifier::email, false, true, false},
      {RequiredIdentifier::phone, false, true, true},
      {RequiredIdentifier::phone, true, false, false},
      {RequiredIdentifier::both, true, true, true},
      {RequiredIdentifier::both, true, false, false},
      {RequiredIdentifier::both, false, true, false},
      {RequiredIdentifier::none, false, false, true},
  }));
  auto with = settings();
  with.sync.require_identifier = row.required;
  const auto mapping = make_mapping(with, all_sites, fold);
  auto said = ada;
  said[FieldTarget::email] = row.email ? "a@b" : "";
  said[FieldTarget::phone] = row.phone ? "1" : "";
  const auto fate = fate_for(record(mapping, said), mapping);
  CHECK(fate.facts.has_value() == row.fine);
  CHECK(fate.skip == (row.fine ? std::nullopt : std::optional(SkipReason::missing_identifier)));
}

TEST_CASE("A type comes from the department, or from access levels where groups go by them", "[mapping]") {
  struct Row {
    GroupBy by;
    std::string department;
    std::vector<std::string> levels;
    std::optional<PersonType> type;
  };
  const auto row = GENERATE(values<Row>({
      {GroupBy::department, "Staff", {}, PersonType::employee},
      {GroupBy::department, " gUESTS ", {}, PersonType::visitor},
      {GroupBy::department, "Staff", {"Guests"}, PersonType::employee},
      {GroupBy::department, "", {"Staff"}, std::nullopt},
      {GroupBy::department, "Staff 2", {}, std::nullopt},
      {GroupBy::access_level, "Staff", {}, std::nullopt},
      {GroupBy::access_level, "Staff", {"Night", "guests"}, PersonType::visitor},
  }));
  auto with = settings();
  with.sync.group_by = row.by;
  const auto mapping = make_mapping(with, all_sites, fold);
  auto source = record(mapping, ada);
  source.department = row.department;
  source.access_levels = row.levels;
  const auto fate = fate_for(source, mapping);
  CHECK((fate.facts ? std::optional(fate.facts->person_type) : std::nullopt) == row.type);
  if (!row.type) CHECK(fate.skip == SkipReason::group_not_mapped);
}

TEST_CASE("Several groups are an error, fine with one type, or settled by the file's order", "[mapping]") {
  struct Row {
    MultipleGroups mode;
    std::vector<std::string> levels;
    std::optional<PersonType> type;
  };
  const auto row = GENERATE(values<Row>({
      {MultipleGroups::error, {"Staff"}, PersonType::employee},
      {MultipleGroups::error, {"Staff", "Managers"}, std::nullopt},
      {MultipleGroups::same_type_ok, {"Staff", "Managers"}, PersonType::employee},
      {MultipleGroups::same_type_ok, {"Staff", "Guests"}, std::nullopt},
      {MultipleGroups::first_in_map, {"Staff", "Guests"}, PersonType::employee},
      {MultipleGroups::first_in_map, {"Guests", "Managers"}, PersonType::visitor},
  }));
  auto with = settings();
  with.sync.group_by = GroupBy::access_level;
  with.sync.multiple_groups = row.mode;
  with.sync.groups.push_back({"Managers", PersonType::employee});
  const auto mapping = make_mapping(with, all_sites, fold);
  auto source = record(mapping, ada);
  source.access_levels = row.levels;
  const auto fate = fate_for(source, mapping);
  CHECK((fate.facts ? std::optional(fate.facts->person_type) : std::nullopt) == row.type);
  if (!row.type) CHECK(fate.skip == SkipReason::multiple_groups);
}

TEST_CASE("The home site is the first rule's that matches, else the default", "[mapping]") {
  struct Row {
    std::string department;
    std::string site;
  };
  const auto row = GENERATE(values<Row>(
      {{"Lab 1", "lab"}, {"lab", "lab"}, {"Yard", "yard"}, {"Staff", "hq"}, {"", "hq"}, {" Yard ", "yard"}}));
  auto with = settings();
  with.sync.site.rules = {{"lab*", SiteId("lab")}, {"*l*", SiteId("hq")}, {"Y?rd", SiteId("yard")}};
  with.sync.group_by = GroupBy::access_level;
  const auto mapping = make_mapping(with, all_sites, fold);
  auto source = record(mapping, ada);
  source.department = row.department;
  source.access_levels = {"Staff"};
  REQUIRE(fate_for(source, mapping).facts);
  CHECK(fate_for(source, mapping).facts->site == row.site);
}

TEST_CASE("Patterns know any run, any one letter, and either case", "[mapping]") {
  struct Row {
    std::string_view pattern, text;
    bool matches;
  };
  const auto row = GENERATE(values<Row>({
      {"", "", true},          {"", "a", false},        {"*", "", true},
      {"*", "anything", true}, {"?", "", false},        {"?", "a", true},
      {"a?c", "ABC", true},    {"a*c", "ac", true},     {"a*c", "abcbc", true},
      {"a*c", "abcb", false},  {"*b*", "abc", true},    {"**b", "ab", true},
      {"a*?", "a", false},     {"a*?", "ab", true},     {"M?ller", "Müller", true},
      {"??", "ü", false},      {"*?", "ü", true},       {"sales*", "Sales North", true},
      {"a", "ab", false},      {"ab", "a", false},      {"*.?", "x.y.z", true},
      {"[a]", "a", false},     {"*aab", "aaaab", true},
  }));
  INFO(row.pattern << " and " << row.text);
  CHECK(matches_pattern(row.pattern, row.text) == row.matches);
}

TEST_CASE("A hostile pattern takes no more than its time", "[mapping]") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  CHECK_FALSE(matches_pattern(pattern + "b", std::string(5000, 'a')));
}

TEST_CASE("An address of e-mail is known by its shape", "[mapping]") {
  const auto* good = GENERATE("a@b", "ada@example.com", "a+b.c@d-e.example", "zoë@exämple.com");
  CHECK(looks_like_email(good));
  const auto* bad =
      GENERATE("", "@", "a@", "@b", "a", "a b@c", "a@b c", "a@b\nBcc: x@y", "a\r\n@b", "a@b@c", "a@.b",
               "a@b.", "a@b..c", "<a@b>", "a,b@c", "a@b;c@d", "a\x01@b", "\"a\"@b", "a\x7f@b");
  CHECK_FALSE(looks_like_email(bad));
  CHECK(looks_like_email(std::string(250, 'a') + "@b.c"));
  CHECK_FALSE(looks_like_email(std::string(251, 'a') + "@b.c"));
}

TEST_CASE("An e-mail with a line break skips the record, and so does a name of 10,000 letters", "[mapping]") {
  const auto mapping = make_mapping(settings(), all_sites, fold);
  auto said = ada;
  said[FieldTarget::email] = "ada@example.com\nBcc: all@example.com";
  CHECK(fate_for(record(mapping, said), mapping).skip == SkipReason::invalid_email);
  said = ada;
  said[FieldTarget::first_name] = std::string(10'000, 'A');
  const auto fate = fate_for(record(mapping, said), mapping);
  CHECK(fate.skip == SkipReason::missing_required_field);
  CHECK(fate.name.size() <= 256);  // nor is it kept
}

TEST_CASE("A line break in a name becomes a blank", "[mapping]") {
  const auto mapping = make_mapping(settings(), all_sites, fold);
  auto said = ada;
  said[FieldTarget::last_name] = " Love\nlace\t";
  REQUIRE(fate_for(record(mapping, said), mapping).facts);
  CHECK(fate_for(record(mapping, said), mapping).facts->last_name == "Love lace");
}

TEST_CASE("A record with fewer values than asked for is mapped as far as it goes", "[mapping]") {
  const auto mapping = make_mapping(settings(), all_sites, fold);
  auto source = record(mapping, ada);
  source.values.resize(1);
  CHECK(fate_for(source, mapping).skip == SkipReason::missing_required_field);
  source.values.clear();
  CHECK(fate_for(source, mapping).name.empty());
}

TEST_CASE("The name is made of what there is", "[mapping]") {
  const auto mapping = make_mapping(settings(), all_sites, fold);
  CHECK(record_name(record(mapping, {{FieldTarget::first_name, "Ada"}}), mapping) == "Ada");
  CHECK(record_name(record(mapping, {{FieldTarget::last_name, "Lovelace"}}), mapping) == "Lovelace");
  CHECK(record_name(record(mapping, {}), mapping).empty());
}

TEST_CASE("The seed changes with whatever changes a record's outcome, and with nothing else", "[mapping]") {
  std::set<std::uint64_t> seeds{make_mapping(settings(), all_sites, fold).seed};
  const auto changed = [&](const Integration& with, const std::vector<SiteId>& sites = all_sites) {
    return seeds.insert(make_mapping(with, sites, fold).seed).second;
  };
  CHECK_FALSE(changed(settings()));
  auto with = settings();
  with.sync.fields[FieldTarget::email] = "custom:Email";
  CHECK(changed(with));
  with = settings();
  with.sync.fields.erase(FieldTarget::phone);
  CHECK(changed(with));
  with = settings();
  with.sync.groups[0].person_type = PersonType::contractor;
  CHECK(changed(with));
  with = settings();
  std::swap(with.sync.groups[0], with.sync.groups[1]);
  CHECK(changed(with));
  with = settings();
  with.sync.site.fallback = SiteId("lab");
  CHECK(changed(with));
  with = settings();
  with.sync.site.rules = {{"X", SiteId("lab")}};
  CHECK(changed(with));
  with = settings();
  with.sync.require_identifier = RequiredIdentifier::none;
  CHECK(changed(with));
  with = settings();
  with.sync.group_by = GroupBy::access_level;
  CHECK(changed(with));
  with = settings();
  with.sync.multiple_groups = MultipleGroups::error;
  CHECK(changed(with));
  with = settings();
  with.sync.import = ImportMode::new_only;
  CHECK(changed(with));
  with = settings();
  with.sync.authority.email = Authority::none;
  CHECK(changed(with));
  with = settings();
  with.sites = {SiteId("hq")};
  CHECK(changed(with));
  CHECK(changed(settings(), {SiteId("hq"), SiteId("lab")}));

  with = settings();
  with.name = "Another name";
  with.automatic = false;
  with.net2.poll.people = std::chrono::hours{1};
  with.sync.guard.count = 7;
  with.sync.on_removed = OnRemoved::keep;
  with.sync.first = FirstSync::automatic;
  CHECK_FALSE(changed(with));
}

TEST_CASE("S0-25: the shape changes with groups, fields and sites, for which a plan has to be read",
          "[mapping]") {
  const auto shape = [](const Integration& with) { return make_mapping(with, all_sites, fold).shape; };
  const auto before = shape(settings());
  auto with = settings();
  with.sync.groups.pop_back();
  CHECK(shape(with) != before);
  with = settings();
  with.sync.fields[FieldTarget::email] = "custom:Email";
  CHECK(shape(with) != before);
  with = settings();
  with.sync.site.fallback = SiteId("lab");
  CHECK(shape(with) != before);
  with = settings();
  with.sync.group_by = GroupBy::access_level;
  CHECK(shape(with) != before);
  with = settings();
  with.sync.require_identifier = RequiredIdentifier::none;
  with.sync.import = ImportMode::new_only;
  with.sync.multiple_groups = MultipleGroups::error;
  with.sync.authority.phone = Authority::cloud;
  CHECK(shape(with) == before);
}

TEST_CASE("Any record has facts or one reason", "[mapping]") {
  const auto mapping = make_mapping(settings(), all_sites, fold);
  CHECK(rc::check("facts or a reason",
                  [&](const std::string& department, const std::vector<std::string>& values) {
                    SourceRecord source;
                    source.department = department;
                    source.values = values;
                    const auto fate = fate_for(source, mapping);
                    RC_ASSERT(fate.facts.has_value() != fate.skip.has_value());
                  }));
}
