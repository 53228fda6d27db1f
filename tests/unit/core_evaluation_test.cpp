// What is wrong with records, and what an operator's word makes of it.

#include <catch2/catch.hpp>

#include "tests/unit/evaluation_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

using Case = EvaluationCase;
using Kind = RecordChoice::Kind;

TEST_CASE("S0-26: a first or last name that is missing is an error, and says which", "[evaluation]") {
  Case that;
  that.there(1, "", "Lovelace", "ada@example.com");
  that.there(2, "Bo", " ", "bo@example.com");
  that.there(3, "Cy", "Clay", "cy@example.com");
  const auto& result = that.judge();
  CHECK(result.errors == 2);
  CHECK(that.reason(1) == IssueReason::missing_required_field);
  CHECK(that.issue(1)->fields == std::map<std::string, std::string>{{"first_name", ""}});
  CHECK(that.issue(2)->fields.contains("last_name"));
  CHECK(that.issue(1)->external_id == "1");
  CHECK(that.skip(1) == SkipReason::missing_required_field);
  CHECK_FALSE(that.skip(3));
  CHECK_FALSE(that.issue(3));
}

TEST_CASE("S0-27: an e-mail that is none is an error", "[evaluation]") {
  Case that;
  that.there(1, "Ada", "Lovelace", "0171 555");
  CHECK(that.judge().errors == 1);
  CHECK(that.reason(1) == IssueReason::invalid_email);
  CHECK(that.issue(1)->fields.at("email") == "0171 555");
}

TEST_CASE("S0-28: more than one mapped group is an error that names them", "[evaluation]") {
  Case that;
  that.settings.sync.group_by = GroupBy::access_level;
  that.there(1, "Ada", "Lovelace", "ada@example.com").access_levels = {"Guests", "Night", "Staff"};
  CHECK(that.judge().errors == 1);
  CHECK(that.reason(1) == IssueReason::multiple_groups);
  CHECK(that.issue(1)->fields.at("groups") == "Staff, Guests");
  that.word.overrides = {{1, "person_type", "visitor"}};
  CHECK(that.judge().errors == 0);
  REQUIRE(that.fate(1).facts);
  CHECK(that.fate(1).facts->person_type == PersonType::visitor);
}

TEST_CASE("S0-6: whoever is in no mapped group is left out without an error", "[evaluation]") {
  Case that;
  that.there(1, "", "", "none").department = "Unknown";
  CHECK(that.judge().issues.empty());
  CHECK(that.result.errors == 0);
  CHECK(that.skip(1).has_value());
}

TEST_CASE("S0-27: where most records fail alike, the mapping is suspect, in one issue", "[evaluation]") {
  Case that;
  const auto email_of = [](std::int64_t i, std::int64_t bad) {
    return i <= bad ? "room " + std::to_string(i) : "p" + std::to_string(i) + "@example.com";
  };
  const auto [all, bad, suspect] = GENERATE(table<int, int, bool>({
      {10, 6, true},
      {10, 5, false},
      {4, 4, false},
      {5, 5, true},
      {100, 51, true},
  }));
  for (int i = 1; i <= all; ++i) that.there(i, "P", "Nr" + std::to_string(i), email_of(i, bad));
  const auto& result = that.judge();
  INFO(bad << " of " << all);
  CHECK(result.errors == static_cast<std::uint64_t>(suspect ? 1 : bad));
  CHECK((result.issues.front().reason == IssueReason::field_map_suspect) == suspect);
  if (suspect) {
    CHECK(result.issues.front().fields == std::map<std::string, std::string>{{"email", "custom:Email"}});
    CHECK_FALSE(result.issues.front().record.has_value());
  }
  CHECK(that.skip(1) == SkipReason::invalid_email);
}

TEST_CASE("S0-27: unchanged records and those of no mapped group weigh as they should", "[evaluation]") {
  Case that;
  for (int i = 1; i <= 6; ++i) that.there(i, "P", "Nr" + std::to_string(i), "room");
  SECTION("those who are fine and did not change speak for the mapping") {
    for (int i = 11; i <= 30; ++i) that.known(Case::row(i, "P", "Nr" + std::to_string(i), "a@example.com"));
    CHECK(that.judge().errors == 6);
  }
  SECTION("those who are not to be imported do not") {
    for (int i = 11; i <= 30; ++i) {
      that.there(i, "P", "Nr" + std::to_string(i), "a@example.com").department = "Unknown";
    }
    CHECK(that.judge().errors == 1);
  }
}

