#include "connectors/net2/net2_source.hpp"

#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <map>

#include "tests/unit/scripted_https.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsReply;
using test::HttpsRequest;
using test::run;

constexpr auto token_line = "POST /api/v1/authorization/tokens";
constexpr auto querydb = "GET /api/v1/customquery/querydb?query=SELECT%20";

struct People final : RecordSink {
  void take(SourceRecord&& record) override { records[record.number] = std::move(record); }
  std::map<std::int64_t, SourceRecord> records;
};

/// A Net2 server by its answers: a path (up to its query) and what comes.
struct Net2 {
  Net2() : server(io, files, [this](const HttpsRequest& request) { return serve(request); }) {
    settings.url = server.url();
    settings.username = "Gateway Service";
    settings.timezone = "Europe/London";
    settings.tls.ca = authority.ca().string();
    Net2Options options;
    options.patience = {.connect = 2s, .silence = 150ms, .slow_list = 150ms, .whole = 5s};
    options.pacing.between = 0ms;
    auto made = make_net2_source(io.get_executor(), worker.get_executor(), settings,
                                 {"Gateway Service", "Secret1", "0f0e0d0c"}, clock, log, options);
    REQUIRE(made);
    source = std::move(*made);
  }
  ~Net2() { worker.join(); }

  HttpsReply serve(const HttpsRequest& request) {
    const auto scripted = answers.find(request.line.substr(0, request.line.find('?')));
    if (request.line == token_line) {
      forms.push_back(request.body);
      if (scripted != answers.end()) return scripted->second(request);
      return answer(200, R"({"access_token":"T)" + std::to_string(forms.size()) +
                             R"(","token_type":"bearer","expires_in":1800,"refresh_token":"R"})");
    }
    return scripted == answers.end() ? answer(404, R"({"message":"not here"})") : scripted->second(request);
  }
  void say(const std::string& line, std::function<HttpsReply(const HttpsRequest&)> what) {
    answers[line] = std::move(what);
  }
  void say(const std::string& line, int status, const std::string& body) {
    say(line, [=](const HttpsRequest&) { return answer(status, body); });
  }
  std::size_t asked(const std::string& beginning) const {
    const auto begins = [&](const std::string& line) { return line.starts_with(beginning); };
    return static_cast<std::size_t>(std::count_if(server.lines().begin(), server.lines().end(), begins));
  }

  test::TestAuthority authority;
  test::CertificateFiles files = authority.issue_server();
  boost::asio::io_context io;
  boost::asio::thread_pool worker{1};
  test::ScriptedHttps server;
  test::HandClock clock;
  test::KeptLog log;
  Net2Server settings;
  std::map<std::string, std::function<HttpsReply(const HttpsRequest&)>> answers;
  std::vector<std::string> forms;
  std::unique_ptr<Net2Link> source;
};

const std::string doors = "GET /api/v1/doors";
const std::string events = "GET /api/v1/events";
const PeopleQuery names{.fields = {"firstName", "lastName"}};

std::vector<std::int64_t> ids(const EventPage& page) {
  std::vector<std::int64_t> found;
  for (const auto& event : page.events) found.push_back(event.id.value());
  return found;
}

EventQuery after(std::int64_t id, std::size_t limit = 1000) {
  return {.after = Net2EventId(id), .since = parse_rfc3339("2026-01-05T06:00:00Z"), .limit = limit};
}

}  // namespace

TEST_CASE("One sign-in serves many reads until it is nearly over", "[net2][token]") {
  Net2 net2;
  net2.say(doors, 200, R"([{"name":"Front door ","id":1000001}])");
  for (int i = 0; i < 3; ++i) {
    const auto read = run(net2.io, net2.source->read_doors());
    REQUIRE(read);
    CHECK(*read == std::vector<SourceDoor>{{Net2DoorId(1000001), "Front door"}});
  }
  REQUIRE(net2.forms.size() == 1);
  CHECK(net2.forms[0] == "grant_type=password&username=Gateway%20Service&password=Secret1&scope=offline_access"
                         "&client_id=0f0e0d0c");
  net2.clock.up += 29min;
  CHECK(run(net2.io, net2.source->read_doors()));
  REQUIRE(net2.forms.size() == 2);
  CHECK_THAT(net2.forms[1], Catch::StartsWith("grant_type=refresh_token&refresh_token=R"));
  net2.clock.up += 3h;
  CHECK(run(net2.io, net2.source->read_doors()));
  CHECK_THAT(net2.forms.back(), Catch::StartsWith("grant_type=password"));
}

