#include "tests/unit/store_access.hpp"

#include "daemon/store/sqlite.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);

  void reopen() {
    store.reset();
    store = open_store(directory.path, clock);
  }
  std::size_t told() { return waiting(*store, Lane::access).size(); }
};

}  // namespace

TEST_CASE("A decision is kept to the letter, with what it rested on", "[store][access]") {
  Desk desk;
  const AccessBegin begin = begin_of("D1");
  get(desk.store->begin_access(begin));
  DecisionRecord bare;
  bare.id = "D2";
  bare.reason = AccessReason::unknown_access_point;
  bare.trace = "[]";
  AccessBegin denial;
  denial.decision = bare;
  get(desk.store->begin_access(denial));

  desk.reopen();
  const auto row = get(desk.store->decision("D1"));
  CHECK(row.decision == *begin.decision);
  CHECK(row.basis == begin.basis);
  CHECK(get(desk.store->decision("D2")).decision == bare);
  CHECK(get(desk.store->decision("D2")).basis.empty());
  CHECK(ask(desk.store->decision("D3")).error().code == Errc::not_found);
}

TEST_CASE("A taken command is taken once, and nothing happens the second time", "[store][access]") {
  Desk desk;
  get(desk.store->begin_access(begin_of("D1")));
  const auto head = get(desk.store->audit_head());
  AccessBegin again = begin_of("D2");
  again.command = begin_of("D1").command;
  again.lockdown = {site_hq, true};
  again.hold = Hold{front, noon, std::nullopt};
  again.walk_in = WalkIn{PersonId("P9"), "Wanda", "Walker", site_hq};
  SECTION("at once") {}
  SECTION("after a restart") {
    desk.reopen();
  }
  SECTION("long after its end") {
    desk.clock.ms += 86'400'000;
  }
  const auto refused = ask(desk.store->begin_access(again));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::refused);
  CHECK(refused.error().detail == "replayed");
  CHECK(ask(desk.store->decision("D2")).error().code == Errc::not_found);
  CHECK(get(desk.store->open_intents()).size() == 1);
  CHECK(get(desk.store->audit_head()) == head);
  CHECK(get(desk.store->access_state()).lockdown.empty());
  CHECK(get(desk.store->access_state()).holds.empty());
  CHECK(get(desk.store->count_people()).total == 0);
  CHECK(desk.told() == 1);
  // The same id of somebody else is another command.
  again.command->issuer = "lan reception";
  CHECK(ask(desk.store->begin_access(again)).ok());
}

TEST_CASE("What was taken is there after a restart, with its answer", "[store][access]") {
  Desk desk;
  const AccessBegin begin = begin_of("D1");
  get(desk.store->begin_access(begin));
  CHECK(get(desk.store->taken_commands(noon)) == std::vector{*begin.command});
  get(desk.store->end_access(end_of(begin)));
  desk.reopen();
  const auto taken = get(desk.store->taken_commands(noon));
  REQUIRE(taken.size() == 1);
  CHECK(taken[0] == *end_of(begin).command);
  CHECK(get(desk.store->taken_commands(begin.command->until)).size() == 1);
  CHECK(get(desk.store->taken_commands(begin.command->until + Duration{1})).empty());

  // The first outcome stands.
  AccessEnd other = end_of(begin);
  other.decision->revision = 3;
  other.command->answer = "{}";
  get(desk.store->end_access(other));
  CHECK(get(desk.store->taken_commands(noon))[0].answer == R"({"ok":true})");

  CHECK(get(desk.store->prune_commands(noon, 10)) == 0);
  CHECK(get(desk.store->prune_commands(begin.command->until + Duration{1}, 10)) == 1);
  CHECK(get(desk.store->taken_commands(Instant{})).empty());
  CHECK(get(desk.store->command_floors()).size() == 1);
}

TEST_CASE("A command without an answer is kept until it has one", "[store][access]") {
  Desk desk;
  get(desk.store->begin_access(begin_of("D1")));
  const Instant late = noon + std::chrono::hours{48};
  CHECK(get(desk.store->prune_commands(late, 10)) == 0);
  CHECK(get(desk.store->taken_commands(late)).size() == 1);
}

