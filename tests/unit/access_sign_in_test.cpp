// A sign-in from the request to the told decision.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("S1-16: a sign-in opens every allowed door of its access point, and is told once", "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto decision = at.sign_in("lobby");
  CHECK(decision.allow);
  CHECK(decision.reason == AccessReason::employee);
  CHECK(decision.revision == 1);
  CHECK(decision.person == PersonId("Ada"));
  CHECK(answer_of(decision, front_door) == DoorAnswer{DoorCommandState::sent, ""});
  CHECK(answer_of(decision, back_door) == DoorAnswer{DoorCommandState::sent, ""});
  REQUIRE(at.doors.calls.size() == 2);
  CHECK(at.doors.calls[0]->order.door == front_door.number);
  CHECK(at.doors.calls[0]->order.action == DoorAction::open);
  CHECK(at.doors.calls[0]->order.open_time == Duration(5s));
  CHECK(at.doors.calls[1]->order.open_time == Duration(8s));
  CHECK(at.doors.calls[0]->order.deadline == at.clock.uptime() + 10s);
  CHECK(at.stored(decision.id) == decision);
  CHECK(at.disk.open.empty());
  CHECK(at.told("decision") == std::vector{decision_json(decision)});
  CHECK(at.news > 0);
  CHECK(at.audited("decision", "allow") == 1);
  CHECK(at.audited("door.open", "sent") == 2);
}

TEST_CASE("S1-16: a denied sign-in is stored and told in one transaction, and asks Net2 nothing",
          "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto decision = at.sign_in("reception", PersonId("Eve"));
  CHECK_FALSE(decision.allow);
  CHECK(decision.reason == AccessReason::contractors_closed);
  CHECK(answer_of(decision, front_door) == DoorAnswer{DoorCommandState::not_sent, ""});
  CHECK(at.doors.calls.empty());
  CHECK(at.store.begins == 1);
  CHECK(at.store.ends == 0);
  CHECK(at.told("decision") == std::vector{decision_json(decision)});
  CHECK(at.audited("decision", "deny") == 1);
  CHECK(at.told("presence").size() == 1);  // she is there all the same
}

TEST_CASE("Everything that a decision stands for is durable before the first door is asked", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  auto asked = DeskCase::request("lobby");
  asked.asker.command = taken("j1");
  bool finished = false;
  asked.asker.finish = [&](AccessEnd& end) {
    finished = true;
    REQUIRE(end.decision.has_value());
    CHECK(answer_of(*end.decision, front_door).state == DoorCommandState::sent);
    end.command = taken("j1", "{}");
    end.messages.push_back(reply());
  };
  std::optional<Result<DecisionRecord>> answer;
  at.bench.start_into(at.desk.sign_in(asked), answer);
  at.bench.run();
  REQUIRE(at.doors.calls.size() == 2);  // both at once
  REQUIRE(at.disk.decisions.size() == 1);
  const auto& half = at.disk.decisions.begin()->second;
  CHECK(half.decision.revision == 0);
  CHECK(answer_of(half.decision, front_door).state == DoorCommandState::unknown);
  CHECK(unpack_basis(half.basis)->person->id == PersonId("Ada"));
  CHECK(at.disk.open.size() == 2);
  CHECK(at.disk.commands.at({"key k", "j1"}).answer.empty());
  CHECK(at.told("presence").size() == 1);
  CHECK(at.told("decision").empty());
  CHECK_FALSE(answer);
  at.doors.answer(0, DoorCommandState::sent);
  at.bench.run();
  CHECK_FALSE(answer);  // each door has to have its answer
  at.doors.answer(1, DoorCommandState::failed, "403");
  at.bench.run();
  REQUIRE(answer);
  CHECK(finished);
  CHECK(answer_of(**answer, back_door) == DoorAnswer{DoorCommandState::failed, "403"});
  CHECK(at.disk.commands.at({"key k", "j1"}).answer == "{}");
  CHECK(at.told("reply").size() == 1);
  CHECK(at.told("decision").size() == 1);
  CHECK(at.disk.open.empty());
}