TEST_CASE("A refused token is replaced once", "[net2][token]") {
  Net2 net2;
  const bool for_ever = GENERATE(true, false);
  net2.say(doors, [&](const HttpsRequest& request) {
    const bool old = request.head.find("Bearer T1\r\n") != std::string::npos;
    return old || for_ever ? answer(401, R"({"Message":"denied"})") : answer(200, "[]");
  });
  const auto read = run(net2.io, net2.source->read_doors());
  CHECK(net2.forms.size() == 2);
  CHECK(read.ok() == !for_ever);
  if (!for_ever) return;
  CHECK(read.error().code == Errc::unauthenticated);
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::unauthenticated);
  CHECK(net2.forms.size() == 2);
}

TEST_CASE("Refused credentials name the fix and are not tried again at once", "[net2][token]") {
  struct Row {
    int status;
    const char* body;
    Errc code;
    const char* words;
  };
  const auto row = GENERATE(values<Row>({
      {400, R"({"error":"invalid_client","echo":"Secret1"})", Errc::unauthenticated, "licence"},
      {400, R"({"message":"invalid_client"})", Errc::unauthenticated, "licence"},
      {400, R"({"error":"invalid_grant","error_description":"Secret1"})", Errc::unauthenticated, "Gateway Service"},
      {401, "", Errc::unauthenticated, "password"},
      {200, R"({"error":"mfa_required","challengeToken":"Secret1"})", Errc::mfa_required, "without it"},
      {400, R"({"error":"mfa_required","challengeToken":"Secret1"})", Errc::mfa_required, "MFA"},
  }));
  Net2 net2;
  net2.say(token_line, row.status, row.body);
  net2.say(doors, 200, "[]");
  for (int i = 0; i < 3; ++i) {
    const auto read = run(net2.io, net2.source->read_doors());
    REQUIRE_FALSE(read);
    CHECK(read.error().code == row.code);
    CHECK_THAT(read.error().detail, Catch::Contains(row.words) && !Catch::Contains("Secret1"));
  }
  CHECK(net2.forms.size() == 1);
  net2.clock.up += 31s;
  CHECK_FALSE(run(net2.io, net2.source->read_doors()));
  CHECK(net2.forms.size() == 2);
}

TEST_CASE("A busy sign-in is left alone as long as the server says", "[net2][token]") {
  Net2 net2;
  net2.say(token_line,
           [](const HttpsRequest&) { return answer(429, "<html>429</html>", "Retry-After: 7\r\n", "text/html"); });
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::busy);
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::busy);
  CHECK(net2.forms.size() == 1);
  net2.clock.up += 8s;
  CHECK(run(net2.io, net2.source->read_doors()).error().code == Errc::busy);
  CHECK(net2.forms.size() == 2);
}

TEST_CASE("Reads that begin together share one sign-in", "[net2][token]") {
  Net2 net2;
  net2.say(doors, 200, "[]");
  std::array<std::optional<Result<std::vector<SourceDoor>>>, 3> got;
  int done = 0;
  for (auto& one : got) {
    boost::asio::co_spawn(net2.io, test::keep_result(net2.source->read_doors(), one), [&](const std::exception_ptr&) {
      if (++done == 3) net2.io.stop();
    });
  }
  net2.io.run();
  for (const auto& one : got) CHECK(one->ok());
  CHECK(net2.forms.size() == 1);
}

TEST_CASE("An answer that is no list of doors says what it is", "[net2]") {
  struct Row {
    HttpsReply reply;
    Errc code;
    const char* words;
  };
  const auto row = GENERATE(values<Row>({
      {answer(200, "<html>Net2</html>", "", "text/html"), Errc::malformed, "API port"},
      {answer(302, "", "Location: /login\r\n"), Errc::refused, "elsewhere"},
      {answer(403, R"({"message":"no\nright"})"), Errc::forbidden, "no right"},
      {answer(404, ""), Errc::not_found, "Local API"},
      {answer(502, "<html>"), Errc::busy, "starting"},
      {answer(200, R"([{"id":1,"name":"a"})"), Errc::incomplete, "stops"},
      {answer(200, R"([{"name":"a"}])"), Errc::malformed, "id"},
      {answer(200, "null"), Errc::malformed, "list"},
  }));
  Net2 net2;
  net2.say(doors, [&](const HttpsRequest&) { return row.reply; });
  const auto read = run(net2.io, net2.source->read_doors());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == row.code);
  CHECK_THAT(read.error().detail, Catch::Contains(row.words) && Catch::Contains("/api/v1/doors"));
}

TEST_CASE("A door's status is read with what it says", "[net2]") {
  Net2 net2;
  net2.say(doors + "/status", 200,
           R"([{"id":"1","status":{"doorRelayOpen":true,"DoorContactClosed":"false"}},{"id":2,"name":"x"}])");
  const auto read = run(net2.io, net2.source->read_door_status());
  REQUIRE(read);
  DoorStatus expected{.id = Net2DoorId(1)};
  expected.relay_open = true;
  expected.contact_closed = false;
  CHECK(*read == std::vector<DoorStatus>{expected});
}