TEST_CASE("The floor of a target only rises", "[store][access]") {
  Desk desk;
  const auto take = [&](const std::string& id, std::int64_t issued, std::string target) {
    AccessBegin begin;
    begin.command = command_named(id, issued);
    begin.command->target = std::move(target);
    get(desk.store->begin_access(begin));
  };
  take("a", 100, "lockdown hq");
  take("b", 300, "lockdown hq");
  take("c", 200, "lockdown hq");
  take("d", 50, "door net2-hq/1");
  take("e", 999, "");
  desk.reopen();
  CHECK(get(desk.store->command_floors()) ==
        std::map<std::string, std::int64_t>{{"door net2-hq/1", 50}, {"lockdown hq", 300}});
}

TEST_CASE("A walk-in becomes a person, and that is told", "[store][access]") {
  Desk desk;
  AccessBegin begin = begin_of("D1");
  begin.walk_in = WalkIn{PersonId("01J00000000000000000000WLK"), "Wanda", "Walker", site_hq};
  get(desk.store->begin_access(begin));
  const Person wanda = get(desk.store->person(begin.walk_in->person));
  CHECK(wanda.facts.first_name == "Wanda");
  CHECK(wanda.facts.person_type == PersonType::visitor);
  CHECK(wanda.facts.site == "hq");
  REQUIRE(wanda.sources.size() == 1);
  CHECK(wanda.sources[0].integration == IntegrationId("walk_in"));
  CHECK(wanda.sources[0].external_id.value() == wanda.id.value());
  CHECK(wanda.sources[0].kind == SourceKind::walk_in);
  CHECK(wanda.effective());
  CHECK(told(*desk.store) == std::vector<std::string>{"gatehouse.person.upserted.v1"});
}

TEST_CASE("What was begun is open until it is ended, however often", "[store][access]") {
  Desk desk;
  const AccessBegin begin = begin_of("D1");
  get(desk.store->begin_access(begin));
  AccessBegin earlier;
  earlier.intents = {{.owner = "act-1",
                      .door = back,
                      .action = DoorAction::hold,
                      .at = noon - Duration{5},
                      .scheduled = true}};
  get(desk.store->begin_access(earlier));
  desk.reopen();
  CHECK(get(desk.store->open_intents()) == std::vector{earlier.intents[0], begin.intents[0]});

  const AccessEnd end = end_of(begin);
  get(desk.store->end_access(end));
  CHECK(get(desk.store->open_intents()) == earlier.intents);
  const auto row = get(desk.store->decision("D1"));
  CHECK(row.decision == *end.decision);
  CHECK(row.basis == begin.basis);
  CHECK(waiting(*desk.store, Lane::access).back().topic == "up/reply/7");

  const auto head = get(desk.store->audit_head());
  const auto log = log_size(desk.directory.path);
  get(desk.store->end_access(end));
  CHECK(get(desk.store->audit_head()) == head);
  CHECK(desk.told() == 2);
  CHECK(log_size(desk.directory.path) == log);

  // What comes late does not undo what is newer; another owner's intent for the same door is not its own.
  AccessEnd late = end_of(begin);
  late.decision = begin.decision;
  late.owner = "act-1";
  late.doors = {front};
  late.command.reset();
  get(desk.store->end_access(late));
  CHECK(get(desk.store->decision("D1")).decision.revision == 2);
  CHECK(get(desk.store->open_intents()) == earlier.intents);
}