TEST_CASE("A used-up command id moves nothing", "[access]") {
  DeskCase at;
  at.open_for_business();
  auto asked = DeskCase::request("reception");
  asked.asker.command = taken("j1");
  REQUIRE(at.bench.get(at.desk.sign_in(asked)));
  const auto again = at.bench.get(at.desk.sign_in(asked));
  REQUIRE_FALSE(again);
  CHECK(again.error() == Error{Errc::refused, "replayed"});
  CHECK(at.doors.calls.size() == 1);
}

TEST_CASE("reliability 3: where no intent can be stored no door opens, and decisions go on", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.store.cannot_write = true;
  const auto allowed = at.sign_in("lobby");
  CHECK(allowed.allow);
  CHECK(answer_of(allowed, front_door) == DoorAnswer{DoorCommandState::not_sent, "store_unwritable"});
  CHECK(answer_of(allowed, back_door) == DoorAnswer{DoorCommandState::not_sent, "store_unwritable"});
  const auto denied = at.sign_in("reception", PersonId("Eve"));
  CHECK(denied.reason == AccessReason::contractors_closed);
  CHECK(answer_of(denied, front_door) == DoorAnswer{DoorCommandState::not_sent, ""});
  const auto delayed = at.sign_in("lift");
  CHECK(answer_of(delayed, front_door).why == "store_unwritable");
  const auto act = at.move(DeskCase::act(front_door));
  REQUIRE_FALSE(act);
  CHECK(act.error().code == Errc::storage);
  CHECK(act.error().detail.starts_with("store_unwritable: "));
  CHECK(at.doors.calls.empty());
  at.pass(30s);
  CHECK(at.doors.calls.empty());
  at.store.cannot_write = false;
  CHECK(answer_of(at.sign_in("lobby"), front_door).state == DoorCommandState::sent);
}

TEST_CASE("An answer that cannot be stored is stored as soon as it can", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.store.cannot_end = true;
  const auto decision = at.sign_in("reception");
  CHECK(answer_of(decision, front_door).state == DoorCommandState::sent);  // the door is open: say so
  CHECK(at.disk.open.size() == 1);
  at.store.cannot_end = false;
  REQUIRE(at.bench.until([&] { return at.disk.open.empty(); }));
  CHECK(at.stored(decision.id) == decision);
  CHECK(at.told("decision").size() == 1);
}

TEST_CASE("D-6: a momentary door is spared for ten seconds, a timed one is opened anew", "[access]") {
  DeskCase at;
  at.open_for_business();
  CHECK(answer_of(at.sign_in("yard"), gate).state == DoorCommandState::sent);
  CHECK(at.doors.calls.back()->order.open_time == std::nullopt);
  const DoorAnswer spared{DoorCommandState::not_sent, "already_commanded"};
  CHECK(answer_of(at.sign_in("yard", PersonId("Bob")), gate) == spared);
  const auto all = at.sign_in("all");
  CHECK(answer_of(all, gate) == spared);
  CHECK(answer_of(all, front_door).state == DoorCommandState::sent);
  CHECK(answer_of(at.sign_in("reception"), front_door).state == DoorCommandState::sent);
  at.pass(10s - 1ms);
  CHECK(answer_of(at.sign_in("yard"), gate) == spared);
  at.pass(1ms);
  CHECK(answer_of(at.sign_in("yard"), gate).state == DoorCommandState::sent);
}

TEST_CASE("A momentary door of which Net2 wrote nothing may be asked again at once", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.next_answer = {DoorCommandState::failed, "refused"};
  CHECK(answer_of(at.sign_in("yard"), gate).state == DoorCommandState::failed);
  at.doors.next_answer = {DoorCommandState::unknown, "cut"};
  CHECK(answer_of(at.sign_in("yard"), gate).state == DoorCommandState::unknown);
  CHECK(answer_of(at.sign_in("yard"), gate).why == "already_commanded");
}

