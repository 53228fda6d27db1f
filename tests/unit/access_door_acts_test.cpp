// What operators do at doors: open, hold, close; lockdown and modes.

#include <catch2/catch.hpp>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

void refused(const Result<DoorReport>& answer, std::string_view word, Errc code = Errc::refused) {
  INFO(word);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == code);
  CHECK(answer.error().detail.starts_with(std::string(word) + ": "));
}

DoorRequest hold(Duration time) {
  auto asked = DeskCase::act(front_door, DoorAction::hold);
  asked.seconds = time;
  return asked;
}

}  // namespace

TEST_CASE("S2-H9: an operator opens a door without a policy, and every step is audited", "[access]") {
  DeskCase at;
  at.open_for_business();
  auto asked = DeskCase::act(front_door);
  asked.asker.command = taken("j1");
  asked.asker.finish = [](AccessEnd& end) {
    REQUIRE(end.answer);
    end.command = taken("j1", std::string(to_string(end.answer->state)));
    end.messages.push_back(reply());
  };
  const auto opened = at.move(asked);
  REQUIRE(opened);
  CHECK(door_report_json(*opened) == R"({"door":"net2-hq/1","action":"open","command":"sent","why":null})");
  REQUIRE(at.doors.calls.size() == 1);
  CHECK(at.doors.calls[0]->order.open_time == Duration(5s));
  CHECK(at.disk.commands.at({"key k", "j1"}).answer == "sent");
  CHECK(at.told("reply").size() == 1);
  CHECK(at.told("decision").empty());
  CHECK(at.audited("door.open", "begun") == 1);
  CHECK(at.audited("door.open", "sent") == 1);
  CHECK(at.disk.audit.front().detail.find("a parcel") != std::string::npos);
  CHECK(at.disk.open.empty());
  auto longer = DeskCase::act(front_door);
  longer.seconds = 60s;
  REQUIRE(at.move(longer));
  CHECK(at.doors.calls[1]->order.open_time == Duration(60s));
  const auto again = at.move(asked);
  REQUIRE_FALSE(again);
  CHECK(again.error() == Error{Errc::refused, "replayed"});
}

TEST_CASE("The intent of an act is durable before Net2 is asked", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  std::optional<Result<DoorReport>> answer;
  at.bench.start_into(at.desk.move_door(DeskCase::act(front_door)), answer);
  at.bench.run();
  REQUIRE(at.doors.calls.size() == 1);
  REQUIRE(at.disk.open.size() == 1);
  CHECK(at.disk.open.begin()->second.action == DoorAction::open);
  at.doors.answer(0, DoorCommandState::unknown, "cut");
  at.bench.run();
  REQUIRE(answer);
  CHECK((*answer)->answer == DoorAnswer{DoorCommandState::unknown, "cut"});
  CHECK(at.audited("door.open", "unknown") == 1);
}

TEST_CASE("What a door cannot do, and a request without sense, is said", "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto with = [](DoorRequest asked, std::optional<Duration> seconds) {
    asked.seconds = seconds;
    return asked;
  };
  refused(at.move(DeskCase::act({net2, Net2DoorId(99)})), "not_configured");
  refused(at.move(with(DeskCase::act(gate), 5s)), "bad_args", Errc::invalid);
  refused(at.move(with(DeskCase::act(gate, DoorAction::hold), 5s)), "bad_args", Errc::invalid);
  refused(at.move(DeskCase::act(gate, DoorAction::close)), "bad_args", Errc::invalid);
  refused(at.move(with(DeskCase::act(front_door), 61s)), "bad_args", Errc::invalid);
  refused(at.move(with(DeskCase::act(front_door), 999ms)), "bad_args", Errc::invalid);
  refused(at.move(hold(12h + 1ms)), "bad_args", Errc::invalid);
  refused(at.move(with(hold(1s), std::nullopt)), "bad_args", Errc::invalid);
  refused(at.move(with(DeskCase::act(back_door, DoorAction::hold), 5s)), "hold_not_allowed");
  auto unexplained = DeskCase::act(front_door);
  unexplained.reason = " ";
  refused(at.move(unexplained), "bad_args", Errc::invalid);
  unexplained.reason.clear();
  for (int i = 0; i < 200; ++i) unexplained.reason += "ä";
  CHECK(at.move(unexplained));
  unexplained.reason += "ä";
  refused(at.move(unexplained), "bad_args", Errc::invalid);
  CHECK(at.doors.calls.size() == 1);
  CHECK(at.store.begins == 1);  // a refusal has no effect
}

