#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
  Hearer hearer;

  Desk() { store->tell_changes(hearer); }

  std::vector<std::string> visits(const std::string& key) {
    const PersonId id = the_person(*store, key).id;
    std::vector<std::string> ids;
    for (const auto& entry : get(store->known_people({}))) {
      if (entry.person.id != id) continue;
      for (const auto& visit : entry.visits) ids.push_back(visit.id);
    }
    return ids;
  }
};

RosterCommit commit_of(DirectoryCommit directory, std::vector<RosterVisit> visits = {}) {
  RosterCommit commit;
  commit.directory = std::move(directory);
  commit.visits = std::move(visits);
  commit.cursor = "c1";
  commit.proved = noon;
  return commit;
}

}  // namespace

TEST_CASE("A roster's people, visits, cursor, proof, command and audit are one", "[store][roster]") {
  Desk desk;
  CHECK(get(desk.store->roster_state()).people == 0);
  CHECK_FALSE(get(desk.store->roster_state()).cursor);
  CHECK_FALSE(get(desk.store->roster_state()).proved);

  RosterCommit commit = commit_of(roster_pass({feed_fate("c-1", "Lovelace"), feed_fate("c-2", "Hopper")}),
                                  {visit_of("c-1", "V1")});
  commit.command = command_named("jti-1");
  commit.audit = {audit_entry("roster.put")};
  commit.messages = {reply("r")};
  const auto report = get(desk.store->apply_roster(commit));
  CHECK(report.counts.added == 2);
  CHECK(report.records.size() == 2);
  desk.store.reset();
  desk.store = open_store(desk.directory.path, desk.clock);
  desk.store->tell_changes(desk.hearer);

  const auto state = get(desk.store->roster_state());
  CHECK(state.cursor == "c1");
  CHECK(state.proved == noon);
  CHECK(state.people == 2);
  CHECK(get(desk.store->access_state()).proofs == std::vector<Proof>{{cloud, noon}});
  CHECK(get(desk.store->audit_head()).number == 1);
  CHECK(waiting(*desk.store, Lane::access).size() == 1);
  CHECK(desk.visits("cloud/c-1") == std::vector<std::string>{"V1"});
  REQUIRE(desk.hearer.people.size() == 2);
  CHECK(told(*desk.store).size() == 4);

  // The same command again changes nothing.
  RosterCommit again = commit_of(roster_pass({}, {record_number("c-1")}), {visit_of("c-1", "V1", true)});
  again.cursor = "c2";
  again.command = commit.command;
  const auto refused = ask(desk.store->apply_roster(again));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().detail == "replayed");
  CHECK(get(desk.store->roster_state()).cursor == "c1");
  CHECK(desk.visits("cloud/c-1").size() == 1);

  again.command->id = "jti-2";
  again.cursor.reset();
  CHECK(get(desk.store->apply_roster(again)).counts.disabled == 1);
  CHECK_FALSE(get(desk.store->roster_state()).cursor);
  CHECK(get(desk.store->roster_state()).people == 1);
  CHECK(desk.visits("cloud/c-1").empty());
}

TEST_CASE("A proof that the roster is current moves the proof and nothing else", "[store][roster]") {
  Desk desk;
  get(desk.store->apply_roster(commit_of(roster_pass({feed_fate("c-1", "Lovelace")}))));
  desk.hearer.clear();
  RosterCommit proof = commit_of(roster_pass({}));
  proof.proved = noon + std::chrono::minutes{5};
  CHECK(get(desk.store->apply_roster(proof)).counts == SyncCounts{});
  CHECK(get(desk.store->roster_state()).proved == proof.proved);
  CHECK(desk.hearer.calls == 0);
  proof.proved = Instant{};  // a batch that proves nothing
  get(desk.store->apply_roster(proof));
  CHECK(get(desk.store->roster_state()).proved == noon + std::chrono::minutes{5});
}

TEST_CASE("Visits come, change, move and go, and their people are told", "[store][roster]") {
  Desk desk;
  get(desk.store->apply_roster(
      commit_of(roster_pass({feed_fate("c-1", "Lovelace"), feed_fate("c-2", "Hopper")}))));
  const auto change = [&](std::vector<RosterVisit> visits, bool replace = false) {
    desk.hearer.clear();
    RosterCommit commit = commit_of(roster_pass({}), std::move(visits));
    commit.replace_visits = replace;
    get(desk.store->apply_roster(commit));
    std::vector<std::string> names;
    for (const auto& entry : desk.hearer.people) {
      names.push_back(entry.person.facts.last_name + std::to_string(entry.visits.size()));
    }
    std::ranges::sort(names);
    return names;
  };
  using Names = std::vector<std::string>;
  CHECK(change({visit_of("c-1", "V1"), visit_of("c-1", "V2"), visit_of("c-2", "V3")}) ==
        Names{"Hopper1", "Lovelace2"});
  CHECK(change({visit_of("c-1", "V1")}).empty());
  RosterVisit cancelled = visit_of("c-1", "V1");
  cancelled.visit.status = VisitStatus::cancelled;
  CHECK(change({cancelled}) == Names{"Lovelace2"});
  CHECK(change({visit_of("c-2", "V1")}) == Names{"Hopper2", "Lovelace1"});
  CHECK(change({visit_of("c-1", "V2", true), visit_of("c-1", "V9", true)}) == Names{"Lovelace0"});
  CHECK(change({visit_of("c-2", "V1")}, true) == Names{"Hopper1"});
  CHECK(desk.visits("cloud/c-2") == Names{"V1"});
  CHECK(change({}, true) == Names{"Hopper0"});
}

TEST_CASE("A visit waits for its person, and is theirs once they are there", "[store][roster]") {
  Desk desk;
  get(desk.store->apply_roster(commit_of(roster_pass({}), {visit_of("c-1", "V1")})));
  CHECK(desk.hearer.calls == 0);
  get(desk.store->apply_roster(commit_of(roster_pass({feed_fate("c-1", "Lovelace")}))));
  REQUIRE(desk.hearer.people.size() == 1);
  REQUIRE(desk.hearer.people[0].visits.size() == 1);
  CHECK(desk.hearer.people[0].visits[0] == visit_of("c-1", "V1").visit);

  // The same id in another source is not the cloud's.
  get(desk.store->apply(feed_pass({feed_fate("c-9", "Feeder")})));
  get(desk.store->apply_roster(commit_of(roster_pass({}), {visit_of("c-9", "V9")})));
  CHECK(desk.visits("hr/c-9").empty());
}

TEST_CASE("A roster that cannot be written leaves everything as it was", "[store][roster]") {
  Desk desk;
  RosterCommit commit = commit_of(roster_pass({feed_fate("c-1", "Lovelace")}), {visit_of("c-1", "V1")});
  commit.audit = {audit_entry("roster.put")};
  commit.messages = {message(Lane::access, "x")};
  commit.messages[0].lane.reset();
  CHECK_FALSE(ask(desk.store->apply_roster(commit)).ok());
  CHECK(get(desk.store->roster_state()).people == 0);
  CHECK_FALSE(get(desk.store->roster_state()).cursor);
  CHECK(get(desk.store->audit_head()).number == 0);
  CHECK(desk.hearer.calls == 0);
  commit.messages.clear();
  get(desk.store->apply_roster(commit));
  CHECK(desk.visits("cloud/c-1").size() == 1);
}