TEST_CASE("One door is asked in the order of decisions, one call at a time", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  std::optional<Result<DecisionRecord>> ada, bob, both;
  at.bench.start_into(at.desk.sign_in(DeskCase::request("reception")), ada);
  at.bench.start_into(at.desk.sign_in(DeskCase::request("reception", PersonId("Bob"))), bob);
  at.bench.start_into(at.desk.sign_in(DeskCase::request("lobby", PersonId("Bob"))), both);
  at.bench.run();
  REQUIRE(at.doors.calls.size() == 2);  // front_door for Ada, back_door for Bob: another door does not wait
  CHECK(at.doors.calls[1]->order.door == back_door.number);
  at.doors.answer(0, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(at.doors.calls.size() == 3);
  CHECK(ada);
  CHECK_FALSE(bob);
  at.clock.pass(10s);  // the third has waited too long
  at.doors.answer(2, DoorCommandState::sent);
  at.doors.answer(1, DoorCommandState::sent);
  at.bench.run();
  REQUIRE(both);
  CHECK(at.doors.calls.size() == 3);
  CHECK(answer_of(**both, front_door) == DoorAnswer{DoorCommandState::not_sent, "late"});
  CHECK(answer_of(**both, back_door).state == DoorCommandState::sent);
}

TEST_CASE("D-6: the asker's expiry beats the ten seconds", "[access]") {
  DeskCase at;
  at.open_for_business();
  auto asked = DeskCase::request("reception");
  asked.asker.expires = at.clock.uptime() + 3s;
  REQUIRE(at.bench.get(at.desk.sign_in(asked)));
  CHECK(at.doors.calls[0]->order.deadline == at.clock.uptime() + 3s);
  asked.asker.expires = at.clock.uptime();
  const auto late = at.bench.get(at.desk.sign_in(asked));
  REQUIRE(late);
  CHECK(answer_of(*late, front_door) == DoorAnswer{DoorCommandState::not_sent, "late"});
  CHECK(at.doors.calls.size() == 1);
}

TEST_CASE("A slow disk uses up the deadline", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.store.slow = true;
  std::optional<Result<DecisionRecord>> answer;
  at.bench.start_into(at.desk.sign_in(DeskCase::request("reception")), answer);
  at.bench.run();
  at.clock.pass(10s);
  at.store.let_begin();
  at.bench.run();
  REQUIRE(answer);
  CHECK(answer_of(**answer, front_door).why == "late");
  CHECK(at.doors.calls.empty());
}

TEST_CASE("A caller who goes away takes nothing along", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.doors.slow = true;
  boost::asio::cancellation_signal gone;
  bool left = false;
  auto call = [](AccessDesk& desk, SignInRequest asked) -> Task<void> {
    auto answer = desk.sign_in(std::move(asked));
    const auto result = co_await std::move(answer);
    CHECK(result);
  };
  boost::asio::co_spawn(
      at.bench.io, call(at.desk, DeskCase::request("reception")),
      boost::asio::bind_cancellation_slot(gone.slot(), [&](std::exception_ptr) { left = true; }));
  at.bench.run();
  REQUIRE(at.doors.calls.size() == 1);
  gone.emit(boost::asio::cancellation_type::terminal);
  at.bench.run();
  CHECK(left);
  at.doors.answer(0, DoorCommandState::sent);
  at.bench.run();
  CHECK(at.disk.open.empty());
  REQUIRE(at.told("decision").size() == 1);
  CHECK(answer_of(at.disk.decisions.begin()->second.decision, front_door).state == DoorCommandState::sent);
}

TEST_CASE("D-8: presence follows every sign-in of a known person, whatever the doors' outcome", "[access]") {
  DeskCase at;
  at.open_for_business();
  REQUIRE(at.lock(head_office, true));
  CHECK(at.sign_in("reception").reason == AccessReason::lockdown);
  REQUIRE(at.desk.book().present(head_office).size() == 1);
  CHECK(at.desk.book().present(head_office).front().person == PersonId("Ada"));
  auto out = DeskCase::request("yard");  // opens nothing on the way out
  out.asked.direction = Direction::out;
  const auto left = at.bench.get(at.desk.sign_in(out));
  REQUIRE(left);
  CHECK(left->reason == AccessReason::direction);
  CHECK(at.desk.book().present(head_office).empty());
  at.sign_in("unheard of");
  at.sign_in("reception", PersonId("Nobody"));
  CHECK(at.desk.book().present(std::nullopt).empty());
  const auto told = at.told("presence");
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[0], Catch::Contains(R"("presence":"onsite")") &&
                          Catch::Contains(R"("outcome":"deny","reason":"lockdown")"));
  CHECK_THAT(told[1], Catch::Contains(R"("presence":"offsite")") &&
                          Catch::Contains(R"("evidence":")" + left->id + "\"") &&
                          Catch::Contains(R"("outcome":"deny","reason":"direction")"));
  REQUIRE(at.lock(head_office, false));
  CHECK(at.sign_in("reception").allow);
  CHECK_THAT(at.told("presence").back(), Catch::Contains(R"("outcome":"allow","reason":"employee")"));
}

