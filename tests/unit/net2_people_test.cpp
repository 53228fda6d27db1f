#include <array>

#include <catch2/catch.hpp>

#include "tests/unit/taken_people.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsReply;
using test::HttpsRequest;
using test::names;
using test::People;
using test::querydb;
using test::run;
using Net2 = test::ScriptedNet2;

}  // namespace

TEST_CASE("People come by one query where the server allows it", "[net2][people]") {
  Net2 net2;
  int counted = 2;
  net2.say("GET /api/v1/customquery/querydb", [&](const HttpsRequest& request) {
    if (request.line.find("COUNT") != std::string::npos)
      return answer(200, "[{\"N\":" + std::to_string(counted) + "}]");
    return answer(
        200,
        R"([{"userid":1,"FirstName":"Ann","Surname":"A","ActivateDate":null,"ExpiryDate":null,"DepartmentName":"Staff","DepartmentID":3},
      {"UserID":"2","FirstName":"Bo ","Surname":null,"ActivateDate":null,"ExpiryDate":null,"DepartmentName":null,"DepartmentID":0}])");
  });
  People people;
  const auto read = run(net2.io, net2.source->read_people(names, people));
  if (!read) FAIL(read.error().detail);
  CHECK(read->seen == 2);
  CHECK(read->way == "querydb");
  CHECK(people.records[1].department == "Staff");
  CHECK(people.records[2].values == std::vector<std::string>{"Bo", ""});

  counted = 3;
  const auto short_of = run(net2.io, net2.source->read_people(names, people));
  REQUIRE_FALSE(short_of);
  CHECK(short_of.error().code == Errc::incomplete);
}

TEST_CASE("Where querydb does not serve, people come by their lists", "[net2][people]") {
  struct Row {
    const char* when;
    HttpsReply reply;
  };
  const auto row = GENERATE(values<Row>({
      {"it is forbidden", answer(403, "")},
      {"it is not there", answer(404, "")},
      {"its SQL is refused", answer(400, R"({"message":"Invalid column name"})")},
      {"it fails", answer(500, "")},
      {"the method is refused", answer(405, "")},
      {"it is not made", answer(501, "")},
      {"it is null", answer(200, "null")},
      {"a web page comes", answer(200, "<html>", "", "text/html")},
      {"its rows lack columns", answer(200, R"([{"UserID":1,"FirstName":"Ann"}])")},
      {"it shows nobody", answer(200, "[]")},
  }));
  DYNAMIC_SECTION("when " << row.when) {
    Net2 net2;
    net2.say("GET /api/v1/customquery/querydb", [&](const HttpsRequest&) { return row.reply; });
    net2.say("GET /api/v1/departments", 200, R"-([{"id":3,"name":"Staff"},{"id":0,"name":"(none)"}])-");
    net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1}])");
    net2.say("GET /api/v1/departments/root/users", 200, R"([{"id":2},{"id":1}])");
    net2.say(
        "GET /api/v1/users", 200,
        R"([{"id":1,"firstName":"Ann","lastName":"A"},{"id":2,"firstName":"Bo"},{"id":4,"firstName":"Cy"},{"id":4,"firstName":"Cy"}])");
    net2.say("GET /api/v1/users/1/departments", 200, R"([{"id":3,"name":"Staff"}])");
    net2.say("GET /api/v1/users/4/departments", 200, "");
    People people;
    const auto read = run(net2.io, net2.source->read_people(names, people));
    if (!read) FAIL(read.error().detail);
    CHECK(read->way == "users");
    CHECK(read->seen == 3);
    CHECK(people.records.size() == 3);
    CHECK(people.records[1].department == "Staff");  // in two lists: asked singly
    CHECK(people.records[2].department.empty());
    CHECK(people.records[4].department.empty());  // in none: asked singly
    CHECK(net2.asked("GET /api/v1/users/2/") == 0);

    const auto before = net2.asked(querydb);
    CHECK(run(net2.io, net2.source->read_people(names, people)));
    CHECK(net2.asked(querydb) == before);
    net2.clock.up += 61min;
    CHECK(run(net2.io, net2.source->read_people(names, people)));
    CHECK(net2.asked(querydb) > before);
  }
}

