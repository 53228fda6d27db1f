#include "tests/unit/store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

RecordFate person(std::int64_t number, std::string first, std::string last, std::string email,
                  PersonType type = PersonType::employee) {
  RecordFate made;
  made.number = number;
  made.facts.emplace();
  made.facts->first_name = std::move(first);
  made.facts->last_name = std::move(last);
  made.facts->email = std::move(email);
  made.facts->person_type = type;
  made.facts->site = number % 2 == 0 ? "annex" : "hq";
  made.facts->sites = {made.facts->site, "yard"};
  return made;
}

void fill(Store& store) {
  DirectoryCommit commit;
  commit.integration = hq;
  commit.fates = {person(1, "Ada", "Lovelace", "ada@example.com"),
                  person(2, "Grace", "Hopper", "g@example.com"),
                  person(3, "Per%", "Cent", "shared@example.com", PersonType::visitor),
                  person(4, "Under_", "Score", "Shared@example.com")};
  get(store.apply(commit));
  commit.fates.clear();
  commit.gone = {{2, std::nullopt}};
  get(store.apply(commit));
}

std::vector<std::string> names(const std::vector<Person>& people) {
  std::vector<std::string> list;
  for (const auto& found : people) list.push_back(found.facts.last_name);
  return list;
}

template <typename List>
auto pages(List list, std::uint32_t limit) {
  auto first = list(Page{"", limit});
  auto all = std::move(first.rows);
  for (std::string next = first.next; !next.empty();) {
    auto more = list(Page{next, limit});
    CHECK(more.rows.size() <= limit);
    CHECK_FALSE(more.rows.empty());
    for (auto& row : more.rows) all.push_back(std::move(row));
    next = more.next;
  }
  return all;
}

}  // namespace

TEST_CASE("People are found by what is asked of them", "[store][queries]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  fill(*store);
  struct Row {
    std::string when;
    PeopleFilter filter;
    std::vector<std::string> found;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing asked", {}, {"Lovelace", "Hopper", "Cent", "Score"}},
      {"part of a full name, in any case", {"ada LOVE", "", "", "", ""}, {"Lovelace"}},
      {"part of an e-mail", {"g@ex", "", "", "", ""}, {"Hopper"}},
      {"an external id", {"4", "", "", "", ""}, {"Score"}},
      {"a percent sign, taken as it is", {"%", "", "", "", ""}, {"Cent"}},
      {"an underscore, taken as it is", {"_", "", "", "", ""}, {"Score"}},
      {"a backslash", {"\\", "", "", "", ""}, {}},
      {"a quote", {"' OR 1=1 --", "", "", "", ""}, {}},
      {"a type", {"", "", "visitor", "", ""}, {"Cent"}},
      {"a home site", {"", "", "", "annex", ""}, {"Hopper", "Score"}},
      {"one of the sites", {"", "", "", "yard", ""}, {"Lovelace", "Hopper", "Cent", "Score"}},
      {"access", {"", "", "", "", "yes"}, {"Lovelace", "Cent", "Score"}},
      {"no access", {"", "", "", "", "no"}, {"Hopper"}},
      {"an integration", {"", "net2-hq", "", "", ""}, {"Lovelace", "Hopper", "Cent", "Score"}},
      {"an integration that is not there", {"", "feed", "", "", ""}, {}},
  }));
  DYNAMIC_SECTION("when asked for " << row.when) {
    CHECK(names(get(store->list_people(row.filter, {})).rows) == row.found);
  }
}

TEST_CASE("A person is found by id, by record and by e-mail", "[store][queries]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  fill(*store);
  const auto ada = get(store->find_people("net2-hq/1"));
  REQUIRE(ada.size() == 1);
  CHECK(get(store->find_people(ada[0].id.value())) == ada);
  CHECK(get(store->find_people("ADA@example.com")) == ada);
  CHECK(names(get(store->find_people("shared@example.com"))) == std::vector<std::string>{"Cent", "Score"});
  CHECK(get(store->find_people("net2-hq/99")).empty());
  CHECK(get(store->find_people("")).empty());

  const auto count = get(store->count_people());
  CHECK(count.total == 4);
  REQUIRE(count.by_integration.size() == 1);
  CHECK(count.by_integration[0].people == 4);
}

TEST_CASE("Pages put together are the whole list", "[store][queries]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  fill(*store);
  EventCommit commit = events(1, 7);
  for (auto& item : commit.events)
    item.event.at = event_at(item.event.id.value() / 3).at;  // some at one moment
  commit.events[6].event.user = Net2UserId(1);
  get(store->commit_events(commit));
  const auto limit = GENERATE(1U, 2U, 3U, 100U);
  DYNAMIC_SECTION("of " << limit) {
    CHECK(pages([&](const Page& page) { return get(store->list_people({}, page)); }, limit).size() == 4);

    const auto listed =
        pages([&](const Page& page) { return get(store->list_events(std::nullopt, hq, page)); }, limit);
    REQUIRE(listed.size() == 7);
    for (std::size_t i = 0; i < listed.size(); ++i) CHECK(listed[i].event == commit.events[i].event);
    CHECK(listed[6].person == get(store->find_people("net2-hq/1")).at(0).id);
    const auto late = pages(
        [&](const Page& page) { return get(store->list_events(event_at(1).at, std::nullopt, page)); }, limit);
    CHECK(late.size() == 5);

    const auto queued =
        pages([&](const Page& page) { return get(store->list_outbox(std::nullopt, page)); }, limit);
    CHECK(queued.size() == 7 + 10);
    CHECK(queued.front().type == "access.granted");
    CHECK(queued.back().type == "activity");
    CHECK(
        pages([&](const Page& page) { return get(store->list_outbox(Lane::access, page)); }, limit).size() ==
        7);
  }
}

TEST_CASE("A page that no page named is refused", "[store][queries]") {
  StoreDirectory directory;
  SetClock clock;
  auto store = open_store(directory.path, clock);
  for (const std::string after : {"x", "1/2", "1/2/3/4/5", "1/2/3/x"}) {
    CHECK(ask(store->list_events(std::nullopt, std::nullopt, {after, 10})).error().code == Errc::invalid);
  }
  CHECK(ask(store->list_outbox(std::nullopt, {"x", 10})).error().code == Errc::invalid);
}