TEST_CASE("People come by one query where the server allows it", "[net2][people]") {
  Net2 net2;
  int counted = 2;
  net2.say("GET /api/v1/customquery/querydb", [&](const HttpsRequest& request) {
    if (request.line.find("COUNT") != std::string::npos) return answer(200, "[{\"N\":" + std::to_string(counted) + "}]");
    return answer(200, R"([{"userid":1,"FirstName":"Ann","Surname":"A","ActivateDate":null,"ExpiryDate":null,"DepartmentName":"Staff"},
      {"UserID":"2","FirstName":"Bo ","Surname":null,"ActivateDate":null,"ExpiryDate":null,"DepartmentName":null}])");
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
      {"its rows lack columns", answer(200, R"([{"UserID":1,"FirstName":"Ann"}])")},
      {"it shows nobody", answer(200, "[]")},
  }));
  DYNAMIC_SECTION("when " << row.when) {
    Net2 net2;
    net2.say("GET /api/v1/customquery/querydb", [&](const HttpsRequest&) { return row.reply; });
    net2.say("GET /api/v1/departments", 200, R"-([{"id":3,"name":"Staff"},{"id":0,"name":"(none)"}])-");
    net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1}])");
    net2.say("GET /api/v1/departments/root/users", 200, R"([{"id":2},{"id":1}])");
    net2.say("GET /api/v1/users", 200,
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

TEST_CASE("A snapshot that cannot be whole is an error", "[net2][people]") {
  Net2 net2;
  net2.say("GET /api/v1/departments", 200, R"([{"id":3,"name":"Staff"}])");
  net2.say("GET /api/v1/departments/3/users", 200, R"([{"id":1}])");
  net2.say("GET /api/v1/departments/root/users", 200, "");
  net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"}])");
  People people;
  REQUIRE(run(net2.io, net2.source->read_people(names, people)));
  Errc expected = Errc::incomplete;
  SECTION("the list stops in the middle") { net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"},)"); }
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
    expected = Errc::malformed;
  }
  SECTION("the route of a single user's department is not there") {
    net2.say("GET /api/v1/users", 200, R"([{"id":1,"firstName":"Ann"},{"id":5}])");
    net2.say("GET /api/v1/users/5", 200, R"({"id":5})");
  }
  const auto read = run(net2.io, net2.source->read_people(names, people));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == expected);
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
  net2.say("GET /api/v1/accesslevels", 200, R"([{"id":0,"name":"No access"},{"id":1,"name":"All hours, all doors"},{"id":2,"name":"Staff"}])");
  net2.say("GET /api/v1/customquery/querydb", [](const HttpsRequest& request) {
    if (request.line.find("COUNT") != std::string::npos) return answer(400, "");
    const auto row = [](int id, const std::string& level) {
      return "{\"UserID\":" + std::to_string(id) +
             R"(,"ActivateDate":null,"ExpiryDate":null,"DepartmentName":null,"AccessLevelName":)" + level + "}";
    };
    return answer(200, "[" + row(1, "\"staff\"") + "," + row(2, "\"Individual: Staff\"") + "," + row(3, "null") + "," +
                           row(4, "\"No access\"") + "]");
  });
  net2.say("GET /api/v1/users/2/doorpermissionset", 200, R"({"accessLevels":[2,"1"],"individualPermissions":[{"id":7}]})");
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

TEST_CASE("Events are asked for by id", "[net2][events]") {
  Net2 net2;
  net2.say(events, 200, R"([{"id":11,"eventTime":"2026-01-05T06:00:01"},{"id":12}])");
  const auto page = run(net2.io, net2.source->read_events(after(10, 2)));
  REQUIRE(page);
  CHECK(ids(*page) == std::vector<std::int64_t>{11, 12});
  CHECK(page->full);
  CHECK(net2.server.lines().back() == "GET /api/v1/events?where=eventId%3E10&orderBy=eventId%20asc&rowCount=2");
  net2.say(events, 200, "");
  const auto none = run(net2.io, net2.source->read_events(after(12)));
  REQUIRE(none);
  CHECK(none->events.empty());
  CHECK_FALSE(none->full);
}