TEST_CASE("A momentary door is spared from operators as well", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.sign_in("yard").allow);
  auto asked = DeskCase::act(gate);
  asked.asker.finish = [](AccessEnd& end) { end.messages.push_back(reply()); };
  const auto spared = at.move(asked);
  REQUIRE(spared);
  CHECK(spared->answer == DoorAnswer{DoorCommandState::not_sent, "already_commanded"});
  CHECK(at.told("reply").size() == 1);
  CHECK(at.audited("door.open", "not_sent") == 1);
  CHECK(at.doors.calls.size() == 1);
}

TEST_CASE("S2-H2: modes refuse, and outlive a restart and a reload until they are taken back", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.bench.get(at.desk.set_mode(front_door, DoorMode::force_closed, "uid 1000")));
  CHECK(at.audited("door.mode", "force_closed") == 1);
  refused(at.move(DeskCase::act(front_door)), "door_force_closed");
  refused(at.move(hold(5s)), "door_force_closed");
  CHECK(at.move(DeskCase::act(front_door, DoorAction::close)));
  CHECK(at.sign_in("reception").reason == AccessReason::door_force_closed);
  at.desk.use(building(), {}, "sha256:2");
  CHECK(at.sign_in("reception").reason == AccessReason::door_force_closed);
  at.stop();
  DeskCase later(&at.disk, at.clock_kept);
  later.open_for_business();
  CHECK(later.sign_in("reception").reason == AccessReason::door_force_closed);
  REQUIRE(later.bench.get(later.desk.set_mode(front_door, DoorMode::blocked, "uid 1000")));
  refused(later.move(DeskCase::act(front_door)), "door_blocked");
  REQUIRE(later.bench.get(later.desk.set_mode(front_door, DoorMode::force_open, "uid 1000")));
  const auto open = later.sign_in("reception", PersonId("Eve"));
  CHECK(open.reason == AccessReason::door_open);
  CHECK(answer_of(open, front_door).state == DoorCommandState::sent);
  REQUIRE(later.bench.get(later.desk.set_mode(front_door, std::nullopt, "uid 1000")));
  CHECK(later.sign_in("reception").reason == AccessReason::employee);
  const auto unheard = later.bench.get(later.desk.set_mode({net2, Net2DoorId(9)}, DoorMode::normal, ""));
  REQUIRE_FALSE(unheard);
  CHECK(unheard.error().code == Errc::not_found);
  later.store.cannot_write = true;
  CHECK_FALSE(later.bench.get(later.desk.set_mode(front_door, DoorMode::force_open, "")));
  CHECK(later.desk.policy().door(front_door)->mode == DoorMode::normal);
}

TEST_CASE("A staging or disabled integration moves no door", "[access]") {
  DeskCase at;
  at.open_for_business();
  auto settings = building();
  settings.integrations[0].mode = IntegrationMode::staging;
  at.desk.use(settings, {}, "sha256:2");
  auto asked = DeskCase::act(front_door);
  asked.break_glass = true;
  refused(at.move(asked), "door_unavailable");
  refused(at.move(DeskCase::act(front_door, DoorAction::close)), "door_unavailable");
  CHECK(at.doors.calls.empty());
}

TEST_CASE("A lockdown denies sign-ins and acts at its site alone, and outlives a restart", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.lock(head_office, true));
  CHECK(at.desk.lockdown() == std::set{head_office});
  CHECK(at.status_changes > 0);
  CHECK(at.audited("lockdown.set", "on") == 1);
  CHECK(at.sign_in("reception").reason == AccessReason::lockdown);
  refused(at.move(DeskCase::act(front_door)), "lockdown");
  refused(at.move(hold(5s)), "lockdown");
  CHECK(at.move(DeskCase::act(front_door, DoorAction::close)));
  CHECK(at.move(DeskCase::act(remote)));
  at.stop();
  DeskCase later(&at.disk, at.clock_kept);
  later.open_for_business();
  CHECK(later.desk.lockdown() == std::set{head_office});
  CHECK(later.sign_in("reception").reason == AccessReason::lockdown);
  REQUIRE(later.lock(head_office, false));
  CHECK(later.desk.lockdown().empty());
  CHECK(later.sign_in("reception").allow);
  const auto unheard = later.lock(SiteId("moon"), true);
  REQUIRE_FALSE(unheard);
  CHECK(unheard.error().code == Errc::invalid);
}

