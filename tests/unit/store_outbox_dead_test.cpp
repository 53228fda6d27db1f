// What operators do with dead letters, in the real store.

#include "daemon/app/dead_letters.hpp"
#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string olga = "uid 1000 (olga)";

/// Three messages of a lane, of which the second is a dead letter.
struct Parked {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
  OutboxRow poison;

  explicit Parked(Message second = message(Lane::access, "b")) {
    const Lane lane = *second.lane;
    get(store->append({message(lane, "a"), std::move(second), message(lane, "c")}));
    poison = waiting(*store, lane).at(1);
    get(store->park(poison.row, "refused", "0x99"));
  }

  std::vector<DeadLetter> dead() { return get(store->list_dead_letters(std::nullopt, {})).rows; }
  /// The data of the newest message of the lane of alarms.
  std::string newest_alarm() {
    const auto payload = waiting(*store, Lane::alarm).back().payload;
    return payload.substr(payload.find("\"data\":"));
  }
};

}  // namespace

TEST_CASE("A dead letter is sent again as the very same bytes, behind what waits", "[store][outbox]") {
  Message reply = message(Lane::access, "b");
  reply.correlation = std::string("\0\xff q", 4);
  Parked story(std::move(reply));
  const auto before = get(story.store->outbox_report());
  story.clock.ms += 60'000;
  const auto queued = get(story.store->retry_dead_letter(story.poison.row, olga));

  const auto rows = waiting(*story.store, Lane::access);
  REQUIRE(rows.size() == 3);
  const auto& again = rows.back();
  CHECK(again.row > rows[1].row);  // whoever has read to the end of the lane still finds it
  CHECK(again.payload == story.poison.payload);
  CHECK(again.sequence == story.poison.sequence);
  CHECK(again.topic == story.poison.topic);
  CHECK(again.correlation == story.poison.correlation);
  CHECK(queued.row == again.row);
  CHECK(queued.sequence == again.sequence);
  CHECK(queued.created == story.clock.now());

  CHECK(story.dead().empty());
  const auto after = get(story.store->outbox_report());
  CHECK(after.dead == 0);
  CHECK(after.pending[index_of(Lane::access)] == before.pending[index_of(Lane::access)] + 1);
  CHECK(after.pending[index_of(Lane::alarm)] == before.pending[index_of(Lane::alarm)] + 1);

  SECTION("no new number is used up by it") {
    get(story.store->append({message(Lane::access, "d")}));
    CHECK(waiting(*story.store, Lane::access).back().sequence == 4);
  }
  SECTION("the gap stays told, and the alert is over") {
    CHECK(gaps_of(*story.store, Lane::access) ==
          std::vector<std::pair<std::uint64_t, std::uint64_t>>{{2, 2}});
    CHECK(member(story.newest_alarm(), "state") == "over");
    CHECK(member(story.newest_alarm(), "subject") == std::to_string(story.poison.row));
  }
  SECTION("twice is once") {
    const auto twice = ask(story.store->retry_dead_letter(story.poison.row, olga));
    REQUIRE_FALSE(twice);
    CHECK(twice.error().code == Errc::not_found);
    CHECK(waiting(*story.store, Lane::access).size() == 3);
  }
  SECTION("refused again, it is a dead letter again, the same but for its name") {
    get(story.store->park(again.row, "refused", "0x99"));
    REQUIRE(story.dead().size() == 1);
    CHECK(story.dead()[0].message.row == again.row);
    CHECK(story.dead()[0].payload == story.poison.payload);
    CHECK(member(story.newest_alarm(), "state") == "raised");
    CHECK(member(story.newest_alarm(), "subject") == std::to_string(again.row));
    get(story.store->retry_dead_letter(again.row, olga));
    CHECK(waiting(*story.store, Lane::access).back().payload == story.poison.payload);
  }
  SECTION("it outlives a restart") {
    story.store.reset();
    story.store = open_store(story.directory.path, story.clock);
    CHECK(waiting(*story.store, Lane::access).back() == again);
    CHECK(get(story.store->outbox_report()).pending == after.pending);
  }
}

TEST_CASE("A dead letter that is dropped is gone, and its gap stands for it", "[store][outbox]") {
  Parked story;
  const auto dropped = get(story.store->drop_dead_letter(story.poison.row, olga));
  CHECK(dropped.payload == story.poison.payload);
  CHECK(dropped.message.sequence == 2);
  CHECK(dropped.cause == "refused");
  CHECK(story.dead().empty());
  CHECK(waiting(*story.store, Lane::access).size() == 2);
  CHECK(gaps_of(*story.store, Lane::access).size() == 1);
  CHECK(member(story.newest_alarm(), "state") == "over");
  CHECK(member(story.newest_alarm(), "subject") == std::to_string(story.poison.row));
  const auto twice = ask(story.store->drop_dead_letter(story.poison.row, olga));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Errc::not_found);
}