TEST_CASE("Events are read whole from a server that refuses or ignores ids", "[net2][events]") {
  // A log of 1500 rows, newest first; `id` 1300 was delivered late with an old time.
  const bool ignores = GENERATE(true, false);
  const bool orders = GENERATE(true, false);
  if (ignores && !orders) return;
  Net2 net2;
  net2.say(events, [&](const HttpsRequest& request) {
    const bool by_id = request.line.find("where=eventId") != std::string::npos;
    const bool sorts_by_id = request.line.find("orderBy=eventId") != std::string::npos;
    if (!ignores && (by_id || (sorts_by_id && !orders))) return answer(400, R"({"message":"Invalid column name"})");
    const auto at = request.line.find("rowCount=");
    const int count = std::stoi(request.line.substr(at + 9));
    const bool narrow = request.line.find("2026-01-05T05%3A50") != std::string::npos;
    std::string body;
    for (int id = 1500, rows = 0; id > 0 && rows < count; --id) {
      if (narrow && (id == 1300 || id < 1000)) continue;
      body += std::string(body.empty() ? "[" : ",") + "{\"id\":" + std::to_string(id) + "}";
      ++rows;
    }
    return answer(200, body + "]");
  });
  const auto page = run(net2.io, net2.source->read_events(after(1200, 200)));
  if (!page) FAIL(page.error().detail);
  REQUIRE(page->events.size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(page->events[static_cast<std::size_t>(i)].id.value() == 1201 + i);
  CHECK(page->full);
  CHECK_FALSE(net2.log.lines.empty());
  const auto rest = run(net2.io, net2.source->read_events(after(1400, 200)));
  REQUIRE(rest);
  CHECK(rest->events.size() == 100);
}

TEST_CASE("A server that gives only its newest rows is named, not believed", "[net2][events]") {
  Net2 net2;
  net2.say(events, [&](const HttpsRequest&) {
    std::string body;
    for (int id = 5000; id > 4000; --id) body += std::string(body.empty() ? "[" : ",") + "{\"id\":" + std::to_string(id) + "}";
    return answer(200, body + "]");
  });
  const auto page = run(net2.io, net2.source->read_events(after(10, 100)));
  REQUIRE_FALSE(page);
  CHECK(page.error().code == Errc::incomplete);
  const auto close = run(net2.io, net2.source->read_events(after(4990, 100)));
  REQUIRE(close);
  CHECK(close->events.size() == 10);
}

TEST_CASE("A row of broken JSON does not hold up those around it", "[net2][events]") {
  Net2 net2;
  net2.say(events, [&](const HttpsRequest& request) {
    const auto from = request.line.find("%3E");
    const int after_id = std::stoi(request.line.substr(from + 3));
    const int count = std::stoi(request.line.substr(request.line.find("rowCount=") + 9));
    std::string body;
    for (int id = after_id + 1; id <= 20 && id <= after_id + count; ++id) {
      body += (body.empty() ? "[" : ",") + std::string("{\"id\":") + std::to_string(id) +
              (id == 7 ? ",\"eventDetails\":\"\\q\"}" : "}");
    }
    return answer(200, body.empty() ? "" : body + "]");
  });
  std::vector<std::int64_t> found;
  std::vector<std::int64_t> unreadable;
  std::int64_t last = 0;
  for (int i = 0; i < 20 && last < 20; ++i) {
    const auto page = run(net2.io, net2.source->read_events(after(last, 10)));
    REQUIRE(page);
    for (const auto& event : page->events) found.push_back(last = event.id.value());
    for (const auto& row : page->unreadable) unreadable.push_back(last = row.id->value());
  }
  CHECK(found.size() == 19);
  CHECK(unreadable == std::vector<std::int64_t>{7});
}

TEST_CASE("A list of events that stops short is incomplete", "[net2][events]") {
  Net2 net2;
  net2.say(events, 200, R"([{"id":11},{"id":12,"eventDe)");
  const auto page = run(net2.io, net2.source->read_events(after(10)));
  REQUIRE_FALSE(page);
  CHECK(page.error().code == Errc::incomplete);
}

TEST_CASE("The newest event and the first since a moment are found", "[net2][events]") {
  Net2 net2;
  net2.say(events, 200, R"([{"id":12,"eventTime":"2026-01-05T06:00:02"},{"id":11,"eventTime":"2026-01-05T06:00:01"}])");
  const auto newest = run(net2.io, net2.source->read_newest_event());
  REQUIRE(newest);
  REQUIRE(*newest);
  CHECK((*newest)->id.value() == 12);
  const auto first = run(net2.io, net2.source->read_first_event_since(*parse_rfc3339("2026-01-05T06:00:01Z")));
  REQUIRE(first);
  REQUIRE(*first);
  CHECK((*first)->id.value() == 11);
  const auto none = run(net2.io, net2.source->read_first_event_since(*parse_rfc3339("2026-01-06T00:00:00Z")));
  REQUIRE(none);
  CHECK_FALSE(*none);
  net2.say(events, 200, "");
  const auto empty = run(net2.io, net2.source->read_newest_event());
  REQUIRE(empty);
  CHECK_FALSE(*empty);
}

}  // namespace gatehouse
