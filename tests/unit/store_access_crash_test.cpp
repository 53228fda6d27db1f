// kill -9 before and after what is kept of a sign-in, a roster and an administrator's word: each of them is
// there as a whole, or not at all.
#include <unistd.h>

#include "tests/unit/store_access.hpp"
#include "tests/unit/store_crash_child.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const CrashCase morning{"A morning at the door ends with all of it on disk", "GATEHOUSE_TEST_ACCESS_STORE"};
constexpr int sign_ins = 3;

std::string name_of(int number) {
  return "D" + std::to_string(number);
}

PersonId walker(int number) {
  return PersonId("01J0000000000000000000WLK" + std::to_string(number));
}

AccessBegin sign_in(int number) {
  AccessBegin begin = begin_of(name_of(number));
  begin.walk_in = WalkIn{walker(number), "Wanda", "Walker", site_hq};
  begin.presence->person = walker(number);
  begin.decision->person = walker(number);
  begin.command->issued = number;
  begin.hold = Hold{front, noon, std::nullopt};
  begin.lockdown = {SiteId(name_of(number)), true};
  return begin;
}

bool is_known(Store& store, int number) {
  return ask(store.decision(name_of(number))).ok();
}

/// As the desk does it: what was begun and not ended is ended first; a door is never moved for it again.
void live_a_morning(const std::filesystem::path& directory) {
  SetClock clock(static_cast<std::uint64_t>(::getpid()) << 32);
  auto store = open_store(directory, clock);
  if (!get(store->roster_state()).cursor) {
    RosterCommit roster;
    roster.directory = roster_pass({feed_fate("c-1", "Lovelace")});
    roster.visits = {visit_of("c-1", "V1")};
    roster.cursor = "c1";
    roster.proved = noon;
    roster.audit = {audit_entry("roster.put")};
    get(store->apply_roster(roster));
  }
  PersonWord word;
  word.person = the_person(*store, "cloud/c-1").id;
  word.admin_enabled = false;
  if (get(store->person(word.person)).admin_enabled) {
    word.audit = {audit_entry("person.set")};
    get(store->set_person(word));
  }
  for (int number = 1; number <= sign_ins; ++number) {
    const AccessBegin begin = sign_in(number);
    if (!is_known(*store, number)) get(store->begin_access(begin));
    AccessEnd end = end_of(begin);
    end.hold_over = begin.hold;
    get(store->end_access(end));
  }
}

void check_whole(const std::filesystem::path& directory) {
  SetClock clock;
  auto store = open_store(directory, clock);
  const auto state = get(store->access_state());
  const auto intents = get(store->open_intents());
  const auto taken = get(store->taken_commands(noon));
  std::int64_t rows = 0;
  std::size_t messages = 0;
  std::size_t begun = 0;
  for (int number = 1; number <= sign_ins; ++number) {
    const AccessBegin begin = sign_in(number);
    const bool known = is_known(*store, number);
    CHECK(ask(store->person(walker(number))).ok() == known);
    CHECK(state.lockdown.contains(SiteId(name_of(number))) == known);
    CHECK(std::ranges::count(state.present, *begin.presence) == (known ? 1 : 0));
    if (!known) continue;
    const auto row = get(store->decision(name_of(number)));
    const bool ended = row.decision.revision == 2;
    CHECK(row.decision == (ended ? *end_of(begin).decision : *begin.decision));
    CHECK(row.basis == begin.basis);
    CHECK(std::ranges::count(intents, begin.intents[0]) == (ended ? 0 : 1));
    CHECK(std::ranges::count(taken, ended ? *end_of(begin).command : *begin.command) == 1);
    CHECK(state.holds.size() == (number == sign_ins && !ended ? 1U : state.holds.size()));
    rows += ended ? 2 : 1;
    messages += ended ? 2 : 1;
    ++begun;
  }
  CHECK(taken.size() == begun);
  if (begun != 0) CHECK(get(store->command_floors()).begin()->second == static_cast<std::int64_t>(begun));
  CHECK(waiting(*store, Lane::access).size() == messages);

  const auto roster = get(store->roster_state());
  CHECK(roster.cursor.has_value() == roster.proved.has_value());
  CHECK((roster.people == 1) == roster.cursor.has_value());
  if (roster.cursor) {
    ++rows;
    const bool enabled = the_person(*store, "cloud/c-1").admin_enabled;
    rows += enabled ? 0 : 1;
    const auto lines = told(*store);
    CHECK(std::ranges::count(lines, "gatehouse.person.disabled.v1") == (enabled ? 0 : 1));
    for (const auto& entry : get(store->known_people({}))) {
      if (!entry.person.sources.empty() && entry.person.sources[0].kind == SourceKind::cloud)
        CHECK(entry.visits.size() == 1);
    }
  }
  CHECK(get(store->audit_head()).number == rows);
  CHECK_FALSE(get(store->verify_audit()).first_broken);
}

}  // namespace

TEST_CASE("A morning at the door ends with all of it on disk", "[store][crash]") {
  const char* given = std::getenv(morning.directory.c_str());
  std::optional<StoreDirectory> own;
  if (given == nullptr) own.emplace();
  const std::filesystem::path directory = given == nullptr ? own->path : std::filesystem::path(given);
  live_a_morning(directory);
  check_whole(directory);
  SetClock clock;
  auto store = open_store(directory, clock);
  CHECK(get(store->audit_head()).number == 2 + 2 * sign_ins);
  CHECK(get(store->open_intents()).empty());
  CHECK(get(store->access_state()).holds.empty());
  store.reset();
  live_a_morning(directory);
  check_whole(directory);
}

#ifdef GATEHOUSE_CRASH_POINTS

TEST_CASE("A kill at any step at the door leaves each sign-in whole or not at all", "[store][crash]") {
  const std::string label = GENERATE(values<std::string>(
      {"store.access.begin.before", "store.access.begin.after", "store.access.begin.before:3",
       "store.access.begin.after:2", "store.access.end.before", "store.access.end.after",
       "store.access.end.before:2", "store.access.end.after:3", "store.roster.before", "store.roster.after",
       "store.person.before", "store.person.after"}));
  DYNAMIC_SECTION("at " << label) {
    StoreDirectory directory;
    REQUIRE(killed_at(label, morning, directory.path));
    check_whole(directory.path);
    live_a_morning(directory.path);
    check_whole(directory.path);
  }
}

#endif
