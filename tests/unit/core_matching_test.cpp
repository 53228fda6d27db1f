// Whose a record is: duplicates, matches, links; and never a guess.

#include <catch2/catch.hpp>

#include "daemon/core/lookup.hpp"
#include "tests/unit/evaluation_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

using Case = EvaluationCase;
using Kind = RecordChoice::Kind;
using Words = std::vector<std::string>;

TEST_CASE("S0-32: a duplicate has first and last name and (e-mail or phone) of another record",
          "[matching]") {
  struct Row {
    std::string first, last, email, phone;
    bool duplicate;
  };
  const auto row = GENERATE(values<Row>({
      {"Ada", "Lovelace", "ada@example.com", "", true},
      {"ADA", " lovelace ", "Ada@Example.COM", "", true},
      {"Ada", "Lovelace", "", "+44 20 7946 0018", true},
      {"Ada", "Lovelace", "other@example.com", "(020) 7946-0018", true},
      {"Ada", "Lovelace", "other@example.com", "", false},
      {"Ada", "Lovelace", "", "020 7946 0019", false},
      {"Ada", "King", "ada@example.com", "020 7946 0018", false},
      {"Lovelace", "Ada", "ada@example.com", "", false},
  }));
  Case that;
  that.there(1, "Ada", "Lovelace", "ada@example.com", "020 7946 0018");
  that.there(2, row.first, row.last, row.email, row.phone);
  that.judge();
  INFO(row.first << ' ' << row.last << ' ' << row.email << ' ' << row.phone);
  CHECK(that.result.duplicates == (row.duplicate ? 2 : 0));
  if (row.duplicate) {  // both say so, and of each other
    CHECK(that.issue(1)->others == Words{"2"});
    CHECK(that.issue(2)->others == Words{"1"});
    CHECK(that.skip(1) == SkipReason::duplicate_pending);
    CHECK(that.skip(2) == SkipReason::duplicate_pending);
  } else {
    CHECK_FALSE(that.skip(1));
    CHECK_FALSE(that.skip(2));
  }
}

TEST_CASE("S0-32: letters are compared folded and composed", "[matching]") {
  Case that;
  that.there(1, "Zo\xC3\xAB", "STRASSE", "zoe@example.com");
  that.there(2, "zoe\xCC\x88",
             "Stra\xC3\x9F"
             "e",
             "ZOE@example.com");
  CHECK(that.judge().duplicates == 2);
}

TEST_CASE("S0-32: a duplicate of a person without a link here names the person", "[matching]") {
  Case that;
  that.person("P1", "Ada", "Lovelace", "", "020 7946 0018");
  that.person("P2", "Bo", "Berg", "bo@example.com", "020 7946 0099", 9);
  that.known(Case::row(9, "Bo", "Berg", "bo@example.com", "020 7946 0099"));
  that.there(1, "Ada", "Lovelace", "ada@example.com", "+442079460018");
  that.there(2, "Bo", "Berg", "bo2@example.com", "020 7946 0099");
  that.judge();
  CHECK(that.issue(1)->others == Words{Case::padded("P1")});
  CHECK(that.issue(2)->others == Words{Case::padded("P2")});  // by the record that has it
  CHECK(that.result.duplicates == 2);
}

TEST_CASE("S0-34: skipping a duplicate closes what rests on it", "[matching]") {
  Case that;
  that.there(1, "Ada", "Lovelace", "ada@example.com");
  that.there(2, "Ada", "Lovelace", "ada@example.com");
  that.there(3, "Ada", "Lovelace", "ada@example.com");
  that.say(1, Kind::skip);
  CHECK(that.judge().duplicates == 2);
  CHECK(that.issue(2)->others == Words{"3"});
  that.say(3, Kind::skip);
  CHECK(that.judge().issues.empty());
  CHECK_FALSE(that.skip(2));
  CHECK(that.skip(1) == SkipReason::operator_skip);
}

