// What an event of Net2 becomes, and which ids of its log are settled.

#include <map>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "daemon/core/event_signs.hpp"
#include "daemon/core/event_types.hpp"
#include "daemon/core/event_window.hpp"
#include "daemon/core/net2_event.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const IntegrationId hq{"net2-hq"};
const Uptime start{1h};
using Runs = std::vector<EventIds>;

std::vector<Net2EventId> ids(std::int64_t first, std::int64_t last) {
  std::vector<Net2EventId> made;
  for (auto id = first; id <= last; ++id) made.emplace_back(id);
  return made;
}

EventContext at_hq() {
  EventContext context;
  context.integration = hq;
  return context;
}

Net2Event event(int type) {
  Net2Event made;
  made.id = Net2EventId(1'200'345);
  made.type = type;
  made.at = Instant{Duration{1'780'304'400'000}};
  return made;
}

// net2-api.md §4.1, told apart from the code's own table.
const std::set<int> granted{15, 20, 21, 22, 26, 27, 30, 110, 113};
const std::set<int> denied{16, 17, 23, 24, 25, 31, 111, 112, 114};
const std::set<int> door{28, 29, 46, 47, 48, 49, 61, 122, 140, 141, 144};
const std::map<int, std::string> alarms{
    {75, "intruder"},      {76, "intruder"},    {85, "fire"},           {86, "fire_door"},     {90, "tamper"},
    {91, "mains_failed"},  {92, "door_forced"}, {93, "door_left_open"}, {94, "reader_tamper"}, {95, "duress"},
    {96, "keypad_hacker"}, {97, "input_short"}, {98, "input_cut"},      {99, "input_voltage"}};

}  // namespace

TEST_CASE("Each number of Net2's table becomes its kind, and any other an event", "[events]") {
  for (int type = -1; type <= 800; ++type) {
    INFO("event type " << type);
    const auto made = event_message(event(type), at_hq());
    const bool alarm = alarms.contains(type);
    const std::string kind = alarm                    ? "alarm"
                             : granted.contains(type) ? "access.granted"
                             : denied.contains(type)  ? "access.denied"
                             : door.contains(type)    ? "door"
                                                      : "event";
    CHECK(made.type == kind);
    CHECK(event_kind(event(type)) == kind);
    CHECK(made.lane == (alarm ? Lane::alarm : Lane::access));
    CHECK(made.topic == (alarm ? "up/alarm" : "up/access"));
    CHECK(alarm_kind(type) == (alarm ? alarms.at(type) : ""));
  }
}

TEST_CASE("The table is sorted, so that each of its numbers is found", "[events]") {
  int known = 0;
  for (int id = 0; id <= 800; ++id) {
    const auto* type = find_event_type(id);
    if (type == nullptr) continue;
    ++known;
    CHECK(type->id == id);
    CHECK_FALSE(type->name.empty());
  }
  CHECK(known == 183);
  for (const auto& [id, kind] : alarms) CHECK(find_event_type(id) != nullptr);
  CHECK(find_event_type(INT32_MIN) == nullptr);
  CHECK(find_event_type(INT32_MAX) == nullptr);
}

TEST_CASE("An event says what the contract says, and no more of a person than the ids", "[events]") {
  auto made = event(20);
  made.sub_type = 3;
  made.door = Net2DoorId(6'203'980);
  made.user = Net2UserId(1234);
  made.description = "Accès autorisé";
  const EventContext context{.integration = hq, .generation = 2, .person = PersonId("01J"), .catch_up = true};
  const auto message = event_message(made, context);
  CHECK(message.id == "net2-hq/2/1200345");
  CHECK(message.subject == "net2-hq/6203980");
  CHECK(message.time == made.at);
  CHECK(message.data ==
        R"({"integration":"net2-hq","event_id":"net2-hq/2/1200345","door":"net2-hq/6203980",)"
        R"("at":"2026-06-01T09:00:00Z","person_id":"01J","external_id":"1234",)"
        R"("net2":{"event_type":20,"event_sub_type":3,"description":"Accès autorisé"},"catch_up":true})");
}

TEST_CASE("An event of nobody, nowhere, of an unknown type and time is passed on all the same", "[events]") {
  auto made = event(4711);
  made.at_known = false;
  made.details = "x";
  const auto data = boost::json::parse(event_message(made, at_hq()).data).as_object();
  CHECK(data.at("door").is_null());
  CHECK(data.at("person_id").is_null());
  CHECK(data.at("external_id").is_null());
  CHECK(data.at("at_known") == false);
  CHECK(data.at("net2").at("event_type") == 4711);
  CHECK(data.at("net2").at("description") == "unknown (4711)");
  CHECK(data.at("net2").at("details") == "x");
  CHECK(event_message(made, at_hq()).subject == "net2-hq");
  CHECK(boost::json::parse(event_message(event(92), at_hq()).data).at("kind") == "door_forced");
}

TEST_CASE("A window without holes follows the newest id", "[events]") {
  EventWindow window(Net2EventId(10), Net2EventId(10));
  window.take(ids(11, 20), start);
  CHECK(window.low() == Net2EventId(20));
  CHECK(window.high() == Net2EventId(20));
  window.take({}, start);
  CHECK(window.low() == Net2EventId(20));
  CHECK(window.awaits(Net2EventId(21)));
  CHECK_FALSE(window.awaits(Net2EventId(20)));
}