TEST_CASE("People are found by the cloud's id, and nobody is made up", "[access]") {
  DeskCase at;
  at.open_for_business();
  CHECK(at.sign_in("reception", CloudPerson{"c-Bob"}).person == PersonId("Bob"));
  const auto nobody = at.sign_in("reception", CloudPerson{"c-Nobody"});
  CHECK(nobody.reason == AccessReason::unknown_person);
  CHECK_FALSE(nobody.person);
  CHECK_FALSE(nobody.person_type);
  CHECK(nobody.doors.empty());
}

TEST_CASE("A walk-in becomes a person, is on site, and leaves by the same name", "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto in = at.sign_in("reception", WalkInName{"Grace", "Hopper"});
  CHECK(in.reason == AccessReason::visitor_any);
  CHECK(in.person_type == PersonType::visitor);
  REQUIRE(in.person);
  CHECK(at.desk.book().find(*in.person)->person.sources.front().kind == SourceKind::walk_in);
  REQUIRE(at.desk.book().present(head_office).size() == 1);
  auto out = DeskCase::request("reception", WalkInName{" grace", "HOPPER"});
  out.asked.direction = Direction::out;
  const auto left = at.bench.get(at.desk.sign_in(out));
  REQUIRE(left);
  CHECK(left->person == in.person);
  CHECK(at.desk.book().present(head_office).empty());
  CHECK(at.desk.book().size() == 4);
  SECTION("by a name that two have, or one who signed in twice, the newest first") {
    const auto first = at.sign_in("reception", WalkInName{"Grace", "Hopper"});
    const auto second = at.sign_in("reception", WalkInName{"Grace", "Hopper"});
    CHECK(first.person != second.person);
    const auto newest = at.bench.get(at.desk.sign_in(out));
    REQUIRE(newest);
    CHECK(newest->person == second.person);
    REQUIRE(at.desk.book().present(head_office).size() == 1);
    CHECK(at.desk.book().present(head_office).front().person == *first.person);
    REQUIRE(at.bench.get(at.desk.sign_in(out)));
    CHECK(at.desk.book().present(head_office).empty());
  }
  SECTION("without a whole name it is no request") {
    const auto half = at.bench.get(at.desk.sign_in(DeskCase::request("reception", WalkInName{"Grace", " "})));
    REQUIRE_FALSE(half);
    CHECK(half.error().code == Errc::invalid);
  }
  SECTION("where the client may not, they stay unknown") {
    auto asked = DeskCase::request("reception", WalkInName{"Alan", "Turing"});
    asked.walk_ins_allowed = false;
    const auto no = at.bench.get(at.desk.sign_in(asked));
    REQUIRE(no);
    CHECK(no->reason == AccessReason::visitor_not_preregistered);
    CHECK_FALSE(no->person);
    CHECK(at.desk.book().present(head_office).empty());
  }
}

TEST_CASE("S2-H2: a walk-in with the name of somebody whose access is switched off stays out", "[access]") {
  DeskCase at;
  at.open_for_business();
  auto ada = person("Ada");
  ada.person.admin_enabled = false;
  at.store.put_person(ada);
  const auto no = at.sign_in("reception", WalkInName{"ADA", "lovelace"});
  CHECK(no.reason == AccessReason::access_disabled);
  CHECK(at.doors.calls.empty());
  ada.person.admin_enabled = true;
  at.store.put_person(ada);
  CHECK(at.sign_in("reception", WalkInName{"ADA", "lovelace"}).allow);
}

