#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);

  /// Numbers 1 to 5: added 7, skipped 8, added a_1 of the feed, updated 7, disabled 7.
  Desk() {
    get(store->apply(pass({fate(7, "Lovelace"), skipped(8, SkipReason::invalid_email)})));
    clock.ms += 1000;
    get(store->apply(feed_pass({feed_fate("a_1", "Hopper")})));
    clock.ms += 1000;
    get(store->apply(pass({fate(7, "King", 2)})));
    get(store->apply(pass({}, {7})));
  }
  std::vector<std::int64_t> numbers(const ActivityFilter& filter, std::optional<Instant> since = std::nullopt,
                                    const Page& page = {}) {
    std::vector<std::int64_t> list;
    for (const auto& row : get(store->list_activity(filter, since, page)).rows) list.push_back(row.number);
    return list;
  }
};

ActivityFilter by(std::string outcome, std::string reason = "", std::string integration = "",
                  std::string search = "") {
  return {.outcome = std::move(outcome),
          .reason = std::move(reason),
          .integration = std::move(integration),
          .search = std::move(search),
          .since = ""};
}

using Numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("Activity is found by what is asked of it", "[store][activity]") {
  Desk desk;
  const auto rows = get(desk.store->list_activity({}, std::nullopt, {})).rows;
  REQUIRE(rows.size() == 5);
  CHECK(rows[2].run == RunId("run-1"));
  CHECK(rows[2].integration == feed);
  CHECK(rows[2].external_id == "a_1");
  CHECK(rows[2].name == "Ada Hopper");
  CHECK(rows[2].outcome == Outcome::added);
  CHECK_FALSE(rows[2].reason);
  CHECK(rows[2].at + Duration{1000} == desk.clock.now());
  CHECK(rows[3].fields == std::vector<std::string>{"last_name", "email"});
  CHECK(rows[1].reason == SkipReason::invalid_email);
  CHECK(desk.numbers(by("added")) == Numbers{1, 3});
  CHECK(desk.numbers(by("", "invalid_email")) == Numbers{2});
  CHECK(desk.numbers(by("", "", "hr")) == Numbers{3});
  CHECK(desk.numbers(by("", "", "nowhere")).empty());
  CHECK(desk.numbers(by("", "", "", "hopp")) == Numbers{3});
  CHECK(desk.numbers(by("", "", "", "a_")) == Numbers{3});
  CHECK(desk.numbers(by("", "", "", "7")) == Numbers{1, 4, 5});
  CHECK(desk.numbers(by("", "", "", "invalid")) == Numbers{2});
  CHECK(desk.numbers({}, desk.clock.now()) == Numbers{4, 5});
}

TEST_CASE("Without a place to go on from, activity's newest come", "[store][activity]") {
  Desk desk;
  CHECK(desk.numbers({}, std::nullopt, {"", 2}) == Numbers{4, 5});
  CHECK(get(desk.store->list_activity({}, std::nullopt, {"", 2})).next.empty());
  const auto page = get(desk.store->list_activity({}, std::nullopt, {"0", 2}));
  CHECK(page.rows.back().number == 2);
  CHECK(page.next == "2");
  CHECK(desk.numbers({}, std::nullopt, {"2", 2}) == Numbers{3, 4});
  const auto last = get(desk.store->list_activity({}, std::nullopt, {"4", 2}));
  CHECK(last.rows.size() == 1);
  CHECK(last.next.empty());
  CHECK(ask(desk.store->list_activity({}, std::nullopt, {"x", 2})).error().code == Errc::invalid);
}

TEST_CASE("A person's activity is that of all of their records", "[store][activity]") {
  Desk desk;
  const Person ada = the_person(*desk.store, "net2-hq/7");
  RecordFate other = linked(feed_fate("b", "King"), {.person = ada.id, .other_record = {}, .evidence = ""});
  get(desk.store->apply(feed_pass({other})));
  const auto numbers = [&](std::size_t at_most) {
    Numbers list;
    for (const auto& row : get(desk.store->activity_of(ada.id, at_most))) list.push_back(row.number);
    return list;
  };
  CHECK(numbers(20) == Numbers{1, 4, 5, 6});
  CHECK(numbers(2) == Numbers{5, 6});
  CHECK(ask(desk.store->activity_of(PersonId("nobody"), 2)).error().code == Errc::not_found);
}
