#include <catch2/catch.hpp>

#include "connectors/net2/event_rows.hpp"

namespace gatehouse {
namespace {

const Instant now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

EventRows read(const std::string& body, std::int64_t after = 0, std::size_t limit = 1000) {
  EventRows rows(after, limit);
  JsonRows reading(event_shape(), [&](std::vector<Cell>& row) {
    rows.take(row);
    return true;
  });
  REQUIRE(reading.feed(body));
  REQUIRE(reading.finish());
  return rows;
}

EventPage page(EventRows rows, std::optional<Instant> previous = {}) {
  return std::move(rows).page(*ServerZone::load("Europe/London"), previous, now);
}

std::vector<std::int64_t> ids(const EventPage& page) {
  std::vector<std::int64_t> found;
  for (const auto& event : page.events) found.push_back(event.id.value());
  return found;
}

}  // namespace

TEST_CASE("A real row becomes an event without names and card numbers", "[net2][events]") {
  const auto got = page(read(R"([{"eventTime":"2026-01-05T06:00:01.017+01:00","id":1200345,
    "deviceName":"Garage - ACU:7200002","cardNo":12345678,"eventType":20,"eventDescription":"Access permitted - token only",
    "eventSubType":0,"eventDetails":null,"linkedEvent":null,"firstName":"Jane","middleName":null,"surname":"Doe",
    "userID":8,"priority":15,"address":7200002,"peripheralID":12,"ioBoardID":null,"doorGroupID":0,"deviceDeleted":false}])"));
  REQUIRE(got.events.size() == 1);
  const Net2Event expected{.id = Net2EventId(1200345),
                           .at = *parse_rfc3339("2026-01-05T05:00:01.017Z"),
                           .at_known = true,
                           .type = 20,
                           .sub_type = 0,
                           .description = "Access permitted - token only",
                           .details = {},
                           .door = Net2DoorId(7200002),
                           .user = Net2UserId(8)};
  CHECK(got.events[0] == expected);
}

TEST_CASE("Rows come out by ascending id, each once, and none that is known", "[net2][events]") {
  const auto got =
      page(read(R"([{"id":9},{"id":"7"},{"id":5},{"id":8},{"id":7,"eventType":3},{"id":4}])", 5));
  CHECK(ids(got) == std::vector<std::int64_t>{7, 8, 9});
  CHECK(got.events[0].type == 0);  // the first row of an id stays
  CHECK_FALSE(got.full);
}

TEST_CASE("Of too many rows those with the least ids stay", "[net2][events]") {
  std::string body = "[";
  for (int id = 500; id > 0; --id) body += "{\"id\":" + std::to_string(id) + (id > 1 ? "}," : "}]");
  const auto got = page(read(body, 100, 3));
  CHECK(ids(got) == std::vector<std::int64_t>{101, 102, 103});
  CHECK(got.full);
}

TEST_CASE("A row that is odd is passed on as far as it can be read", "[net2][events]") {
  const auto got =
      page(read(R"([{"ID":"12","EventTime":"yesterday","EventType":"99999","userID":0,"address":null,
    "eventDescription":{"a":1}},{"id":13,"eventTime":"1753-01-01T00:00:00","eventType":"x"}])"));
  REQUIRE(got.events.size() == 2);
  CHECK_FALSE(got.events[0].at_known);
  CHECK(got.events[0].at == now);
  CHECK(got.events[0].type == 99999);
  CHECK_FALSE(got.events[0].door);
  CHECK_FALSE(got.events[0].user);
  CHECK_FALSE(got.events[1].at_known);
}

TEST_CASE("A row without a usable id is reported, and the others stay", "[net2][events]") {
  const auto got = page(read(R"([{"id":1},{"eventType":20},{"id":null},{"id":"x"},7,{"id":2}])"));
  CHECK(ids(got) == std::vector<std::int64_t>{1, 2});
  CHECK(got.unreadable.size() == 4);
}

TEST_CASE("Long words are cut", "[net2][events]") {
  const auto got = page(read(R"([{"id":1,"eventDetails":")" + std::string(1'000'000, 'x') + "\"}]"));
  CHECK(got.events[0].details.size() == 1024);
}

TEST_CASE("The repeated hour of autumn is told by the ids", "[net2][events]") {
  const auto got =
      page(read(R"([{"id":3,"eventTime":"2026-10-25T01:05:00"},{"id":1,"eventTime":"2026-10-25T01:00:00"},
    {"id":2,"eventTime":"2026-10-25T01:58:00"}])"));
  CHECK(got.events[0].at == parse_rfc3339("2026-10-25T00:00:00Z"));
  CHECK(got.events[1].at == parse_rfc3339("2026-10-25T00:58:00Z"));
  CHECK(got.events[2].at == parse_rfc3339("2026-10-25T01:05:00Z"));
  const auto goes_on =
      page(read(R"([{"id":4,"eventTime":"2026-10-25T01:06:00"}])"), parse_rfc3339("2026-10-25T01:05:00Z"));
  CHECK(goes_on.events[0].at == parse_rfc3339("2026-10-25T01:06:00Z"));
}

TEST_CASE("Holes in the ids are counted", "[net2][events]") {
  CHECK(read(R"([{"id":11},{"id":12}])", 10).holes() == 0);
  CHECK(read(R"([{"id":12},{"id":15},{"id":12}])", 10).holes() == 3);
  CHECK(read("[]", 10).holes() == 0);
}

TEST_CASE("The id of a broken row can be made out", "[net2][events]") {
  CHECK(find_row_id(R"([{"eventTime":"x","ID": "77","eventDescription":"a\q"}])") == 77);
  CHECK(find_row_id(R"([{"id":78,}])") == 78);
  CHECK_FALSE(find_row_id(R"([{"userID":8}])"));
  CHECK_FALSE(find_row_id(R"([{"id":null}])"));
}

}  // namespace gatehouse
