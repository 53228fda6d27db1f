#include <set>

#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

std::vector<Message> several(Lane lane, int count, std::size_t size = 10) {
  std::vector<Message> made;
  for (int i = 1; i <= count; ++i) made.push_back(message(lane, "id-" + std::to_string(i), size));
  return made;
}

std::uint64_t payload_bytes(const std::vector<OutboxRow>& rows) {
  std::uint64_t bytes = 0;
  for (const auto& row : rows) bytes += row.payload.size();
  return bytes;
}

}  // namespace

TEST_CASE("Each lane counts for itself from one", "[store][outbox]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->append({message(Lane::people, "a"), message(Lane::telemetry, "b"), message(Lane::people, "c")}));
  const auto people = waiting(*store, Lane::people);
  REQUIRE(people.size() == 2);
  CHECK(people[0].sequence == 1);
  CHECK(people[1].sequence == 2);
  CHECK(waiting(*store, Lane::telemetry).at(0).sequence == 1);
  CHECK(waiting(*store, Lane::alarm).empty());
}

TEST_CASE("A page of the outbox ends at its rows or its bytes, and goes on behind a row", "[store][outbox]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->append(several(Lane::access, 5, 100)));
  const auto all = waiting(*store, Lane::access);
  REQUIRE(all.size() == 5);

  CHECK(get(store->read_outbox(Lane::access, 0, 2, 1 << 20)).size() == 2);
  CHECK(get(store->read_outbox(Lane::access, 0, 9, 1)).size() == 1);
  CHECK(get(store->read_outbox(Lane::access, 0, 9, 2 * all[0].payload.size())).size() == 2);
  const auto rest = get(store->read_outbox(Lane::access, all[2].row, 9, 1 << 20));
  REQUIRE(rest.size() == 2);
  CHECK(rest[0] == all[3]);
}

TEST_CASE("Settled rows are gone, and the sums are what is left", "[store][outbox]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->append(several(Lane::access, 10)));
  get(store->append(several(Lane::people, 2)));
  clock.ms += 5000;
  get(store->append(several(Lane::alarm, 1)));
  const auto all = waiting(*store, Lane::access);
  get(store->settle({{all[0].row, all[3].row}, {all[6].row, all[6].row}}));

  const auto left = waiting(*store, Lane::access);
  CHECK(left.size() == 5);
  auto report = get(store->outbox_report());
  CHECK(report.pending == std::array<std::uint64_t, lane_count>{1, 5, 2, 0});
  CHECK(report.bytes == payload_bytes(left) + payload_bytes(waiting(*store, Lane::people)) +
                            payload_bytes(waiting(*store, Lane::alarm)));
  CHECK(report.oldest == Instant{Duration{clock.ms - 5000}});

  SECTION("once more changes nothing") {
    get(store->settle({{all[0].row, all[6].row}}));
    get(store->settle({{all[0].row, all[6].row}}));
    CHECK(get(store->outbox_report()).pending[1] == 3);
  }
}

TEST_CASE("A parked row is a dead letter, a gap and an alert", "[store][outbox]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->append(several(Lane::access, 3)));
  const auto rows = waiting(*store, Lane::access);
  get(store->park(rows[1].row, "refused", "0x99"));
  CHECK(waiting(*store, Lane::access).size() == 2);
  CHECK(gaps_of(*store, Lane::access) == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{2, 2}});

  const auto told = waiting(*store, Lane::alarm);
  REQUIRE(told.size() == 2);
  CHECK(told[1].payload.find("gatehouse.alert.v1") != std::string::npos);
  CHECK(member(told[1].payload, "message_type") == "health");
  CHECK(member(told[1].payload, "kind") == "dead_letter");
  CHECK(member(told[1].payload, "detail") == "0x99");

  const auto dead = get(store->list_dead_letters(std::nullopt, {}));
  REQUIRE(dead.rows.size() == 1);
  CHECK(dead.rows[0].payload == rows[1].payload);
  CHECK(dead.rows[0].cause == "refused");
  CHECK(get(store->outbox_report()).dead == 1);

  SECTION("a row that is gone is not parked") {
    get(store->park(rows[1].row, "refused", "again"));
    CHECK(get(store->outbox_report()).dead == 1);
    CHECK(waiting(*store, Lane::alarm).size() == 2);
  }
  SECTION("a broker that refuses all alarms does not make more of them") {
    for (int round = 0; round < 10; ++round) {
      for (const auto& row : waiting(*store, Lane::alarm)) get(store->park(row.row, "refused", "0x90"));
    }
    CHECK(waiting(*store, Lane::alarm).empty());
    CHECK(get(store->outbox_report()).dead == 4);  // the row, its gap, its alert, the alert's gap
  }
}