TEST_CASE("S0-33: merging into a twin record closes the twin's issue as well", "[matching]") {
  Case that;
  that.there(1, "Ada", "Lovelace", "ada@example.com");
  that.there(2, "Ada", "Lovelace", "ada@example.com");
  that.say(1, Kind::link, "", 2);
  CHECK(that.judge().issues.empty());
  REQUIRE(that.fate(1).link);
  CHECK(that.fate(1).link->other_record == 2);
  CHECK(that.fate(1).link->rule == LinkRule::merged);
  REQUIRE(that.fate(2).facts);
  CHECK_FALSE(that.fate(2).link);
}

TEST_CASE("S0-33: merging into a person links the record to it", "[matching]") {
  Case that;
  that.person("P1", "Ada", "Byron", "ada@example.com");
  that.there(1, "Ada", "Lovelace", "ada@example.com");
  that.judge();
  CHECK(that.reason(1) == IssueReason::email_differs_in_name);
  that.say(1, Kind::link, "P1");
  CHECK(that.judge().issues.empty());
  CHECK(that.linked_to(1) == "P1");
  CHECK(that.fate(1).link->rule == LinkRule::merged);
  SECTION("and is asked about again where that person has gone") {
    that.word = {};
    that.say(1, Kind::link, "P7");
    that.judge();
    CHECK(that.reason(1) == IssueReason::email_differs_in_name);
  }
}

TEST_CASE("S1-31: an e-mail links by itself where it is unique on both sides and the names agree",
          "[matching]") {
  Case that;
  that.there(1, "Ada", "Lovelace", "ADA@example.com");
  SECTION("so it does") {
    that.person("P1", "ada", "LOVELACE", "ada@example.com");
    CHECK(that.judge().issues.empty());
    CHECK(that.linked_to(1) == "P1");
    CHECK(that.fate(1).link->rule == LinkRule::email);
    CHECK(that.fate(1).link->evidence == "ADA@example.com");
  }
  SECTION("not where the names differ") {
    that.person("P1", "Ada", "King", "ada@example.com");
    that.judge();
    CHECK(that.reason(1) == IssueReason::email_differs_in_name);
    CHECK(that.issue(1)->others == Words{Case::padded("P1")});
    CHECK(that.skip(1) == SkipReason::ambiguous_match);
  }
  SECTION("not where two people have it") {
    that.person("P1", "Ada", "King", "ada@example.com");
    that.person("P2", "Bo", "Berg", "ada@example.com");
    that.judge();
    CHECK(that.reason(1) == IssueReason::email_not_unique);
    CHECK(that.issue(1)->others.size() == 2);
  }
  SECTION("not where two records have it") {
    that.person("P1", "Ada", "Lovelace", "ada@example.com");
    that.there(2, "Bo", "Berg", "ada@example.com");
    that.judge();
    CHECK_FALSE(that.fate(1).link);
    CHECK_FALSE(that.fate(2).link);
    CHECK(that.reason(2) == IssueReason::email_not_unique);
  }
  SECTION("nor where a record that did not change has it too") {
    that.person("P1", "Ada", "Lovelace", "ada@example.com");
    that.known(Case::row(9, "Bo", "Berg", "ada@example.com"));
    that.judge();
    CHECK_FALSE(that.fate(1).link);
  }
  SECTION("not where the cloud has not verified it") {
    that.person("P1", "Ada", "Lovelace", "ada@example.com", "", std::nullopt, false);
    that.judge();
    CHECK_FALSE(that.fate(1).link);
    CHECK(that.skip(1).has_value());
  }
  SECTION("not to somebody who has a record here") {
    that.person("P1", "Ada", "Lovelace", "ada@example.com", "", 9);
    that.known(Case::row(9, "Ada", "Lovelace", "ada@example.com"));
    that.judge();
    CHECK_FALSE(that.fate(1).link);
    CHECK(that.reason(1) == IssueReason::duplicate);
  }
}