TEST_CASE("A server that has nobody is asked little until somebody comes", "[net2][people]") {
  Net2 net2;
  std::string rows = "[]";
  net2.say("GET /api/v1/customquery/querydb", [&](const HttpsRequest&) { return answer(200, rows); });
  net2.say("GET /api/v1/departments", 200, R"([{"id":3,"name":"Staff"}])");
  net2.say("GET /api/v1/departments/3/users", 200, "");
  net2.say("GET /api/v1/departments/root/users", 200, "");
  net2.say("GET /api/v1/users", 200, "[]");
  People people;
  const auto seen = [&] {
    const auto read = run(net2.io, net2.source->read_people(names, people));
    return read ? static_cast<int>(read->seen) : -1;
  };
  CHECK(seen() == 0);
  const auto departments = net2.asked("GET /api/v1/departments"), queries = net2.asked(querydb);
  CHECK(seen() == 0);
  CHECK(seen() == 0);
  CHECK(net2.asked("GET /api/v1/departments") == departments);
  CHECK(net2.asked(querydb) == queries);

  SECTION("an error is not nobody") {
    net2.say("GET /api/v1/users", 502, "");
    CHECK(seen() == -1);
    net2.say("GET /api/v1/users", 200, "<html>");
    CHECK(seen() == -1);
    net2.say("GET /api/v1/users", 200, "[{\"id\":1},");
    CHECK(seen() == -1);
  }
  SECTION("querydb shows them as well") {
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"}])");
    rows =
        R"([{"UserID":1,"FirstName":"Ann","Surname":"A","ActivateDate":null,"ExpiryDate":null,"DepartmentName":"Staff","DepartmentID":3}])";
    net2.say("GET /api/v1/customquery/querydb", [&](const HttpsRequest& request) {
      return answer(200, request.line.find("COUNT") == std::string::npos ? rows : R"([{"N":1}])");
    });
    CHECK(seen() == 1);
    CHECK(people.records[1].department == "Staff");
    CHECK(net2.asked("GET /api/v1/departments") == departments);
    net2.say("GET /api/v1/users", 502, "");
    CHECK(seen() == 1);
  }
  SECTION("querydb shows nobody still") {
    net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1}])");
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"}])");
    CHECK(seen() == 1);
    CHECK(people.records[1].department == "Staff");
  }
  SECTION("all of them are asked again each hour") {
    net2.clock.up += 61min;
    CHECK(seen() == 0);
    CHECK(net2.asked(querydb) > queries);
    CHECK(net2.asked("GET /api/v1/departments") > departments);
  }
  SECTION("whom only a department lists is looked for once there was somebody") {
    net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1},{"id":2}])");
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"}])");
    net2.say("GET /api/v1/users/2", 200, R"({"id":2})");
    CHECK(seen() == -1);
  }
}

TEST_CASE("A list is read piece by piece, however large it is", "[net2][people]") {
  Net2 net2;
  std::string list, ids;
  for (int id = 1; id <= 600; ++id) {
    const auto number = std::to_string(id);
    list += (id == 1 ? "[" : ",") +
            (R"({"id":)" + number + R"(,"firstName":"Ann","lastName":"Number )" + number) + "\"}";
    ids += (id == 1 ? "[" : ",") + (R"({"id":)" + number) + "}";
  }
  net2.say("GET /api/v1/departments", 200, "[]");
  net2.say("GET /api/v1/departments/root/users", 200, ids + "]");
  net2.say("GET /api/v1/users", 200, list + "]");
  People people;
  const auto read = run(net2.io, net2.source->read_people(names, people));
  if (!read) FAIL(read.error().detail);
  CHECK(read->seen == 600);
  CHECK(people.records[600].values == std::vector<std::string>{"Ann", "Number 600"});
}