TEST_CASE("A hole is waited for until it is filled or old", "[events]") {
  EventWindow window(Net2EventId(10), Net2EventId(10));
  window.take(std::vector{Net2EventId(11), Net2EventId(15), Net2EventId(18)}, start);
  CHECK(window.low() == Net2EventId(11));
  CHECK(window.high() == Net2EventId(18));
  CHECK(window.has_holes());
  CHECK(window.awaits(Net2EventId(13)));
  CHECK_FALSE(window.awaits(Net2EventId(15)));

  SECTION("filled in the middle, at an end, and whole") {
    window.take(std::vector{Net2EventId(13)}, start + 1s);
    CHECK(window.low() == Net2EventId(11));
    CHECK_FALSE(window.awaits(Net2EventId(13)));
    window.take(std::vector{Net2EventId(12)}, start + 1s);
    CHECK(window.low() == Net2EventId(13));
    window.take(std::vector{Net2EventId(14)}, start + 1s);
    CHECK(window.low() == Net2EventId(15));
    window.take(std::vector{Net2EventId(16), Net2EventId(17)}, start + 1s);
    CHECK(window.low() == Net2EventId(18));
    CHECK_FALSE(window.has_holes());
  }
  SECTION("given up, and named, after half a minute") {
    CHECK(window.take({}, start + 30s).empty());
    CHECK(window.low() == Net2EventId(11));
    window.take(std::vector{Net2EventId(13)}, start + 30s);
    CHECK(window.take({}, start + 31s) == Runs{{12, 12}, {14, 14}, {16, 17}});
    CHECK(window.low() == Net2EventId(18));
    CHECK_FALSE(window.has_holes());
    CHECK(window.take({}, start + 32s).empty());
  }
  SECTION("each with its own time") {
    window.take(std::vector{Net2EventId(20)}, start + 20s);
    CHECK(window.take({}, start + 31s) == Runs{{12, 14}, {16, 17}});
    CHECK(window.low() == Net2EventId(18));
    CHECK(window.take({}, start + 51s) == Runs{{19, 19}});
    CHECK(window.low() == Net2EventId(20));
  }
}

TEST_CASE("A wide hole is none of late rows: it is given up and named at once", "[events]") {
  EventWindow window(Net2EventId(10), Net2EventId(10));
  CHECK(window.take(std::vector{Net2EventId(111)}, start).empty());
  CHECK(window.low() == Net2EventId(10));  // a hundred may be late rows
  EventWindow wide(Net2EventId(10), Net2EventId(10));
  CHECK(wide.take(std::vector{Net2EventId(112)}, start) == Runs{{11, 111}});
  CHECK(wide.low() == Net2EventId(112));
}

TEST_CASE("What lies before the first event of an empty log is missed by nobody", "[events]") {
  EventWindow window(Net2EventId(0), Net2EventId(0));
  CHECK(window.take({}, start).empty());
  SECTION("far before it") {
    CHECK(window.take(std::vector{Net2EventId(500'000), Net2EventId(500'002)}, start).empty());
    CHECK(window.take({}, start + 31s) == Runs{{500'001, 500'001}});
  }
  SECTION("just before it, though it is waited for") {
    CHECK(window.take(std::vector{Net2EventId(3)}, start).empty());
    CHECK(window.awaits(Net2EventId(2)));
    window.take(std::vector{Net2EventId(2)}, start + 1s);
    CHECK(window.take({}, start + 31s).empty());
    CHECK(window.low() == Net2EventId(3));
  }
}

TEST_CASE("For a hole's sake no more than a part of a page is read again", "[events]") {
  EventWindow window(Net2EventId(0), Net2EventId(0));
  window.take(ids(2, 401), start);
  CHECK(window.low() == Net2EventId(0));
  window.take(ids(402, 402), start);
  CHECK(window.low() == Net2EventId(402));
  // And where every other id is missing, the window goes on all the same.
  EventWindow sparse(Net2EventId(0), Net2EventId(0));
  for (int page = 0; page < 20; ++page) {
    std::vector<Net2EventId> odd;
    for (int i = 0; i < 1000; ++i) odd.emplace_back(sparse.low().value() + 1 + 2 * i);
    const auto low = sparse.low();
    sparse.take(odd, start);
    CHECK(sparse.low() > low);
    CHECK(sparse.high().value() - sparse.low().value() <= 402);
  }
}

TEST_CASE("After a restart everything between low and high is open until it is seen", "[events]") {
  EventWindow window(Net2EventId(10), Net2EventId(14));
  CHECK(window.awaits(Net2EventId(12)));
  window.take(std::vector{Net2EventId(11), Net2EventId(13), Net2EventId(14)}, start);
  CHECK(window.low() == Net2EventId(11));
  CHECK(window.has_holes());
  SECTION("late rows are taken") {
    window.take(std::vector{Net2EventId(12), Net2EventId(13), Net2EventId(14)}, start + 5s);
    CHECK(window.low() == Net2EventId(14));
  }
  SECTION("and named half a minute after it if they do not come") {
    CHECK(window.take({}, start + 31s) == Runs{{12, 12}});
  }
}

TEST_CASE("The last known event is another one where its time is", "[events]") {
  const Instant at{1'780'000'000'123ms};
  CHECK(is_known_event(at, at));
  CHECK(is_known_event(at, at + 1h));  // an autumn night says this time twice
  CHECK(is_known_event(at, at - 1h));
  CHECK_FALSE(is_known_event(at, at + 1ms));
  CHECK_FALSE(is_known_event(at, at - 2h));
}

TEST_CASE("An event is read late if it is old, or happened while reading had failed for long", "[events]") {
  CHECK_FALSE(is_read_late(1s, 0s));
  CHECK_FALSE(is_read_late(-1h, 0s));   // Net2's clock is ahead
  CHECK_FALSE(is_read_late(100s, 5s));  // one poll that failed
  CHECK(is_read_late(121s, 0s));
  CHECK(is_read_late(6s, 6s));
  CHECK_FALSE(is_read_late(5s, 1h));  // as soon as reading went on
  CHECK(is_read_late(-6s, 6s));       // the clocks do not tell
}