TEST_CASE("S0-26: a name that nothing is mapped to is one fault of the mapping, not of the records",
          "[evaluation]") {
  Case that;
  that.settings.sync.fields.erase(FieldTarget::first_name);
  that.settings.sync.fields.erase(FieldTarget::last_name);
  SourceRecord record;
  record.number = 1;
  record.department = "Staff";
  record.values = {"ada@example.com", ""};
  that.there(record);
  REQUIRE(that.judge().issues.size() == 1);
  CHECK(that.result.issues[0].reason == IssueReason::field_map_suspect);
  CHECK(that.result.issues[0].fields.contains("first_name"));
  CHECK(that.result.issues[0].fields.contains("last_name"));
}

TEST_CASE("S0-29: a fix stands in for a bad value, and lapses when the source has a good one",
          "[evaluation]") {
  Case that;
  auto& record = that.there(1, "Ada", "", "none");
  that.word.overrides = {{1, "email", "ada@example.com"}, {1, "last_name", "Lovelace"}};
  CHECK(that.judge().issues.empty());
  REQUIRE(that.fate(1).facts);
  CHECK(that.fate(1).facts->email == "ada@example.com");
  CHECK(that.fate(1).facts->last_name == "Lovelace");
  CHECK(that.result.lapsed.empty());

  record.values[1] = "King";
  that.judge();
  CHECK(that.fate(1).facts->last_name == "King");
  CHECK(that.fate(1).facts->email == "ada@example.com");
  REQUIRE(that.result.lapsed.size() == 1);
  CHECK(that.result.lapsed[0].field == "last_name");

  record.values[1] = "";
  record.values[2] = "ada@king.example";
  that.judge();
  CHECK(that.fate(1).facts->email == "ada@king.example");
  CHECK(that.fate(1).facts->last_name == "Lovelace");
  REQUIRE(that.result.lapsed.size() == 1);
  CHECK(that.result.lapsed[0].field == "email");
}

TEST_CASE("S0-40: a known id under another name and e-mail is not believed", "[evaluation]") {
  Case that;
  that.known(Case::row(1, "Ada", "Lovelace", "ada@example.com"));
  SECTION("only the name is another") {
    that.there(1, "Ada", "King", "ada@example.com");
    CHECK(that.judge().issues.empty());
    CHECK(that.fate(1).facts);
  }
  SECTION("only the e-mail is another") {
    that.there(1, "ADA", "Lovelace", "ada@king.example");
    CHECK(that.judge().issues.empty());
  }
  SECTION("both are, and what is there now is not even good") {
    that.there(1, "Bo", "Berg", "");
    CHECK(that.judge().errors == 1);
    CHECK(that.reason(1) == IssueReason::identity_changed);
    CHECK(that.fate(1).denied);
  }
  SECTION("both are") {
    that.there(1, "Bo", "Berg", "bo@example.com");
    CHECK(that.judge().errors == 1);
    CHECK(that.reason(1) == IssueReason::identity_changed);
    CHECK(that.skip(1) == SkipReason::identity_changed);
    CHECK(that.issue(1)->fields.at("first_name") == "Bo");
    SECTION("but the operator says it is the same") {
      that.say(1, Kind::same);
      CHECK(that.judge().issues.empty());
      CHECK(that.fate(1).facts);
      CHECK_FALSE(that.fate(1).stranger);
      CHECK(that.result.spent == std::vector<std::int64_t>{1});
    }
    SECTION("but the operator says it is somebody else") {
      that.say(1, Kind::stranger);
      CHECK(that.judge().issues.empty());
      CHECK(that.fate(1).facts);
      CHECK(that.fate(1).stranger);
      CHECK(that.result.spent == std::vector<std::int64_t>{1});
    }
    SECTION("but the record is to be left out") {
      that.say(1, Kind::skip);
      CHECK(that.judge().issues.empty());
      CHECK(that.skip(1) == SkipReason::operator_skip);
      CHECK(that.fate(1).denied);  // left out, and whoever had the id before does not go on through it
    }
    SECTION("but the mapping has changed, so that names read differently") {
      that.same_mapping = false;
      CHECK(that.judge().issues.empty());
      CHECK(that.fate(1).facts);
    }
    SECTION("but it is another server, where everybody is somebody else") {
      that.other_server = true;
      CHECK(that.judge().issues.empty());
      CHECK(that.fate(1).stranger);
    }
  }
}

TEST_CASE("S0-6: whose group is no longer mapped leaves, if somebody was imported for it", "[evaluation]") {
  Case that;
  const auto ada = Case::row(1, "Ada", "Lovelace", "ada@example.com");
  const auto bo = Case::row(2, "Bo", "Berg", "bo@example.com");
  that.known(ada);
  that.known(bo, false);
  that.there(ada).department = "Leavers";
  that.there(bo).department = "Leavers";
  that.judge();
  CHECK(that.fate(1).leaves);
  CHECK(that.skip(1) == SkipReason::group_not_mapped);
  CHECK_FALSE(that.fate(2).leaves);
}