TEST_CASE("S1-32: a full name alone is looked at, or links where it is unique on both sides", "[matching]") {
  Case that;
  that.person("P1", "Ada", "Lovelace", "ada@example.com");
  that.there(1, "Ada", "Lovelace", "");
  that.settings.sync.require_identifier = RequiredIdentifier::none;
  that.judge();
  CHECK(that.reason(1) == IssueReason::name_only);
  CHECK(that.issue(1)->others == Words{Case::padded("P1")});
  that.settings.sync.match.name_only = OnNameOnly::link;
  SECTION("unique: linked") {
    CHECK(that.judge().issues.empty());
    CHECK(that.linked_to(1) == "P1");
    CHECK(that.fate(1).link->rule == LinkRule::name);
    CHECK(that.fate(1).link->evidence == "Ada Lovelace");
  }
  SECTION("a namesake in the source: not") {
    that.there(2, "Ada", "Lovelace", "");
    that.judge();
    CHECK(that.reason(1) == IssueReason::name_only);
    CHECK(that.reason(2) == IssueReason::name_only);
  }
  SECTION("a namesake in the registry: not") {
    that.person("P2", "Ada", "Lovelace", "");
    that.judge();
    CHECK(that.issue(1)->others.size() == 2);
  }
  SECTION("a namesake who has a record here: not") {
    that.person("P2", "Ada", "Lovelace", "", "", 9);
    that.known(Case::row(9, "Ada", "Lovelace", ""));
    that.judge();
    CHECK(that.reason(1) == IssueReason::name_only);
  }
}

TEST_CASE("S1-33: whom nobody agrees with is made, or looked at with match.none: review", "[matching]") {
  Case that;
  that.person("P1", "Bo", "Berg", "bo@example.com");
  that.there(1, "Ada", "Lovelace", "ada@example.com");
  CHECK(that.judge().issues.empty());
  CHECK(that.fate(1).facts);
  CHECK_FALSE(that.fate(1).link);
  that.settings.sync.match.none = OnNoMatch::review;
  that.judge();
  CHECK(that.reason(1) == IssueReason::no_match);
  CHECK(that.skip(1) == SkipReason::no_matching_record);
  that.say(1, Kind::create);
  CHECK(that.judge().issues.empty());
  CHECK(that.fate(1).facts);
  SECTION("which nobody has to decide of a record that the mode leaves out") {
    that.word.choices.clear();
    that.settings.sync.import = ImportMode::update_only;
    CHECK(that.judge().issues.empty());
    CHECK(that.skip(1) == SkipReason::excluded_by_mode);
  }
}

TEST_CASE("D-16: person=new makes somebody whatever agrees", "[matching]") {
  Case that;
  that.person("P1", "Ada", "Lovelace", "ada@example.com");
  that.person("P2", "Ada", "Lovelace", "ada@example.com");
  that.there(1, "Ada", "Lovelace", "ada@example.com");
  that.say(1, Kind::create);
  CHECK(that.judge().issues.empty());
  CHECK(that.fate(1).facts);
  CHECK_FALSE(that.fate(1).link);
}

TEST_CASE("S1-32: a feed never links to another source's person unless it is told to", "[matching]") {
  Case that;
  that.settings.kind = IntegrationKind::feed;
  that.person("P1", "Ada", "Lovelace", "ada@example.com");
  that.there(1, "Ada", "Lovelace", "ada@example.com");
  that.there(2, "Bo", "Berg", "bo@example.com");
  that.settings.sync.match.name_only = OnNameOnly::link;
  SECTION("by e-mail") {}
  SECTION("nor by the name") {
    that.person("P2", "Bo", "Berg", "");
    that.judge();
    CHECK(that.reason(2) == IssueReason::other_source);
    CHECK_FALSE(that.fate(2).link);
  }
  that.judge();
  CHECK_FALSE(that.fate(1).link);
  REQUIRE(that.issue(1));
  CHECK(that.issue(1)->others == Words{Case::padded("P1")});
  that.settings.sync.match.cross_source = OnNameOnly::link;
  CHECK(that.judge().issues.empty());
  CHECK(that.linked_to(1) == "P1");
}

