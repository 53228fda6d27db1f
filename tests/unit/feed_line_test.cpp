#include "connectors/feed/feed_line.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

namespace gatehouse {
namespace {

SourceRecord person(std::string_view line, const std::vector<SourceField>& fields = {}) {
  auto parsed = parse_feed_line(line, fields);
  if (!parsed) FAIL(parsed.error().detail);
  return std::get<SourceRecord>(std::move(*parsed));
}

std::string fault(std::string_view line) {
  const auto parsed = parse_feed_line(line, {"first_name"});
  if (parsed) return "none";
  CHECK(parsed.error().code == Errc::malformed);
  return parsed.error().detail;
}

}  // namespace

TEST_CASE("A line of a feed is a person with the values that were asked for", "[feed]") {
  const auto ada = person(
      R"({"external_id":" c-17 ","group":"identified","department":" Labs ","first_name":" Ada ","age":36,
          "height":1.5,"on":true,"none":null,"tags":["a"," b ",3,null],"secret":"s",
          "valid_from":"2026-06-01T10:00:00+02:00","valid_until":null})",
      {"first_name", "secret2", "age", "height", "on", "none", "tags", "department", "group", "external_id"});
  CHECK(ada.external_id == "c-17");
  CHECK(ada.number == record_number("c-17"));
  CHECK(ada.group == "identified");
  CHECK(ada.department == "Labs");
  CHECK(ada.valid_from == parse_rfc3339("2026-06-01T08:00:00Z"));
  CHECK_FALSE(ada.valid_until);
  CHECK(ada.values == std::vector<std::string>{"Ada", "", "36", "1.5", "true", "", "a, b, 3", "Labs",
                                               "identified", "c-17"});
  CHECK(person(R"({"external_id":12345678901234567})").external_id == "12345678901234567");
  CHECK(person(R"({"external_id":"a","end":false})").external_id == "a");
}

TEST_CASE("A long value of a feed is cut between two characters", "[feed]") {
  const std::string line = R"({"external_id":"a","first_name":"x)" + std::string(2500, ' ') + "y";
  std::string accents;
  for (int i = 0; i < 3000; ++i) accents += "é";
  const auto value = person(line + accents + R"("})", {"first_name"}).values.at(0);
  CHECK(value.size() == 4096 - (4096 - 2502) % 2);
  CHECK(value.ends_with("é"));
}

TEST_CASE("The end line of a feed counts", "[feed]") {
  const auto end = parse_feed_line(R"({"end":true,"count":214})", {});
  REQUIRE(end);
  CHECK(std::get<FeedEnd>(*end).count == 214);
}

TEST_CASE("A bad line of a feed says what is wrong with it", "[feed]") {
  const auto has = [](const char* words) { return Catch::Contains(words); };
  CHECK_THAT(fault("{\"external_id\":\"a\""), has("it is not JSON"));
  CHECK_THAT(fault("[1]"), has("it is no object"));
  CHECK_THAT(fault("{}"), has("\"external_id\" is missing"));
  CHECK_THAT(fault(R"({"external_id":"  "})"), has("\"external_id\" is empty"));
  CHECK_THAT(fault(R"({"external_id":null})"), has("neither a text nor a whole number"));
  CHECK_THAT(fault(R"({"external_id":1.5})"), has("neither a text nor a whole number"));
  CHECK_THAT(fault(R"({"external_id":"a\u0000"})"), has("control characters"));
  CHECK_THAT(fault(R"({"external_id":")" + std::string(129, 'x') + R"("})"), has("129 bytes; at most 128"));
  CHECK_THAT(fault(R"({"external_id":"a","group":["x"]})"), has("\"group\" is no text"));
  CHECK_THAT(fault(R"({"external_id":"a","department":7})"), has("\"department\" is no text"));
  CHECK_THAT(fault(R"({"external_id":"a","valid_until":"1 June 2026"})"),
             has("\"valid_until\" is '1 June 2026'"));
  CHECK_THAT(fault(R"({"external_id":"a","valid_from":"2026-06-01T08:00:00"})"), has("with a zone"));
  CHECK_THAT(fault(R"({"external_id":"a","face":{"x":1}})"), has("\"face\" is an object"));
  CHECK_THAT(fault(R"({"external_id":"a","faces":[[1]]})"), has("it is nested"));
  CHECK_THAT(fault(R"({"external_id":"a","faces":[{}]})"), has("it is nested"));
  CHECK_THAT(fault("{\"external_id\":\"\xff\"}"), has("it is not JSON"));
  CHECK_THAT(fault(R"({"end":true})"), has("has no \"count\""));
  CHECK_THAT(fault(R"({"end":true,"count":-1})"), has("has no \"count\""));
  CHECK_THAT(fault(R"({"end":true,"count":2.5})"), has("has no \"count\""));
  CHECK_THAT(fault(R"({"end":true,"count":1,"external_id":"a"})"), has("at once"));
}

TEST_CASE("No bytes in a line of a feed do harm", "[feed]") {
  CHECK(rc::check("any bytes", [](const std::string& bytes) {
    const auto parsed = parse_feed_line(bytes, {"a"});
    RC_ASSERT(!parsed || bytes.find('{') != std::string::npos);
  }));
  CHECK(fault(std::string(60'000, '[')) != "none");
}

}  // namespace gatehouse
