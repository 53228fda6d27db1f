// What the cloud may ask beside sign-ins, from outside (contract §3.2): a person's rights, plans and issues,
// facts once more, doors that are held, invitations.
#include <algorithm>
#include <chrono>
#include <set>

#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

void wait_for_epoch(AccessHouse& house) {
  REQUIRE(house.recorder.wait(
      10s, [](const Ledger& l) { return !deep(l.last("/up/state"), "data.epoch").empty(); }));
}

struct Open : AccessHouse {
  explicit Open(const std::string& policy = {}) : AccessHouse(policy) {
    ada = add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
    start_and_import();
    REQUIRE(becomes("active"));
    REQUIRE(told("person.upserted", 1));
    wait_for_epoch(*this);
  }
  json::object who() const { return {{"id", person_id(ada)}}; }
  std::string reason(const std::string& point = "reception") {
    return deep(call("access.sign_in", sign_in(who(), point)), "result.decision.reason");
  }
  json::object last_of(const std::string& type) const {
    const auto all = data_of(recorder.ledger(), type);
    return all.empty() ? json::object() : all.back();
  }
  /// The relay of the front door, as Net2 has it.
  bool relay_open() const {
    const auto state = net2.state();
    for (const auto& entry : state.at("doors").as_array()) {
      const auto& door = entry.as_object();
      if (number_at(door, "id") == 6203980) return flag_at(door, "relay_open");
    }
    return false;
  }
  int ada = 0;
};