TEST_CASE("D-3: what is known of a person grows old", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.clock.pass(73h);
  at.desk.ages().proved(net2);  // and the cloud is silent: the oldest source counts
  CHECK(at.sign_in("reception").reason == AccessReason::stale_data);
  at.desk.ages().proved(IntegrationId("cloud"));
  CHECK(at.sign_in("reception").allow);
}

TEST_CASE("D-3: a proof that lies in the future is no age that a doubtful clock could tell", "[access]") {
  DeskCase at;
  at.disk.people.emplace(PersonId("Ada"), person("Ada"));
  at.disk.state.proofs = {{net2, at.clock.now() + 24h}, {IntegrationId("cloud"), at.clock.now() - 1h}};
  at.bench.get(at.desk.load());
  const std::vector<KnownPerson::Source> both{{.integration = net2}, {.integration = IntegrationId("cloud")}};
  CHECK(at.desk.ages().of(both) == KnowledgeAge{.age = std::nullopt, .by_wall_clock = true});
  CHECK(at.sign_in("reception").reason == AccessReason::stale_data);
  at.clock.trusted = false;
  CHECK(at.sign_in("reception").reason == AccessReason::clock_untrusted);
  at.desk.ages().proved(net2);
  CHECK(at.desk.ages().of(both).age == Duration(1h));
  CHECK(at.sign_in("reception").reason == AccessReason::clock_untrusted);  // the cloud's is of before
  at.desk.ages().proved(IntegrationId("cloud"));
  CHECK(at.sign_in("reception").allow);
}

TEST_CASE("D-2: a decision says what was offline, and under which policy it was made", "[access]") {
  DeskCase at;
  at.open_for_business();
  CHECK_FALSE(at.sign_in("reception").cloud_offline);
  CHECK_FALSE(at.sign_in("nowhere").net2_offline);
  at.yard.cloud = false;
  at.yard.online.clear();
  auto decision = at.sign_in("reception");
  CHECK(decision.cloud_offline);
  CHECK(decision.net2_offline);
  CHECK(decision.policy_revision == "sha256:1");
  CHECK(at.sign_in("nowhere").net2_offline);
  CHECK_FALSE(at.sign_in("unheard of").net2_offline);
  CHECK(decision.trace.find(R"({"check":"freshness","result":"pass","fact":null,"age_s":0})") !=
        std::string::npos);
}

TEST_CASE("D-2: saying what would be decided stores nothing and opens nothing", "[access]") {
  DeskCase at;
  at.open_for_business();
  auto asked = DeskCase::request("reception").asked;
  const auto said = at.desk.say(asked, PersonId("Ada"), at.clock.now() + 24h);
  REQUIRE(said);
  CHECK(said->allow);
  CHECK(said->at == at.clock.now() + 24h);
  CHECK(answer_of(*said, front_door) == DoorAnswer{DoorCommandState::not_sent, ""});
  at.bench.run();
  CHECK(at.store.begins == 0);
  CHECK(at.doors.calls.empty());
  CHECK(at.desk.book().present(std::nullopt).empty());
}

TEST_CASE("D-2: a stored decision can be made again, under its policy and under another", "[access]") {
  DeskCase at;
  at.open_for_business();
  const auto decision = at.sign_in("lobby");
  const auto row = at.disk.decisions.at(decision.id);
  const auto basis = unpack_basis(row.basis);
  REQUIRE(basis);
  const auto same = AccessDesk::again(row, at.desk.policy(), *basis);
  CHECK(same.reason == decision.reason);
  CHECK(trace_json(same.trace) == decision.trace);
  auto settings = building();
  settings.policy.policy.employees.open = false;
  const AccessPolicy stricter(settings, {});
  CHECK(AccessDesk::again(row, stricter, *basis).reason == AccessReason::employees_closed);
}

TEST_CASE("An integration that does not run fails its doors, and the others open", "[access]") {
  DeskCase at;
  at.open_for_business();
  at.yard.controls.clear();
  const auto decision = at.sign_in("reception");
  CHECK(answer_of(decision, front_door) ==
        DoorAnswer{DoorCommandState::failed, "the integration is not running"});
}