TEST_CASE("What was done with dead letters is audited, without what they say", "[store][outbox][audit]") {
  Parked story;
  const auto again = get(story.store->retry_dead_letter(story.poison.row, olga));
  get(story.store->park(again.row, "refused", "0x99"));
  get(story.store->drop_dead_letter(again.row, olga));
  CHECK_FALSE(ask(story.store->drop_dead_letter(again.row, olga)));

  const auto rows = get(story.store->audit_rows(0, 10));
  REQUIRE(rows.size() == 2);  // nothing of the one that was not there
  for (const auto& row : rows) {
    CHECK(row.entry.actor == olga);
    CHECK(row.entry.outcome == "done");
    CHECK(row.entry.detail == R"({"lane":"access","sequence":2,"type":"health","cause":"refused"})");
  }
  const auto& newest = rows[0].number > rows[1].number ? rows[0] : rows[1];
  const auto& older = rows[0].number > rows[1].number ? rows[1] : rows[0];
  CHECK(older.entry.action == "outbox.retry");
  CHECK(older.entry.target == std::to_string(story.poison.row));
  CHECK(newest.entry.action == "outbox.drop");
  CHECK(newest.entry.target == std::to_string(again.row));
  CHECK_FALSE(get(story.store->verify_audit()).first_broken);
}

TEST_CASE("Only a dead letter can be sent again or dropped", "[store][outbox]") {
  Parked story;
  const auto waits = waiting(*story.store, Lane::access).at(0);
  for (const std::int64_t row : {waits.row, std::int64_t{1} << 60, std::int64_t{-1}}) {
    CHECK(ask(story.store->retry_dead_letter(row, olga)).error().code == Errc::not_found);
    CHECK(ask(story.store->drop_dead_letter(row, olga)).error().code == Errc::not_found);
  }
  CHECK(waiting(*story.store, Lane::access).size() == 2);
  CHECK(story.dead().size() == 1);
}

TEST_CASE("Nothing that waits is dropped for a dead letter", "[store][outbox][quota]") {
  Parked story(message(Lane::access, "b", 4000));
  story.store->set_quota({.max_bytes = 4000, .min_free = 0});
  const auto before = get(story.store->outbox_report());
  const auto refused = ask(story.store->retry_dead_letter(story.poison.row, olga));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::refused);
  CHECK(story.dead().size() == 1);
  CHECK(get(story.store->outbox_report()).pending == before.pending);
  CHECK(get(story.store->audit_rows(0, 10)).empty());

  story.store->set_quota({.max_bytes = 100'000, .min_free = 0});
  CHECK(ask(story.store->retry_dead_letter(story.poison.row, olga)));
}

TEST_CASE("Alerts and gaps that were parked go again without alerts about them", "[store][outbox]") {
  Parked story;
  const auto gap = waiting(*story.store, Lane::alarm).at(0);
  REQUIRE(gap.payload.find("gatehouse.gap.v1") != std::string::npos);
  get(story.store->park(gap.row, "refused", "0x99"));
  const auto alarms = waiting(*story.store, Lane::alarm).size();
  get(story.store->retry_dead_letter(gap.row, olga));
  const auto rows = waiting(*story.store, Lane::alarm);
  CHECK(rows.size() == alarms + 1);
  CHECK(rows.back().payload == gap.payload);
  CHECK(rows.back().sequence == 0);
}

TEST_CASE("The verbs on dead letters take numbers only, and ring the outbox's bell", "[outbox][console]") {
  Parked story;
  int news = 0;
  DeadLetterDesk desk(*story.store, [&] { ++news; });
  for (const char* id : {"", "x", "7x", " 7", "-7", "0", "99999999999999999999"}) {
    INFO("'" << id << "'");
    CHECK(ask(desk.retry(id, olga)).error().code == Errc::invalid);
    CHECK(ask(desk.drop(id, olga)).error().code == Errc::invalid);
  }
  CHECK(ask(desk.retry("7", olga)).error().code == Errc::not_found);
  CHECK(news == 0);

  const auto retried = get(desk.retry(std::to_string(story.poison.row), olga));
  CHECK(news == 1);
  const auto again = waiting(*story.store, Lane::access).back();
  CHECK(retried == R"({"outbox":[{"id":)" + std::to_string(again.row) +
                       R"(,"lane":"access","sequence":2,"type":"health","topic":"up/health","bytes":)" +
                       std::to_string(again.payload.size()) + R"(,"time":"2026-06-01T08:00:00Z"}]})");
  get(story.store->park(again.row, "refused", "0x99"));
  const auto dropped = get(desk.drop(std::to_string(again.row), olga));
  CHECK(member(dropped, "cause") == "refused");
  CHECK(member(dropped, "parked") == "2026-06-01T08:00:00Z");
  CHECK(news == 2);
}