TEST_CASE("B.2-11: who is made anew at the source is proposed for a link, and the former's removal waits",
          "[matching]") {
  Case that;
  that.known(Case::row(1, "Ada", "Lovelace", "ada@example.com"), true, false);
  that.person("P1", "Ada", "Lovelace", "ada@example.com", "", 1);
  that.there(2, "Ada", "Lovelace", "Ada@example.com");
  that.judge();
  CHECK(that.reason(2) == IssueReason::recreated);
  CHECK(that.issue(2)->others == Words{Case::padded("P1")});
  CHECK(that.result.held_back == std::vector<std::int64_t>{1});
  CHECK(that.skip(2) == SkipReason::ambiguous_match);
  SECTION("merged, the person keeps everything under the new id") {
    that.say(2, Kind::link, "P1");
    CHECK(that.judge().issues.empty());
    CHECK(that.fate(2).link->rule == LinkRule::relinked);
    CHECK(that.fate(2).link->other_record == 1);
  }
  SECTION("or it is somebody else, and the former goes") {
    that.say(2, Kind::create);
    CHECK(that.judge().issues.empty());
    CHECK(that.result.held_back.empty());
    CHECK(that.fate(2).facts);
  }
}

TEST_CASE("B.2-3: a stored link is stronger than any rule, even where the mirror has forgotten it",
          "[matching]") {
  Case that;
  that.person("P1", "Ada", "Lovelace", "ada@example.com", "", 1);
  that.person("P2", "Ada", "Lovelace", "", "020 7946 0018");
  that.there(1, "Ada", "Lovelace", "ada@example.com", "020 7946 0018");
  SECTION("known") {
    that.known(Case::row(1, "Ada", "Byron", "ada@example.com"));
  }
  SECTION("forgotten") {}
  CHECK(that.judge().issues.empty());
  CHECK(that.fate(1).facts);
  CHECK_FALSE(that.fate(1).link);
}

TEST_CASE("An integration that was removed and added anew may have other people under the ids of before",
          "[matching]") {
  Case that;
  that.person("P1", "Ada", "Lovelace", "ada@example.com", "", 1);
  that.there(1, "Bo", "Berg", "bo@example.com");
  CHECK(that.judge().errors == 1);
  CHECK(that.reason(1) == IssueReason::identity_changed);
  CHECK(that.fate(1).denied);
  CHECK_FALSE(that.fate(1).facts);
  SECTION("the operator says so") {
    that.say(1, RecordChoice::Kind::stranger);
    CHECK(that.judge().issues.empty());
    CHECK(that.fate(1).stranger);
  }
  SECTION("the operator says that it is still the same") {
    that.say(1, RecordChoice::Kind::same);
    CHECK(that.judge().issues.empty());
    CHECK(that.fate(1).facts);
    CHECK_FALSE(that.fate(1).stranger);
  }
}

TEST_CASE("A lookup gives each item once, by name with e-mail or phone", "[matching]") {
  Lookup lookup;
  lookup.put({.name = 1, .email = 2, .phone = 3}, 10);
  lookup.put({.name = 1, .email = 2, .phone = 0}, 11);
  lookup.put({.name = 0, .email = 2, .phone = 3}, 12);
  lookup.seal();
  CHECK(lookup.alike({.name = 1, .email = 2, .phone = 3}) == std::vector<std::int64_t>{10, 11});
  CHECK(lookup.alike({.name = 1, .email = 3, .phone = 2}).empty());  // one's e-mail is not another's phone
  CHECK(lookup.alike({.name = 0, .email = 2, .phone = 3}).empty());
  CHECK(lookup.by_email(2).size() == 3);
  CHECK(lookup.count_name(1) == 2);
  CHECK(lookup.count_name(7) == 0);
}

TEST_CASE("S0-32: digits make a phone, with and without the country's code", "[matching]") {
  CHECK(phone_digits("020 7946-0018") == phone_digits("+44 (20) 79460018"));
  CHECK(phone_digits("1234").empty());
  CHECK(phone_digits("ext. 12345") == "12345");
  CHECK(phone_digits("").empty());
}