TEST_CASE("Above the quota the oldest of the least important lane goes, named by few gaps",
          "[store][quota]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  store->set_quota({.max_bytes = 100'000, .min_free = 0});
  get(store->append(several(Lane::telemetry, 50, 600)));  // about 45 kB
  get(store->append(several(Lane::access, 40, 600)));     // about 36 kB
  REQUIRE(gaps_of(*store, Lane::telemetry).empty());
  const auto in_hand = waiting(*store, Lane::telemetry);

  get(store->append(several(Lane::access, 60, 600)));
  const auto report = get(store->outbox_report());
  CHECK(report.bytes <= 100'000 + 5'000);  // gaps come on top
  CHECK(report.pending[index_of(Lane::access)] == 100);
  const auto gaps = gaps_of(*store, Lane::telemetry);
  REQUIRE_FALSE(gaps.empty());
  CHECK(gaps.size() <= 20);
  CHECK(gaps_of(*store, Lane::access).empty());

  // Every sequence is either waiting or named.
  std::set<std::uint64_t> accounted;
  for (const auto& [from, to] : gaps) {
    for (auto sequence = from; sequence <= to; ++sequence) CHECK(accounted.insert(sequence).second);
  }
  for (const auto& row : waiting(*store, Lane::telemetry)) CHECK(accounted.insert(row.sequence).second);
  CHECK(accounted.size() == 50);
  CHECK(*accounted.rbegin() == 50);

  SECTION("settling rows that went meanwhile counts nothing twice") {
    get(store->settle({{in_hand.front().row, in_hand.back().row}}));
    const auto after = get(store->outbox_report());
    CHECK(after.pending[index_of(Lane::telemetry)] == 0);
    CHECK(after.bytes ==
          payload_bytes(waiting(*store, Lane::access)) + payload_bytes(waiting(*store, Lane::alarm)));
  }
  SECTION("its own oldest go when a lane is the least important one left") {
    get(store->append(several(Lane::access, 100, 600)));
    CHECK(waiting(*store, Lane::telemetry).empty());
    const auto own = gaps_of(*store, Lane::access);
    REQUIRE_FALSE(own.empty());
    CHECK(own.front().first == 1);
    CHECK(waiting(*store, Lane::access).back().sequence == 200);
    CHECK(waiting(*store, Lane::access).front().sequence == own.back().second + 1);
  }
}

TEST_CASE("No lane gives for a less important one: the newcomer goes, and is named", "[store][quota]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  store->set_quota({.max_bytes = 50'000, .min_free = 0});
  get(store->append(several(Lane::alarm, 60, 600)));
  const auto alarms = get(store->outbox_report()).pending[0];
  get(store->append(several(Lane::telemetry, 3, 600)));
  CHECK(waiting(*store, Lane::telemetry).empty());
  CHECK(gaps_of(*store, Lane::telemetry) == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 3}});
  CHECK(get(store->outbox_report()).pending[0] == alarms + 1);  // the gap

  SECTION("an alarm takes the place of the oldest alarms, never of a gap") {
    get(store->append(several(Lane::alarm, 60, 600)));
    CHECK(waiting(*store, Lane::alarm).back().payload.find("gap") == std::string::npos);
    CHECK(gaps_of(*store, Lane::telemetry).size() == 1);
    CHECK_FALSE(gaps_of(*store, Lane::alarm).empty());
  }
}

TEST_CASE("Below the free space to keep, the queue stays within what the file has", "[store][quota]") {
  StoreDirectory directory;
  SetClock clock;
  SpaceOptions space = small_reserve();
  space.free_bytes = [](const std::filesystem::path&) { return std::uint64_t{100} << 20; };
  auto store = open_store(directory.path, clock, space);
  store->set_quota({.max_bytes = 1 << 30, .min_free = 200 << 20});
  get(store->append(several(Lane::telemetry, 1, 10 << 20)));
  get(store->append(several(Lane::telemetry, 1, 10 << 20)));
  CHECK(waiting(*store, Lane::telemetry).size() == 1);
  const auto alarms = waiting(*store, Lane::alarm);
  REQUIRE(alarms.size() == 1);
  CHECK(alarms[0].payload.find("\"cause\":\"disk_full\"") != std::string::npos);
}