/// "2026-06-01T09:00:00Z"
std::string utc(std::chrono::system_clock::time_point at) {
  const auto seconds = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

TEST_CASE("person.set: access, grants and tags of a person, each with its right, told as it changes",
          "[access][commands]") {
  Open house(R"(
policy:
  employees: {open: false}
  rules:
    - {name: key holders, tag: keys}
)");
  const auto person = house.person_id(house.ada);
  CHECK(house.reason() == "employees_closed");
  // A tag that a rule knows, and a grant of the door.
  const auto tagged = house.call("person.set", {{"person", person}, {"custom_tags", json::array{"keys"}}});
  INFO(text(tagged));
  REQUIRE(flag_at(tagged, "ok"));
  CHECK(deep(tagged, "result.person.id") == person);
  CHECK(house.reason() == "rule");
  CHECK(texts_at(house.last_of("person.upserted"), "changed") == std::vector<std::string>{"custom_tags"});
  REQUIRE(flag_at(house.call("person.set", {{"person", person}, {"custom_tags", json::array{}}}), "ok"));
  CHECK(house.reason() == "employees_closed");
  const json::object grant{{"door", front_door}};
  REQUIRE(flag_at(house.call("person.set", {{"person", person}, {"grants", json::array{grant}}}), "ok"));
  CHECK(house.reason() == "grant");
  CHECK(house.person(key_of(house.ada)).at("grants").as_array().size() == 1);
  // Switched off: told, and denied; an older word undoes nothing.
  const auto older = house.claims("person.set", {{"person", person}, {"admin_enabled", true}});
  auto off = house.claims("person.set", {{"person", person}, {"admin_enabled", false}});
  off["iat"] = off.at("iat").as_int64() + 1;
  const auto answer = house.reply(house.send(off));
  REQUIRE(answer);
  REQUIRE(flag_at(*answer, "ok"));
  CHECK(house.told("person.disabled", 1));
  CHECK(text_at(house.last_of("person.disabled"), "reason") == "admin");
  CHECK(house.reason() == "access_disabled");
  const auto late = house.reply(house.send(older));
  REQUIRE(late);
  CHECK(deep(*late, "error.code") == "superseded");
  CHECK(house.reason() == "access_disabled");
  // Over a restart, too.
  house.gateway.kill();
  const auto epoch = deep(house.recorder.ledger().last("/up/state"), "data.epoch");
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  REQUIRE(house.recorder.wait(15s, [&](const Ledger& l) {
    const auto now = deep(l.last("/up/state"), "data.epoch");
    return !now.empty() && now != epoch;
  }));
  CHECK(house.reason() == "access_disabled");
  // Nobody, and nothing that is configured.
  CHECK(deep(house.call("person.set", {{"person", "01JNOBODY"}, {"tracked", false}}), "error.code") ==
        "not_found");
  const json::object nowhere{{"door", "net2-hq/1"}};
  CHECK(deep(house.call("person.set", {{"person", person}, {"grants", json::array{nowhere}}}),
             "error.code") == "bad_args");
  // A key without person.grant may switch people, and give nothing.
  house.write_keys(R"([{"cmd":"person.set"},{"cmd":"access.sign_in"},{"cmd":"status.get"}])");
  CHECK(house.gateway.ask({"config", "reload"}).status == 0);
  CHECK(deep(house.call("person.set", {{"person", person}, {"grants", json::array{}}}), "error.code") ==
        "out_of_scope");
  auto on = house.claims("person.set", {{"person", person}, {"admin_enabled", true}});
  on["iat"] = on.at("iat").as_int64() + 2;
  const auto again = house.reply(house.send(on));
  REQUIRE(again);
  CHECK(flag_at(*again, "ok"));
  CHECK(house.reason() == "grant");
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("plan.apply and issue.resolve: a first sync that the cloud takes to its end",
          "[access][commands]") {
  AccessHouse house;
  house.gateway.site().first = "confirm";
  house.gateway.write_config();
  house.add_staff(3);
  const int fixed = house.add({.first = "Bad", .last = "Mail", .email = "none"});
  const int left = house.add({.first = "Worse", .last = "Mail", .email = "nothing"});
  house.gateway.start();
  REQUIRE(house.becomes("draft"));
  wait_for_epoch(house);
  const auto issue_of = [&](int id) { return text_at(house.issue_about(id, "invalid_email"), "id"); };
  const auto unknown_field = house.call(
      "issue.resolve", {{"issue", issue_of(fixed)}, {"action", "fix"}, {"set", json::object{{"shoe", "9"}}}});
  CHECK_FALSE(flag_at(unknown_field, "ok"));
  const auto fix = house.call(
      "issue.resolve",
      {{"issue", issue_of(fixed)}, {"action", "fix"}, {"set", json::object{{"email", "bad@example.org"}}}});
  INFO(text(fix));
  REQUIRE(flag_at(fix, "ok"));
  REQUIRE(flag_at(house.call("issue.resolve", {{"issue", issue_of(left)}, {"action", "skip"}}), "ok"));
  REQUIRE(house.no_issues());
  const auto plan = house.plan_of_kind("first_sync");
  REQUIRE(number_at(plan, "count") == 4);
  // The same plan was told, with the token that applies it.
  json::object told;
  REQUIRE(house.recorder.wait(15s, [&](const Ledger& ledger) {
    for (const auto& data : data_of(ledger, "plan")) {
      if (text_at(data, "plan") == text_at(plan, "plan")) told = data;
    }
    return number_at(told, "count") == 4;
  }));
  json::object args{{"plan", text_at(told, "plan")}, {"token", text_at(told, "token")}, {"confirm", 4}};
  auto wrong = args;
  wrong["token"] = "another";
  CHECK(deep(house.call("plan.apply", wrong), "error.code") == "plan_stale");
  wrong = args;
  wrong["confirm"] = 5;
  CHECK_FALSE(flag_at(house.call("plan.apply", wrong), "ok"));
  wrong = args;
  wrong["plan"] = "01JNOPLAN";
  CHECK(deep(house.call("plan.apply", wrong), "error.code") == "not_found");
  CHECK(house.people().empty());
  const auto applied = house.call("plan.apply", args);
  INFO(text(applied));
  REQUIRE(flag_at(applied, "ok"));
  REQUIRE(house.becomes("active"));
  CHECK(house.people().size() == 4);
  CHECK(text_at(house.person(key_of(fixed)), "email") == "bad@example.org");
  CHECK(deep(house.call("plan.apply", args), "error.code") != "");
  CHECK(house.told("person.upserted", 4));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("events.resend and people.resend: the same facts as new messages, between markers that count them",
          "[access][commands]") {
  Open house;
  const auto from = std::chrono::system_clock::now() - 1h;
  const auto first = house.net2.last_event() + 1;
  house.net2.act("events", R"({"count":30,"types":[20,23]})");
  REQUIRE(house.all_events_out(20s, first));
  const auto is_event = [](const Fact& fact) {
    return fact.type == "access.granted" || fact.type == "access.denied" || fact.type == "event" ||
           fact.type == "door";
  };
  std::map<std::string, std::string> before;  // event_id → id of the message
  const auto came = house.recorder.ledger();
  for (const auto& fact : came.facts()) {
    if (is_event(fact)) before[text_at(fact.data(), "event_id")] = fact.id;
  }
  REQUIRE(before.size() >= 30);
  const auto answer = house.call(
      "events.resend",
      {{"integration", "net2-hq"}, {"from", utc(from)}, {"to", utc(std::chrono::system_clock::now() + 1h)}});
  INFO(text(answer));
  REQUIRE(flag_at(answer, "ok"));
  REQUIRE(house.told("resend", 2));
  const auto ledger = house.recorder.ledger();
  const auto markers = ledger.of("resend");
  const auto begin = markers.at(0).data(), end = markers.at(1).data();
  CHECK(text_at(begin, "state") == "begin");
  CHECK(text_at(end, "state") == "end");
  CHECK(text_at(begin, "resend") == text_at(end, "resend"));
  CHECK(flag_at(end, "complete"));
  std::map<std::string, std::string> again;
  for (const auto& fact : ledger.facts()) {
    const bool between =
        fact.lane == "access" && fact.sequence > markers[0].sequence && fact.sequence < markers[1].sequence;
    if (between && is_event(fact)) again[text_at(fact.data(), "event_id")] = fact.id;
  }
  CHECK(number_at(begin, "count") == static_cast<std::int64_t>(again.size()));
  CHECK(number_at(end, "count") == number_at(begin, "count"));
  CHECK(number_at(end, "alarms") == 0);
  for (const auto& [event, id] : before) {
    INFO(event);
    CHECK(again.contains(event));
    if (again.contains(event)) CHECK(again.at(event) != id);
  }
  // The ledger takes an event that is told twice for a fault: here it was asked for. Nothing else may be
  // broken.
  for (const auto& lane : ledger.lanes()) {
    CHECK(lane.holes.empty());
    CHECK(lane.out_of_order == 0);
  }
  // Nothing in that time: two markers, and nothing between.
  REQUIRE(flag_at(house.call("events.resend", {{"integration", "net2-hq"},
                                               {"from", "2020-01-01T00:00:00Z"},
                                               {"to", "2020-01-02T00:00:00Z"}}),
                  "ok"));
  REQUIRE(house.told("resend", 4));
  CHECK(number_at(house.recorder.ledger().of("resend").at(3).data(), "count") == 0);
  CHECK(deep(house.call("events.resend", {{"integration", "net2-hq"},
                                          {"from", "2020-01-02T00:00:00Z"},
                                          {"to", "2020-01-01T00:00:00Z"}}),
             "error.code") == "bad_args");
  const auto people = house.tellings("person.upserted");
  REQUIRE(flag_at(house.call("people.resend", {}), "ok"));
  REQUIRE(house.told("resend", 6));
  CHECK(house.tellings("person.upserted") == people + 1);
  CHECK(number_at(house.recorder.ledger().of("resend").at(5).data(), "count") == 1);
}

TEST_CASE("door.hold_open: its end is durable, and one that is overdue is closed at the start",
          "[access][commands][kill]") {
  Open house;
  const auto hold = [&](int seconds) {
    const auto answer =
        house.call("door.hold_open", {{"door", front_door}, {"seconds", seconds}, {"reason", "delivery"}});
    INFO(text(answer) << house.gateway.log());
    CHECK(deep(answer, "result.command") == "sent");
    CHECK(eventually(5s, [&] { return house.relay_open(); }));
  };
  // By itself, when its time is over.
  hold(2);
  CHECK(eventually(10s, [&] { return !house.relay_open(); }));
  // Over a death that it outlasts.
  hold(6);
  house.gateway.kill();
  house.gateway.start();
  CHECK(house.relay_open());
  CHECK(eventually(20s, [&] { return !house.relay_open(); }));
  // Over one that outlasts it.
  REQUIRE(house.becomes("active"));
  REQUIRE(eventually(15s, [&] { return flag_at(house.call("status.get", {}), "ok"); }));
  hold(2);
  const auto over = std::chrono::steady_clock::now() + 2500ms;
  house.gateway.kill();
  REQUIRE(eventually(5s, [&] { return std::chrono::steady_clock::now() > over; }));
  CHECK(house.relay_open());  // nobody was there to close it
  const auto commands = house.opens();
  house.gateway.start();
  CHECK(eventually(15s, [&] { return !house.relay_open(); }));
  CHECK(house.opens() == commands + 1);
  // By an operator, and then its end brings nothing more.
  REQUIRE(house.becomes("active"));
  REQUIRE(eventually(15s, [&] { return flag_at(house.call("status.get", {}), "ok"); }));
  hold(3);
  CHECK(deep(house.call("door.close", {{"door", front_door}, {"reason", "done"}}), "result.command") ==
        "sent");
  CHECK(eventually(5s, [&] { return !house.relay_open(); }));
  const auto closed = house.opens();
  const auto later = std::chrono::steady_clock::now() + 4s;
  REQUIRE(eventually(8s, [&] { return std::chrono::steady_clock::now() > later; }));
  REQUIRE(house.polled(1));
  CHECK(house.opens() == closed);
  CHECK(house.alerts("hold_not_closed", "raised") == 0);
  CHECK(house.gateway.ask({"audit", "verify"}).status == 0);
}

TEST_CASE(
    "person.invitable: told once, again on full passes with the same invitation, over by person.invited",
    "[access][commands]") {
  Open house;
  REQUIRE(house.told("person.invitable", 1));
  const auto first = house.last_of("person.invitable");
  CHECK(text_at(first, "person_id") == house.person_id(house.ada));
  CHECK(text_at(first, "email") == "ada@example.org");
  const auto invitation = text_at(first, "invitation");
  REQUIRE_FALSE(invitation.empty());
  // Polling tells nobody again.
  REQUIRE(house.polled(3));
  CHECK(house.tellings("person.invitable") == 1);
  // A full pass does, with the same invitation: nobody has said that it came.
  house.pass();
  REQUIRE(house.told("person.invitable", 2));
  CHECK(text_at(house.last_of("person.invitable"), "invitation") == invitation);
  // It did not come: so it goes on, over a restart, too.
  const auto invited = [&](bool ok) {
    return house.call("person.invited", {{"person", house.person_id(house.ada)}, {"ok", ok}});
  };
  REQUIRE(flag_at(invited(false), "ok"));
  house.gateway.kill();
  const auto epoch = deep(house.recorder.ledger().last("/up/state"), "data.epoch");
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  REQUIRE(house.recorder.wait(15s, [&](const Ledger& l) {
    const auto now = deep(l.last("/up/state"), "data.epoch");
    return !now.empty() && now != epoch;
  }));
  const auto told = house.tellings("person.invitable");
  house.pass();
  REQUIRE(house.told("person.invitable", told + 1));
  CHECK(text_at(house.last_of("person.invitable"), "invitation") == invitation);
  // It came: that is all.
  REQUIRE(flag_at(invited(true), "ok"));
  const auto done = house.tellings("person.invitable");
  house.pass();
  house.add({.first = "Grace", .last = "Hopper", .email = "grace@example.org"});
  house.pass();
  REQUIRE(house.told("person.invitable", done + 1));
  CHECK(text_at(house.last_of("person.invitable"), "email") == "grace@example.org");
  CHECK(house.tellings("person.invitable") == done + 1);
  CHECK(deep(house.call("person.invited", {{"person", "01JNOBODY"}, {"ok", true}}), "error.code") ==
        "not_found");
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