TEST_CASE("A lockdown is in force before it is on the disk, and stays if it does not get there", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.store.slow = true;
  std::optional<Result<void>> answer;
  LockdownRequest asked;
  asked.site = head_office;
  at.bench.start_into(at.desk.set_lockdown(asked), answer);
  at.bench.run();
  CHECK(at.desk.lockdown() == std::set{head_office});
  at.store.cannot_write = true;
  at.store.let_begin();
  at.bench.run();
  REQUIRE(answer);
  REQUIRE_FALSE(*answer);
  CHECK(answer->error().detail.starts_with("store_unwritable: "));
  CHECK(at.desk.lockdown() == std::set{head_office});
  at.store.slow = false;
  CHECK_FALSE(at.lock(head_office, false));
  CHECK(at.desk.lockdown() == std::set{head_office});  // lifting needs the disk
  at.store.cannot_write = false;
  CHECK(at.lock(head_office, false));
  CHECK(at.desk.lockdown().empty());
}

TEST_CASE("A used-up command neither locks nor lifts", "[access]") {
  DeskCase at;
  at.open_for_business();
  LockdownRequest asked;
  asked.site = head_office;
  asked.asker.command = taken("j1");
  REQUIRE(at.bench.get(at.desk.set_lockdown(asked)));
  REQUIRE(at.lock(head_office, false));
  CHECK_FALSE(at.bench.get(at.desk.set_lockdown(asked)));
  CHECK(at.desk.lockdown().empty());
}

TEST_CASE("A lockdown stops what waits in a door's line, to the last moment", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  std::optional<Result<DecisionRecord>> first, second;
  at.bench.start_into(at.desk.sign_in(DeskCase::request("reception")), first);
  at.bench.start_into(at.desk.sign_in(DeskCase::request("reception", PersonId("Bob"))), second);
  at.bench.run();
  REQUIRE(at.lock(head_office, true));
  at.doors.answer(0, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(second);
  CHECK((*second)->allow);
  CHECK(answer_of(**second, front_door) == DoorAnswer{DoorCommandState::not_sent, "lockdown"});
  CHECK(at.doors.calls.size() == 1);
}

TEST_CASE("Net2's own lockdown denies every door of that server", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.desk.on_net2_lockdown(net2, true);
  CHECK(at.sign_in("reception").reason == AccessReason::lockdown);
  refused(at.move(DeskCase::act(remote)), "lockdown");
  CHECK(at.desk.lockdown().empty());
  at.desk.on_net2_lockdown(net2, false);
  CHECK(at.sign_in("reception").allow);
}

TEST_CASE("D-19: breaking the glass goes past lockdown and modes, and an alert goes up at once", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.lock(head_office, true));
  REQUIRE(at.bench.get(at.desk.set_mode(front_door, DoorMode::blocked, "uid 1000")));
  at.doors.slow = true;
  auto asked = DeskCase::act(front_door);
  asked.break_glass = true;
  std::optional<Result<DoorReport>> answer;
  at.bench.start_into(at.desk.move_door(asked), answer);
  at.bench.run();
  CHECK(at.alert_is_up("break_glass"));  // before Net2 has answered
  CHECK(at.disk.audit.back().detail.find(R"("break_glass":"yes")") != std::string::npos);
  at.doors.answer(0, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(answer);
  CHECK((*answer)->answer.state == DoorCommandState::sent);
  at.pass(15s - 1ms);
  CHECK(at.alert_is_up("break_glass"));
  at.pass(1ms);
  CHECK_FALSE(at.alert_is_up("break_glass"));
  at.store.cannot_write = true;
  const auto not_stored = at.move(asked);
  refused(not_stored, "store_unwritable", Errc::storage);
  CHECK_FALSE(at.alert_is_up("break_glass"));
}
