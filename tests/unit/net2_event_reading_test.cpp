#include <array>

#include <catch2/catch.hpp>

#include "tests/unit/scripted_net2.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::answer;
using test::HttpsReply;
using test::HttpsRequest;
using test::run;
using Net2 = test::ScriptedNet2;

const std::string events = "GET /api/v1/events";

std::vector<std::int64_t> ids(const EventPage& page) {
  std::vector<std::int64_t> found;
  for (const auto& event : page.events) found.push_back(event.id.value());
  return found;
}

EventQuery after(std::int64_t id, std::size_t limit = 1000) {
  return {.after = Net2EventId(id), .since = parse_rfc3339("2026-01-05T06:00:00Z"), .limit = limit};
}

}  // namespace

TEST_CASE("Events are asked for by id", "[net2][events]") {
  Net2 net2;
  net2.say(events, 200, R"([{"id":11,"eventTime":"2026-01-05T06:00:01"},{"id":12}])");
  const auto page = run(net2.io, net2.source->read_events(after(10, 2)));
  REQUIRE(page);
  CHECK(ids(*page) == std::vector<std::int64_t>{11, 12});
  CHECK(page->full);
  CHECK(net2.server.lines().back() ==
        "GET /api/v1/events?where=eventId%3E10&orderBy=eventId%20asc&rowCount=2");
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
    if (!ignores && (by_id || (sorts_by_id && !orders)))
      return answer(400, R"({"message":"Invalid column name"})");
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
    for (int id = 5000; id > 4000; --id)
      body += std::string(body.empty() ? "[" : ",") + "{\"id\":" + std::to_string(id) + "}";
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
  net2.say(events, 200,
           R"([{"id":12,"eventTime":"2026-01-05T06:00:02"},{"id":11,"eventTime":"2026-01-05T06:00:01"}])");
  const auto newest = run(net2.io, net2.source->read_newest_event());
  REQUIRE(newest);
  REQUIRE(*newest);
  CHECK((*newest)->id.value() == 12);
  const auto first =
      run(net2.io, net2.source->read_first_event_since(*parse_rfc3339("2026-01-05T06:00:01Z")));
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