TEST_CASE("A scheduled opening is no command, until it is due", "[store][access]") {
  Desk desk;
  AccessBegin begin = begin_of("D1");
  begin.decision->revision = 0;
  begin.intents[0].scheduled = true;
  get(desk.store->begin_access(begin));
  CHECK(get(desk.store->access_state()).commanded.empty());
  CHECK(get(desk.store->open_intents()) == begin.intents);
  CHECK(get(desk.store->decision("D1")).decision == *begin.decision);

  AccessBegin due;
  due.intents = begin.intents;
  due.intents[0].scheduled = false;
  due.intents[0].at = noon + Duration{5};
  due.decision = begin.decision;
  due.decision->revision = 1;
  get(desk.store->begin_access(due));
  desk.reopen();
  CHECK(get(desk.store->open_intents()) == due.intents);
  CHECK(get(desk.store->decision("D1")).decision.revision == 1);
  CHECK(get(desk.store->decision("D1")).basis == begin.basis);
  const std::map<DoorId, Instant> commanded{{front, noon + Duration{5}}};
  CHECK(get(desk.store->access_state()).commanded == commanded);
  get(desk.store->end_access(end_of(begin)));
  CHECK(get(desk.store->access_state()).commanded == commanded);
}

TEST_CASE("A decision that could not be kept before is kept at its end", "[store][access]") {
  Desk desk;
  AccessEnd end = end_of(begin_of("D1"));
  get(desk.store->end_access(end));
  CHECK(get(desk.store->decision("D1")).decision == *end.decision);
  CHECK(get(desk.store->taken_commands(noon)).size() == 1);
}

TEST_CASE("Lockdown, holds, modes, proofs and presence survive a restart", "[store][access]") {
  Desk desk;
  AccessBegin begin = begin_of("D1");
  begin.lockdown = {site_hq, true};
  begin.hold = Hold{front, noon + std::chrono::hours{2}, Uptime{Duration{5}}};
  get(desk.store->begin_access(begin));
  get(desk.store->set_door_mode(back, DoorMode::force_closed, audit_entry("door.mode")));
  get(desk.store->set_door_mode(front, DoorMode::blocked, audit_entry("door.mode")));
  get(desk.store->set_door_mode(front, std::nullopt, audit_entry("door.mode")));
  get(desk.store->save_proofs({{hq, noon}, {cloud, noon - Duration{1}}}));
  const auto log = log_size(desk.directory.path);
  get(desk.store->save_proofs({{hq, noon}}));
  CHECK(log_size(desk.directory.path) == log);
  desk.reopen();

  auto state = get(desk.store->access_state());
  CHECK(state.lockdown == std::set{site_hq});
  CHECK(state.modes == std::map<DoorId, DoorMode>{{back, DoorMode::force_closed}});
  CHECK(state.holds == std::vector<Hold>{{front, noon + std::chrono::hours{2}, std::nullopt}});
  CHECK(state.proofs == std::vector<Proof>{{cloud, noon - Duration{1}}, {hq, noon}});
  CHECK(state.present == std::vector{*begin.presence});
  CHECK(get(desk.store->audit_head()).number == 4);

  AccessBegin lifted;
  lifted.lockdown = {site_hq, false};
  get(desk.store->begin_access(lifted));
  AccessEnd closed;
  // Of one that another has followed meanwhile: that one stays, also over a crash.
  AccessEnd old;
  old.hold_over = Hold{front, noon + std::chrono::hours{1}, std::nullopt};
  get(desk.store->end_access(old));
  CHECK(get(desk.store->access_state()).holds.size() == 1);
  closed.hold_over = Hold{front, noon + std::chrono::hours{2}, std::nullopt};
  closed.audit = {audit_entry("door.close")};
  get(desk.store->end_access(closed));
  get(desk.store->end_access(closed));
  AccessBegin out = begin_of("D2");
  out.presence->on_site = false;
  get(desk.store->begin_access(out));
  state = get(desk.store->access_state());
  CHECK(state.lockdown.empty());
  CHECK(state.holds.empty());
  CHECK(state.present.empty());
  CHECK(get(desk.store->audit_head()).number == 6);
}

