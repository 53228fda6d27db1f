#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

TEST_CASE("Events become rows, messages and a cursor in one commit", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK_FALSE(get(store->event_cursor(hq)).started);

  EventCommit commit = events(101, 103);
  commit.after.zone = "Europe/London";
  CHECK(get(store->commit_events(commit)) == 3);
  CHECK(get(store->event_cursor(hq)) == commit.after);

  const auto rows = waiting(*store, Lane::access);
  REQUIRE(rows.size() == 3);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].sequence == i + 1);
    CHECK(rows[i].topic == "up/access");
    CHECK(member(rows[i].payload, "id") == "net2-hq/1/" + std::to_string(101 + i));
    CHECK(member(rows[i].payload, "stream") == store->stream());
    CHECK(std::stoull(member(rows[i].payload, "sequence")) == i + 1);
  }
}

TEST_CASE("An event that is read again is known, and makes no second message", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  CHECK(get(store->commit_events(events(1, 5))) == 5);
  CHECK(get(store->commit_events(events(3, 8))) == 3);
  const auto rows = waiting(*store, Lane::access);
  REQUIRE(rows.size() == 8);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(member(rows[i].payload, "id") == "net2-hq/1/" + std::to_string(i + 1));
  }
  SECTION("but in a new generation the same id is another event") {
    EventCommit again = events(1, 2);
    again.after.generation = 2;
    CHECK(get(store->commit_events(again)) == 2);
    CHECK(member(waiting(*store, Lane::access).back().payload, "id") == "net2-hq/2/2");
  }
}

TEST_CASE("A commit without news writes nothing", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  const EventCommit commit = events(1, 5);
  get(store->commit_events(commit));
  const auto log = directory.path / "gatehouse.db-wal";
  const auto size = std::filesystem::file_size(log);
  REQUIRE(size > 0);

  EventCommit empty = commit;
  SECTION("nothing read") {
    empty.events.clear();
  }
  SECTION("only known events read") {}
  CHECK(get(store->commit_events(empty)) == 0);
  CHECK(std::filesystem::file_size(log) == size);
}

TEST_CASE("What Net2 will not give is told by a gap without a sequence", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  EventCommit commit = events(1, 1);
  commit.gaps.push_back({std::nullopt, 0, 0, 2, "unreadable", "rows 2 and 3"});
  get(store->commit_events(commit));
  const auto rows = waiting(*store, Lane::alarm);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].sequence == 0);
  CHECK(rows[0].payload.find("\"cause\":\"unreadable\"") != std::string::npos);
  CHECK(rows[0].payload.find("\"sequence\"") == std::string::npos);
}

TEST_CASE("Numbers go on where they were after a restart", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  get(store->commit_events(events(1, 3)));
  const auto before = waiting(*store, Lane::access);
  get(store->settle({{before.front().row, before.back().row}}));
  const std::string stream = store->stream();
  store.reset();

  store = open_store(directory.path, clock);
  CHECK(store->stream() == stream);
  get(store->commit_events(events(4, 4)));
  const auto after = waiting(*store, Lane::access);
  REQUIRE(after.size() == 1);
  CHECK(after[0].sequence == 4);
  CHECK(after[0].row > before.back().row);
}

TEST_CASE("A linked person is named in an event", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  RecordFate ada;
  ada.number = 77;
  ada.facts.emplace();
  ada.facts->first_name = "Ada";
  DirectoryCommit people;
  people.integration = hq;
  people.fates = {ada};
  get(store->apply(people));
  const auto known = get(store->find_people("net2-hq/77"));
  REQUIRE(known.size() == 1);

  EventCommit commit = events(1, 2);
  commit.events[0].event.user = Net2UserId(77);
  commit.events[1].event.user = Net2UserId(78);
  get(store->commit_events(commit));
  const auto rows = waiting(*store, Lane::access);
  REQUIRE(rows.size() == 2);
  CHECK(member(rows[0].payload, "person_id") == known[0].id.value());
  CHECK(rows[1].payload.find("\"person_id\":null") != std::string::npos);
}

TEST_CASE("S1-8: nobody is named where the numbers may be other people's", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  RecordFate ada;
  ada.number = 77;
  ada.facts.emplace();
  DirectoryCommit people;
  people.integration = hq;
  people.fates = {ada};
  get(store->apply(people));
  EventCommit commit = events(1, 1);
  commit.events[0].event.user = Net2UserId(77);
  commit.nameless = true;
  get(store->commit_events(commit));
  const auto rows = waiting(*store, Lane::access);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].payload.find("\"person_id\":null") != std::string::npos);
  CHECK(member(rows[0].payload, "external_id") == "77");
  // Nor later, in a list or when it is told again.
  const auto listed = get(store->list_events({}, {}, Page{.after = "", .limit = 10}));
  REQUIRE(listed.rows.size() == 1);
  CHECK_FALSE(listed.rows[0].person);
}

TEST_CASE("Old events go, but not those that may be read again", "[store][events]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  EventCommit commit = events(1, 10);
  commit.after.low = Net2EventId(6);  // a young hole is open behind 6
  get(store->commit_events(commit));

  CHECK(get(store->prune_events(event_at(9).at, 4)) == 4);
  CHECK(get(store->prune_events(event_at(9).at, 4)) == 2);
  CHECK(get(store->prune_events(event_at(9).at, 4)) == 0);
  CHECK(get(store->commit_events(events(7, 10))) == 0);
}