TEST_CASE("B.2-9: one reason a record, in the contract's order", "[evaluation]") {
  Case that;
  auto& record = that.there(1, "Ada", "Lovelace", "ada@example.com");
  that.there(2, "Ada", "Lovelace", "ada@example.com");
  that.settings.sync.import = ImportMode::update_only;
  that.judge();
  CHECK(that.skip(1) == SkipReason::duplicate_pending);
  that.say(1, Kind::skip);
  that.judge();
  CHECK(that.skip(1) == SkipReason::operator_skip);
  CHECK(that.skip(2) == SkipReason::excluded_by_mode);
  that.word = {};
  record.values[2] = "none";
  that.judge();
  CHECK(that.skip(1) == SkipReason::invalid_email);
  CHECK(that.result.errors == 1);
  that.say(1, Kind::skip);
  that.judge();
  CHECK(that.skip(1) == SkipReason::operator_skip);
  CHECK(that.result.errors == 0);  // S0-34: what is left out is settled
  record.values[2] = "ada@example.com";
  record.department = "Nowhere";
  that.judge();
  CHECK(that.skip(1) == SkipReason::group_not_mapped);
  CHECK(that.skip(2) == SkipReason::excluded_by_mode);
}

TEST_CASE("S1-H5: import modes leave out the new or the known", "[evaluation]") {
  Case that;
  const auto ada = Case::row(1, "Ada", "Lovelace", "ada@example.com");
  that.known(ada);
  that.there(ada);
  that.there(2, "Bo", "Berg", "bo@example.com");
  that.settings.sync.import = ImportMode::new_only;
  that.judge();
  CHECK(that.skip(1) == SkipReason::excluded_by_mode);
  CHECK_FALSE(that.skip(2));
  that.settings.sync.import = ImportMode::update_only;
  that.judge();
  CHECK_FALSE(that.skip(1));
  CHECK(that.skip(2) == SkipReason::excluded_by_mode);
}

TEST_CASE("The registry is asked only for whom a newcomer may be", "[evaluation]") {
  Case that;
  const auto mapping = make_mapping(that.settings, {SiteId("hq")}, that.fold);
  IndexedRecord known;
  known.number = 1;
  known.imported = true;
  known.keys.name = 1;
  RecordPack changed;
  changed.put(Case::row(1, "Ada", "Lovelace", "ada@example.com"));
  CHECK(registry_ask(changed, RecordIndex({known}), mapping, {}).empty());

  SECTION("not of those whom the mirror knows") {
    changed.put(Case::row(2, "Bo", "Berg", "bo@example.com"));
    const auto ask = registry_ask(changed, RecordIndex({known}), mapping, {});
    CHECK(ask.records == std::vector<std::int64_t>{2});
    CHECK(ask.keys.size() == 2);
    CHECK(ask.is_within(ask));
    CHECK_FALSE(ask.is_within({}));
    CHECK(RegistryAsk{}.is_within(ask));
    RegistryAsk all;
    all.everybody = true;
    CHECK(ask.is_within(all));
    CHECK_FALSE(all.is_within(ask));

    std::size_t names = 0;
    RegistryAsk together;
    const auto add = [](auto& list, const auto& part) { list.insert(list.end(), part.begin(), part.end()); };
    for (const auto& part : parts_of(ask, 1)) {
      CHECK(part.size() == 1);
      CHECK_FALSE(part.everybody);
      names += part.size();
      add(together.keys, part.keys);
      add(together.records, part.records);
      add(together.external_ids, part.external_ids);
    }
    CHECK(names == ask.size());
    CHECK(together.keys == ask.keys);
    CHECK(together.records == ask.records);
    CHECK(together.external_ids == std::vector<std::string>{"2"});
    CHECK(parts_of(ask, 3).size() == 3);
    CHECK(parts_of({}, 3).empty());
  }
  SECTION("too, where the mirror does not know as whom it has a record") {
    known.keys.name = 0;
    CHECK(registry_ask(changed, RecordIndex({known}), mapping, {}).records == std::vector<std::int64_t>{1});
  }
  SECTION("of nobody for a record that the mapping leaves out, once that is known") {
    changed.put(Case::row(2, "", "Berg", "bo@example.com"));
    CHECK(registry_ask(changed, RecordIndex({known}), mapping, {}).records == std::vector<std::int64_t>{2});
    IndexedRecord left_out;
    left_out.number = 2;
    CHECK(registry_ask(changed, RecordIndex({known, left_out}), mapping, {}).empty());
  }
  SECTION("for whom an operator has named") {
    changed.put(Case::row(2, "Bo", "Berg", "bo@example.com"));
    OperatorWord word;
    word.choices.push_back({.record = 2,
                            .kind = RecordChoice::Kind::link,
                            .person = PersonId(std::string(26, 'B')),
                            .other_record = std::nullopt});
    CHECK(registry_ask(changed, RecordIndex({known}), mapping, word).people.size() == 1);
  }
}