TEST_CASE("A snapshot that cannot be whole is an error", "[net2][people]") {
  Net2 net2;
  net2.say("GET /api/v1/departments", 200, R"([{"id":3,"name":"Staff"}])");
  net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1}])");
  net2.say("GET /api/v1/departments/root/users", 200, "");
  net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"}])");
  People people;
  REQUIRE(run(net2.io, net2.source->read_people(names, people)));
  Errc expected = Errc::incomplete;
  SECTION("the list stops in the middle") {
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"},)");
  }
  SECTION("the connection is cut") {
    net2.say("GET /api/v1/users", [](const HttpsRequest&) {
      return HttpsReply{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[{\"id\":1}", HttpsReply::Then::cut};
    });
  }
  SECTION("a user has no id") {
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"},{"firstName":"Bo"}])");
    expected = Errc::malformed;
  }
  SECTION("one id has two contents") {
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"},{"id":1,"firstName":"Bo"}])");
  }
  SECTION("a department lists somebody whom /users leaves out") {
    net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1},{"id":2}])");
    net2.say("GET /api/v1/users/2", 200, R"({"id":2})");
  }
  SECTION("a department's list fails") {
    net2.say("GET /api/v1/departments/3/users", 502, "");
    expected = Errc::busy;
  }
  SECTION("HTML comes for JSON") {
    net2.say("GET /api/v1/users", 200, "<html>");
    expected = Errc::unreachable;
  }
  SECTION("the route of a single user's department is not there") {
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"},{"id":5}])");
    net2.say("GET /api/v1/users/5", 200, R"({"id":5})");
  }
  const auto read = run(net2.io, net2.source->read_people(names, people));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == expected);
}

TEST_CASE("A server without the departments' lists is asked for each user's department", "[net2][people]") {
  Net2 net2;
  net2.say("GET /api/v1/departments", 200, R"([{"id":3,"name":"Staff"},{"id":5,"name":"Visitors"}])");
  net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"},{"id":2,"firstName":"Bo"}])");
  net2.say("GET /api/v1/users/1/departments", 200, R"([{"id":3,"name":"Staff"}])");
  net2.say("GET /api/v1/users/2/departments", 200, "null");
  People people;
  SECTION("none of them is there") {}
  SECTION("one of them is") {
    net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1}])");
  }
  const auto read = run(net2.io, net2.source->read_people(names, people));
  if (!read) FAIL(read.error().detail);
  CHECK(read->seen == 2);
  CHECK(people.records[1].department == "Staff");
  CHECK(people.records[2].department.empty());
}

TEST_CASE("What a server that fails altogether says of querydb is not kept", "[net2][people]") {
  Net2 net2;
  net2.say("GET /api/v1/customquery/querydb", 404, "");
  net2.say("GET /api/v1/departments", 502, "");
  People people;
  CHECK_FALSE(run(net2.io, net2.source->read_people(names, people)));
  const auto before = net2.asked(querydb);
  CHECK_FALSE(run(net2.io, net2.source->read_people(names, people)));
  CHECK(net2.asked(querydb) > before);
}

TEST_CASE("Custom fields that a server has never named go by their names as delivered", "[net2][people]") {
  const PeopleQuery email{.fields = {"custom:Email"}};
  const std::string route = "GET /api/v1/users/customfieldnames";
  Net2 net2;
  net2.say("GET /api/v1/departments", 200, "[]");
  net2.say("GET /api/v1/users", 200,
           R"([{"id":1,"customFields":[{"id":9,"value":"ann@example.com"},{"id":10,"value":"Porter"}]}])");
  net2.say("GET /api/v1/users/1/departments", 200, "");
  People people;
  SECTION("it has no such route") {
    for (int i = 0; i < 2; ++i) {
      const auto read = run(net2.io, net2.source->read_people(email, people));
      if (!read) FAIL(read.error().detail);
      CHECK(people.records[1].values == std::vector<std::string>{"ann@example.com"});
    }
    const auto told = [](const std::string& line) { return line.find("as delivered") != std::string::npos; };
    CHECK(std::ranges::count_if(net2.log.lines, told) == 1);
  }
  SECTION("it has named them before: they may be other ones") {
    net2.say(route, 200, R"([{"id":10,"name":"Email"}])");
    REQUIRE(run(net2.io, net2.source->read_people(email, people)));
    CHECK(people.records[1].values == std::vector<std::string>{"Porter"});
    net2.say(route, 404, "");
    CHECK_FALSE(run(net2.io, net2.source->read_people(email, people)));
  }
  SECTION("a name that was not delivered is not there") {
    const PeopleQuery other{.fields = {"custom:E-mail"}};
    const auto read = run(net2.io, net2.source->read_people(other, people));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::invalid);
  }
  SECTION("any other refusal is one") {
    net2.say(route, 403, "");
    CHECK(run(net2.io, net2.source->read_people(email, people)).error().code == Errc::forbidden);
  }
}

