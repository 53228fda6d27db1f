// A clock that is wrong, from outside (contract §4 "Clock", reliability.md C6): nothing that expired comes
// back to life, nothing stalls, and only what needs the time of day is denied. The wall clock of the daemon
// is moved by libfaketime; its monotonic clock goes on as it was.
#include <chrono>
#include <filesystem>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

using std::chrono::seconds;

constexpr auto policy = R"(
schedules:
  always: {mon-fri: ["00:00-24:00"], sat: ["00:00-24:00"], sun: ["00:00-24:00"]}
policy:
  employees: {open: true}
  visitors: {open: preregistered, early: 2h, late: 2h}
  contractors: {open: false}
  rules:
    - {name: cleaners by day, person_type: contractor, hours: always}
)";

/// Of the package libfaketime, whatever this machine's architecture.
std::string fake_library() {
  const auto found = run({"sh", "-c", "ls /usr/lib/*/faketime/libfaketimeMT.so.1"});
  if (found.status != 0) throw std::runtime_error("libfaketime is missing: scripts/install-dependencies");
  return found.out.substr(0, found.out.find('\n'));
}

seconds unix_time() {
  return std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch());
}

std::string utc(seconds at) {
  const auto value = static_cast<std::time_t>(at.count());
  std::tm parts{};
  gmtime_r(&value, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// The certificate's date is not looked at where the key is pinned (contract §2).
std::string pin_of_net2() {
  const auto made = run({"sh", "-c",
                         "openssl x509 -in '" + test_certificates() +
                             "/net2.pem' -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst "
                             "-sha256 -binary | base64"});
  return "{pin: [\"sha256/" + made.out.substr(0, made.out.find('\n')) + "\"]}";
}

struct ClockHouse : AccessHouse {
  ClockHouse() : AccessHouse(policy) {
    gateway.site().net2_tls = pin_of_net2();
    gateway.write_config();
    shift(seconds(0));
    gateway.env() = {{"LD_PRELOAD", fake_library()},
                     {"FAKETIME_TIMESTAMP_FILE", dir / "faketime"},
                     {"FAKETIME_NO_CACHE", "1"},
                     {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
                     {"NO_FAKE_STAT", "1"}};
    ada = add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
    cleo = add({.first = "Cleo", .last = "Clean", .email = "cleo@example.org", .department = "Cleaners"});
    gateway.start();
    REQUIRE(becomes("active"));
    REQUIRE(told("person.upserted", 2));
    REQUIRE(
        recorder.wait(10s, [](const Ledger& l) { return !deep(l.last("/up/state"), "data.epoch").empty(); }));
    REQUIRE(clock() == "ok");
  }

  /// How far the daemon's wall clock is from ours, from now on.
  void shift(seconds by) const {
    const auto next = dir / "faketime.new";
    write_file(next, (by.count() < 0 ? "" : "+") + std::to_string(by.count()) + "\n");
    std::filesystem::rename(next, dir / "faketime");
  }
  std::string clock() const { return text_at(gateway.status(), "clock"); }

  /// As a cloud does that knows of the clock: bound by the gateway's own uptime.
  json::object call_by_uptime(const std::string& cmd, json::object args) {
    auto bound = claims(cmd, std::move(args));
    bound["exp_uptime_ms"] = number_at(gateway.status(), "uptime_s") * 1000 + 15'000;
    const auto answer = reply(send(bound));
    return answer ? *answer : json::object();
  }
  json::object sign_in_by_uptime(json::object who) {
    return at(at(call_by_uptime("access.sign_in", sign_in(std::move(who))), "result"), "decision");
  }
  /// On the command line: no clock of the cloud is in it.
  json::object sign_in_here(int net2_user) const {
    return gateway.json({"access", "sign-in", "--person", key_of(net2_user), "--access-point", "reception"});
  }
  json::object who(int net2_user) const { return {{"id", person_id(net2_user)}}; }
  void live_again() {
    const auto epoch = deep(recorder.ledger().last("/up/state"), "data.epoch");
    gateway.kill();
    gateway.start();
    REQUIRE(becomes("active"));
  }

  int ada = 0;
  int cleo = 0;  ///< let in by a rule with hours
};

json::object somebody(const std::string& id, const std::string& type, json::value until) {
  auto person = roster_person(id, type, id, "Cloud");
  person["valid_until"] = std::move(until);
  return person;
}

TEST_CASE("C6: a clock that steps to 1970, a year ahead or an hour back revives nothing and stalls nothing",
          "[access][clock]") {
  const auto step = GENERATE(-unix_time(), seconds(365 * 86'400), seconds(-3'600));
  ClockHouse house;
  const auto now = unix_time();
  const json::object visit{{"visit_id", "v-1"},
                           {"cloud_id", "vera"},
                           {"site", "hq"},
                           {"start", utc(now - seconds(600))},
                           {"end", utc(now + seconds(3'600))},
                           {"status", "expected"},
                           {"op", "upsert"}};
  const auto roster = house.call(
      "roster.put",
      {{"from", nullptr},
       {"to", "c1"},
       {"snapshot", "s-1"},
       {"batch", 0},
       {"people", json::array{somebody("vera", "visitor", nullptr),
                              somebody("eve", "employee", json::value(utc(now - seconds(1'800))))}},
       {"visits", json::array{visit}},
       {"end", json::object{{"count", 2}}}});
  INFO(text(roster));
  REQUIRE(flag_at(roster, "ok"));
  const json::object vera{{"cloud_id", "vera"}}, eve{{"cloud_id", "eve"}};
  const auto reason = [&](const json::object& answer) { return deep(answer, "result.decision.reason"); };
  REQUIRE(reason(house.call("access.sign_in", house.sign_in(vera))) == "visitor_preregistered");
  REQUIRE(reason(house.call("access.sign_in", house.sign_in(eve))) == "validity_expired");
  REQUIRE(reason(house.call("access.sign_in", house.sign_in(house.who(house.cleo)))) == "rule");
  const auto used = house.claims("door.open", {{"door", front_door}, {"reason", "once"}});
  REQUIRE(flag_at(*house.reply(house.send(used)), "ok"));
  auto expired = house.claims("door.open", {{"door", front_door}, {"reason", "late"}});
  expired["iat"] = expired.at("iat").as_int64() - 60;
  expired["exp"] = expired.at("iat").as_int64() + 20;

  house.shift(step);
  INFO("stepped by " << step.count() << " s\n" << house.gateway.log());
  REQUIRE(eventually(5s, [&] { return house.clock() == "unsynced"; }));
  const auto before = house.opens();

  // Nothing stalls: events, people, and the word that the clock is doubtful.
  const auto first = house.net2.last_event() + 1;
  house.net2.act("events", R"({"count":40,"types":[20,23]})");
  CHECK(house.all_events_out(20s, first));
  const auto came = house.recorder.ledger();
  const auto& last = came.facts().back();
  CHECK(text_at(json::parse(last.payload).as_object(), "clock") == "unsynced");
  const auto told = house.tellings("person.upserted");
  house.add({.first = "Nora", .last = "New", .email = "nora@example.org"});
  CHECK(house.told("person.upserted", told + 1));
  CHECK(house.polled(2));

  // A command says by our own uptime how long it lives, or it is refused.
  CHECK(deep(house.call("status.get", {}), "error.code") == "clock_untrusted");
  CHECK(flag_at(house.call_by_uptime("status.get", {}), "ok"));
  CHECK(deep(*house.reply(house.send(expired)), "error.code") == "clock_untrusted");
  auto again = used;
  again["exp_uptime_ms"] = number_at(house.gateway.status(), "uptime_s") * 1000 + 15'000;
  const auto replies = house.recorder.ledger().count("reply");
  house.send(again);
  REQUIRE(house.told("reply", replies + 1));
  CHECK(deep(data_of(house.recorder.ledger(), "reply").back(), "error.code") == "replayed");
  CHECK(house.opens() == before);

  // What needs the time of day is denied, and only that.
  CHECK(text_at(house.sign_in_by_uptime(house.who(house.ada)), "reason") == "employee");
  CHECK(eventually(5s, [&] { return house.opens() == before + 1; }));
  for (const auto& person : {vera, eve, house.who(house.cleo)}) {
    const auto decision = house.sign_in_by_uptime(person);
    INFO(text(decision));
    CHECK(text_at(decision, "outcome") == "deny");
    CHECK(text_at(decision, "reason") == "clock_untrusted");
  }
  CHECK(house.opens() == before + 1);
  // What ends after a while ends after that while.
  const auto held =
      house.call_by_uptime("door.hold_open", {{"door", front_door}, {"seconds", 2}, {"reason", "delivery"}});
  CHECK(deep(held, "result.command") == "sent");
  CHECK(eventually(10s, [&] { return house.opens() == before + 3; }));  // and closed

  // Nobody has expired, and the right time after a restart is believed.
  CHECK(house.tellings("person.disabled") == 0);
  CHECK(house.tellings("person.removed") == 0);
  house.shift(seconds(0));
  house.live_again();
  CHECK(house.clock() == "ok");
  CHECK(text_at(house.sign_in_here(house.cleo), "reason") == "rule");
  CHECK(lines(house.recorder.ledger().broken()).empty());
  CHECK(lines(house.recorder.ledger().faults()).empty());
}

TEST_CASE("C6: a boot in 1970 lets in whom no clock is needed for, and catches up when the time is right",
          "[access][clock]") {
  ClockHouse house;
  const auto last_commit = utc(unix_time() - seconds(60));
  house.gateway.kill();
  house.shift(-unix_time() + seconds(100));
  house.gateway.start();
  CHECK(house.clock() == "unsynced");
  CHECK(house.gateway.ask({"clock", "show"}).status == 3);
  REQUIRE(house.becomes("active"));
  const auto before = house.opens();
  const auto ada = house.sign_in_here(house.ada);
  INFO(text(ada) << "\n" << house.gateway.log());
  CHECK(text_at(ada, "outcome") == "allow");
  CHECK(text_at(house.sign_in_here(house.cleo), "reason") == "clock_untrusted");
  CHECK(eventually(5s, [&] { return house.opens() == before + 1; }));
  // What was decided is told at a time of our days (the floor, which is kept each second), and at once:
  // certificates are looked at by that time, too.
  CHECK(text_at(ada, "at") >= last_commit);
  CHECK(house.told("decision", 2));
  house.shift(seconds(0));
  house.live_again();
  CHECK(house.clock() == "ok");
  CHECK(house.gateway.ask({"clock", "show"}).status == 0);
  CHECK(text_at(house.sign_in_here(house.cleo), "reason") == "rule");
  const auto first = house.net2.last_event() + 1;
  house.net2.act("events", R"({"count":20,"types":[20,23]})");
  CHECK(house.all_events_out(30s, first));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE(
    "C6: the floor of a clock that was a year ahead and believed is lowered by an operator, and only so",
    "[access][clock]") {
  ClockHouse house;
  const auto why = "the battery was dead, NTP is back";
  // There is nothing to lower while all is well.
  const auto nothing = house.gateway.ask({"clock", "reset", "--reason", why});
  CHECK(nothing.status == 1);
  CHECK(nothing.err.find("nothing to reset") != std::string::npos);
  house.gateway.kill();
  house.shift(seconds(365 * 86'400));
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  CHECK(house.clock() == "ok");  // nobody here can know better
  CHECK(text_at(house.sign_in_here(house.ada), "outcome") == "allow");
  house.shift(seconds(0));
  for (int i = 0; i < 2; ++i) {
    house.live_again();
    CHECK(house.clock() == "unsynced");
    CHECK(text_at(house.sign_in_here(house.cleo), "reason") == "clock_untrusted");
  }
  CHECK(house.gateway.ask({"clock", "reset"}).status == 2);
  const auto reset = house.gateway.json({"clock", "reset", "--reason", why});
  CHECK(text_at(reset, "clock") == "ok");
  CHECK(house.clock() == "ok");
  CHECK(text_at(house.sign_in_here(house.cleo), "reason") == "rule");
  house.live_again();
  CHECK(house.clock() == "ok");
  CHECK(text_at(house.sign_in_here(house.cleo), "reason") == "rule");
  bool noted = false;
  for (const auto& entry : house.list({"audit", "show"}, "audit")) {
    const auto& row = entry.as_object();
    noted =
        noted || (text_at(row, "action") == "clock.reset" && text(row).find("battery") != std::string::npos);
  }
  CHECK(noted);
  CHECK(house.gateway.ask({"audit", "verify"}).status == 0);
}

}  // namespace
}  // namespace gatehouse::whole