TEST_CASE("What is in force and cannot be read is an error, not nothing", "[store][access]") {
  Desk desk;
  const std::string damage = GENERATE(values<std::string>(
      {"INSERT INTO door_mode VALUES ('net2-hq/1', 'ajar')", "INSERT INTO door_hold VALUES ('door', 1)",
       "DROP TABLE site_lockdown", "DROP TABLE net2_lockdown"}));
  DYNAMIC_SECTION(damage) {
    desk.store.reset();
    {
      Database db(desk.directory.path / "gatehouse.db");
      db.script(damage);
    }
    desk.store = open_store(desk.directory.path, desk.clock);
    const auto state = ask(desk.store->access_state());
    REQUIRE_FALSE(state.ok());
    CHECK(state.error().code == Errc::storage);
  }
}

TEST_CASE("Decisions are listed page by page since a moment, and pruned by age", "[store][access]") {
  Desk desk;
  for (int i = 0; i < 1203; ++i) {
    AccessBegin begin;
    begin.decision = decision_named("D" + std::to_string(10'000 + i));
    begin.decision->at = noon + std::chrono::seconds{i};
    begin.basis = "b";
    get(desk.store->begin_access(begin));
  }
  std::vector<std::string> ids;
  for (std::string after;;) {
    const auto page = get(desk.store->decisions(noon + std::chrono::seconds{3}, after));
    CHECK(page.size() <= 500);
    if (page.empty()) break;
    for (const auto& row : page) ids.push_back(row.decision.id);
    after = ids.back();
  }
  CHECK(ids.size() == 1200);
  CHECK(std::ranges::is_sorted(ids));
  CHECK(ids.front() == "D10003");
  CHECK(get(desk.store->prune_decisions(noon + std::chrono::seconds{10}, 4)) == 4);
  CHECK(get(desk.store->prune_decisions(noon + std::chrono::seconds{10}, 100)) == 6);
  const auto log = log_size(desk.directory.path);
  CHECK(get(desk.store->prune_decisions(noon + std::chrono::seconds{10}, 100)) == 0);
  CHECK(log_size(desk.directory.path) == log);
  CHECK(get(desk.store->decisions(Instant{}, "")).front().decision.id == "D10010");
}

TEST_CASE("A reply keeps its place, its topic and its correlation data", "[store][access]") {
  Desk desk;
  get(desk.store->append({message(Lane::access, "a"), reply("r")}));
  desk.reopen();
  const auto rows = waiting(*desk.store, Lane::access);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].correlation.empty());
  CHECK(rows[1].correlation == reply("r").correlation);
  CHECK(rows[1].sequence == 2);
  CHECK(rows[1].topic == "up/reply/7");
  CHECK(member(rows[1].payload, "type") == "gatehouse.reply.v1");
  get(desk.store->park(rows[1].row, "refused", "0x99"));
  desk.store.reset();
  Database db(desk.directory.path / "gatehouse.db");
  Statement parked = db.use("SELECT correlation FROM dead_letter");
  REQUIRE(parked.step());
  CHECK(parked.bytes(0) == reply("r").correlation);
}

TEST_CASE("The clock's floor is lowered by a person, with a row of the audit, and is a floor again",
          "[store][access][clock]") {
  StoreDirectory directory;
  SetClock clock;
  const auto right = clock.ms.load();
  clock.ms += 365LL * 86'400'000;
  auto store = open_store(directory.path, clock);
  get(store->note({audit_entry("of a wrong clock")}, {}));
  const auto wrong = clock.now();
  store.reset();
  store = open_store(directory.path, clock);
  REQUIRE(store->committed_floor() == wrong);
  clock.ms = right;
  get(store->lower_floor(audit_entry("clock.reset")));
  store.reset();
  store = open_store(directory.path, clock);
  CHECK(store->committed_floor() == clock.now());
  CHECK(get(store->audit_rows(0, 1)).at(0).entry.action == "clock.reset");
  clock.ms += 120'000;
  get(store->note({audit_entry("later")}, {}));
  const auto later = clock.now();
  clock.ms -= 60'000;
  get(store->note({audit_entry("by a clock that went back")}, {}));
  store.reset();
  store = open_store(directory.path, clock);
  CHECK(store->committed_floor() == later);
}