TEST_CASE("An empty list whose end may be a cut is believed when it comes twice", "[net2][people]") {
  Net2 net2;
  const std::string doors = "GET /api/v1/doors";
  std::vector<std::string> bodies;
  net2.say(doors, [&](const HttpsRequest&) {
    const auto nth = std::min(net2.asked(doors), bodies.size());
    return HttpsReply{"HTTP/1.0 200 OK\r\n\r\n" + bodies[nth - 1], HttpsReply::Then::cut};
  });
  SECTION("the server died between head and body") {
    bodies = {"", R"([{"id":1,"name":"Front"}])"};
    const auto read = run(net2.io, net2.source->read_doors());
    REQUIRE(read);
    CHECK(read->size() == 1);
  }
  SECTION("there are none") {
    bodies = {"", ""};
    const auto read = run(net2.io, net2.source->read_doors());
    REQUIRE(read);
    CHECK(read->empty());
  }
  SECTION("a list that is cut is none") {
    bodies = {R"([{"id":1,"name":"Front"})"};
    CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::incomplete);
  }
}

TEST_CASE("Nobody at all is an empty list: the caller judges", "[net2][people]") {
  Net2 net2;
  net2.say("GET /api/v1/departments", 200, "");
  net2.say("GET /api/v1/users", 200, "");
  People people;
  const auto read = run(net2.io, net2.source->read_people(names, people));
  REQUIRE(read);
  CHECK(read->seen == 0);
}

TEST_CASE("Access levels that querydb does not tell are read singly", "[net2][people]") {
  Net2 net2;
  net2.say("GET /api/v1/accesslevels", 200,
           R"([{"id":0,"name":"No access"},{"id":1,"name":"All hours, all doors"},{"id":2,"name":"Staff"}])");
  net2.say("GET /api/v1/customquery/querydb", [](const HttpsRequest& request) {
    if (request.line.find("COUNT") != std::string::npos) return answer(400, "");
    const auto row = [](int id, const std::string& level) {
      return "{\"UserID\":" + std::to_string(id) +
             R"(,"ActivateDate":null,"ExpiryDate":null,"DepartmentName":null,"DepartmentID":0,"AccessLevelName":)" +
             level + "}";
    };
    return answer(200, "[" + row(1, "\"staff\"") + "," + row(2, "\"Individual: Staff\"") + "," +
                           row(3, "null") + "," + row(4, "\"No access\"") + "]");
  });
  net2.say("GET /api/v1/users/2/doorpermissionset", 200,
           R"({"accessLevels":[2,"1"],"individualPermissions":[{"id":7}]})");
  net2.say("GET /api/v1/users/3/doorpermissionset", 200, R"({"accessLevels":[0]})");
  People people;
  const auto read = run(net2.io, net2.source->read_people({.fields = {}, .access_levels = true}, people));
  if (!read) FAIL(read.error().detail);
  using Levels = std::vector<std::string>;
  CHECK(people.records[1].access_levels == Levels{"Staff"});
  CHECK(people.records[2].access_levels == Levels{"All hours, all doors", "Staff"});
  CHECK(people.records[3].access_levels == Levels{});
  CHECK(people.records[4].access_levels == Levels{});
}

TEST_CASE("A user deleted while everybody is read is left out", "[net2][people]") {
  Net2 net2;
  net2.say("GET /api/v1/departments", 200, "[]");
  net2.say("GET /api/v1/users", 200, R"([{"id":1},{"id":2}])");
  net2.say("GET /api/v1/users/1/departments", 200, "[]");
  People people;
  const auto read = run(net2.io, net2.source->read_people(names, people));
  if (!read) FAIL(read.error().detail);
  CHECK(read->seen == 1);
  CHECK(people.records.contains(1));
}

}  // namespace gatehouse
