// People who are read again as they were.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "connectors/net2/answer_mark.hpp"
#include "tests/unit/taken_people.hpp"

namespace gatehouse {
namespace {

using test::answer;
using test::HttpsRequest;
using test::names;
using test::People;
using test::querydb;
using test::run;
using Net2 = test::ScriptedNet2;

}  // namespace

TEST_CASE("A short list that has come before is known again", "[net2][people]") {
  Net2 net2;
  const auto row = [](int id, const std::string& name, const std::string& level) {
    return R"({"UserID":)" + std::to_string(id) + R"(,"FirstName":"Ann","Surname":")" + name +
           R"(","ActivateDate":null,"ExpiryDate":null,"DepartmentName":"Staff","DepartmentID":3,)" +
           R"("AccessLevelName":")" + level + "\"}";
  };
  std::string rows = "[" + row(1, "A", "All day") + "]";
  int count = 1, status = 200;
  net2.say("GET /api/v1/customquery/querydb", [&](const HttpsRequest& request) {
    if (request.line.find("COUNT") != std::string::npos)
      return answer(200, "[{\"N\":" + std::to_string(count) + "}]");
    return answer(status, rows);
  });
  net2.say("GET /api/v1/accesslevels", 200, R"([{"id":7,"name":"All day"}])");
  net2.say("GET /api/v1/users/1/doorpermissionset", 200,
           R"({"accessLevels":[7],"individualPermissions":[]})");
  PeopleQuery query = names;
  query.access_levels = true;
  People people;
  const auto read = [&] {
    people.records.clear();
    return run(net2.io, net2.source->read_people(query, people));
  };
  const auto first = read();
  REQUIRE(first);
  CHECK_FALSE(first->repeats);
  REQUIRE_FALSE(first->mark.empty());
  query.known = first->mark;
  const auto counted = net2.asked(querydb + std::string("COUNT"));

  const auto again = read();
  REQUIRE(again);
  CHECK(again->repeats);
  CHECK(again->mark == first->mark);
  CHECK(people.records.empty());
  CHECK(net2.asked(querydb + std::string("COUNT")) == counted);

  SECTION("somebody else is there") {
    rows = "[" + row(1, "A", "All day") + "," + row(2, "B", "All day") + "]";
    count = 2;
    const auto other = read();
    REQUIRE(other);
    CHECK_FALSE(other->repeats);
    CHECK(other->seen == 2);
    CHECK(people.records.size() == 2);
    CHECK(other->mark != first->mark);
    CHECK(net2.asked(querydb + std::string("COUNT")) == counted + 1);
  }
  SECTION("a level has another name") {
    net2.say("GET /api/v1/accesslevels", 200, R"([{"id":8,"name":"All day"}])");
    const auto other = read();
    REQUIRE(other);
    CHECK_FALSE(other->repeats);
    CHECK(people.records.size() == 1);
  }
  SECTION("other fields are wanted") {
    query.fields = {"lastName", "firstName"};
    const auto other = read();
    REQUIRE(other);
    CHECK_FALSE(other->repeats);
  }
  SECTION("the list is cut") {
    rows = "[" + row(1, "A", "All day");
    const auto cut = read();
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == Errc::incomplete);
  }
  SECTION("the server fails") {
    status = 502;
    CHECK_FALSE(read());
  }
  SECTION("somebody is asked for singly") {
    rows = "[" + row(1, "A", "Individual: 1") + "]";
    const auto other = read();
    REQUIRE(other);
    CHECK_FALSE(other->repeats);
    CHECK(other->mark.empty());
  }
  SECTION("the list is long") {
    rows = "[" + row(1, "A", "All day");
    for (count = 1; rows.size() < AnswerMark::most; ++count) rows += "," + row(count + 1, "B", "All day");
    rows += "]";
    const auto other = read();
    REQUIRE(other);
    CHECK_FALSE(other->repeats);
    CHECK(other->seen == static_cast<std::uint64_t>(count));
    CHECK(other->mark.empty());
  }
}

TEST_CASE("A mark is of the bytes, wherever they are cut", "[net2][people]") {
  const auto mark = [](const std::vector<std::string>& pieces) {
    AnswerMark made;
    for (const auto& piece : pieces) made.add(piece);
    return made.value();
  };
  CHECK(mark({"abc"}).size() == 32);
  CHECK(mark({"abc"}) == mark({"a", "", "bc"}));
  CHECK(mark({"abc"}) != mark({"abd"}));
  CHECK_FALSE(mark({std::string(AnswerMark::most, 'x')}).empty());
  CHECK(mark({std::string(AnswerMark::most, 'x'), "x"}).empty());
}

}  // namespace gatehouse
