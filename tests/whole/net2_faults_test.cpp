// Net2 in all its bad days: nothing is lost, nobody is removed, the status says what is wrong and what to do,
// and all is well again by itself.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

std::size_t removals(const Ledger& ledger) {
  return ledger.count("person.disabled") + ledger.count("person.removed");
}

struct BadDay {
  const char* name;
  const char* rule;              ///< of the verb "fault"
  std::set<std::string> states;  ///< any of these is a true word for it
  bool events_flow = false;      ///< the fault is about people only
};

/// Each fault is put in force over a gateway that is well, held until the status has said so and people have
/// been asked for again, and lifted.
void live_through(const BadDay& day) {
  House house({.people = 40, .doors = 3, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto first = house.net2.last_event() + 1;
  const auto people = number_at(house.gateway.status(), "people");
  REQUIRE(people == 40);

  house.net2.fault(day.rule);
  std::string seen;
  const bool said = eventually(15s, [&] {
    seen = house.gateway.state();
    return day.states.contains(seen);
  });
  INFO("last state: " << seen << "\n" << house.gateway.log());
  CHECK(said);
  const auto told = house.gateway.json({"integration", "show", "net2-hq"});
  const auto* inner = told.if_contains("integration");
  const auto shown = inner && inner->is_object() ? inner->as_object() : told;
  CHECK_FALSE(text_at(shown, "detail").empty());
  CHECK_FALSE(text_at(shown, "hint").empty());
  house.net2.swipes(50);  // they happen whether or not anybody can read them
  if (day.events_flow) CHECK(house.all_events_out(15s, first));

  house.net2.clear_faults();
  CHECK(house.state_becomes("active", 40s));
  CHECK(house.all_events_out(30s, first));
  const auto ledger = house.recorder.ledger();
  CHECK(removals(ledger) == 0);
  CHECK(number_at(house.gateway.status(), "people") == people);
  CHECK(ledger.count("person.upserted") == static_cast<std::size_t>(people));
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("A bad day of Net2 is told truly and passes without loss", "[net2]") {
  const std::set<std::string> away{"unreachable"};
  const std::set<std::string> wrong{"unreachable", "issues"};
  const auto day = GENERATE_COPY(values<BadDay>({
      {"connections are refused", R"({"kind":"stop_listening"})", away},
      {"it accepts and never says a word", R"({"kind":"black_hole"})", away},
      {"nginx answers 502", R"({"kind":"502"})", away},
      {"web pages come instead of JSON", R"({"kind":"html"})", wrong},
      {"answers are cut off in the middle", R"({"kind":"cut","part":0.5})", wrong},
      {"JSON stops in the middle, with a length that agrees", R"({"kind":"truncate"})", wrong},
      {"requests are taken and never answered", R"({"kind":"silence"})", away},
      {"the connection is reset after the work", R"({"kind":"reset"})", away},
      {"429 to everything", R"({"kind":"429"})", away},
      {"the operator lost the right to read",
       R"({"kind":"forbidden","path":"/users"})",
       {"unauthenticated", "issues"}},
  }));
  DYNAMIC_SECTION(day.name) {
    live_through(day);
  }
}

TEST_CASE("A server that has gone is told within ten seconds, however seldom it is polled", "[net2]") {
  const bool live = GENERATE(true, false);
  const auto* rule = GENERATE(R"({"kind":"silence"})", R"({"kind":"502"})", R"({"kind":"black_hole"})");
  DYNAMIC_SECTION((live ? "with" : "without") << " a live feed, " << rule) {
    House house({.people = 5, .doors = 2, .sim_arguments = {"--plain"}});
    house.gateway.site().poll = std::string("{people: 10m, events: 60s, doors: 60s, live: ") +
                                (live ? "true" : "false") + ", events_from: now}";
    house.gateway.write_config();
    house.gateway.start();
    REQUIRE(house.state_becomes("active"));
    house.net2.fault(rule);
    CHECK(house.state_becomes("unreachable", 10s));
    house.net2.clear_faults();
    CHECK(house.state_becomes("active", 30s));
  }
}

TEST_CASE("An empty body where there were people removes nobody", "[net2][people]") {
  const auto* kind = GENERATE("empty", "empty_list");
  DYNAMIC_SECTION(kind) {
    House house({.people = 200, .doors = 3, .sim_arguments = {"--plain"}});
    house.start_and_import();
    REQUIRE(house.state_becomes("active"));
    const auto first = house.net2.last_event() + 1;
    for (const auto* path : {"querydb", "/users"}) {
      house.net2.fault(std::string(R"({"kind":")") + kind + R"(","path":")" + path + R"("})");
    }
    const auto so_far = number_at(house.net2.state(), "fault_hits");
    REQUIRE(eventually(20s, [&] { return number_at(house.net2.state(), "fault_hits") >= so_far + 3; }));
    CHECK(house.state_becomes("issues", 10s));
    house.net2.swipes(20);
    CHECK(house.all_events_out(15s, first));  // people are one thing, events another
    house.net2.clear_faults();
    CHECK(house.state_becomes("active", 40s));
    const auto ledger = house.recorder.ledger();
    CHECK(removals(ledger) == 0);
    CHECK(ledger.count("person.upserted") == 200);
    CHECK(number_at(house.gateway.status(), "people") == 200);
    CHECK(lines(ledger.broken()).empty());
  }
}

TEST_CASE("Tokens may die at any time: nobody notices", "[net2][tokens]") {
  House house({.people = 20, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto first = house.net2.last_event() + 1;
  for (const auto* kind : {"expire_tokens", "forget_tokens", "expire_tokens"}) {
    house.net2.fault(std::string(R"({"kind":")") + kind + R"("})");
    house.net2.swipes(20);
    CHECK(house.all_events_out(15s, first));
  }
  CHECK(house.state_becomes("active", 15s));
  CHECK(removals(house.recorder.ledger()) == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("A wrong password and multi-factor authentication are named as what they are", "[net2][tokens]") {
  House house({.people = 5, .doors = 2, .sim_arguments = {"--plain"}});
  SECTION("a wrong password") {
    house.gateway.site().password = "not this one";
    house.gateway.write_config();
    house.gateway.start();
    REQUIRE(house.state_becomes("unauthenticated", 15s));
    house.gateway.site().password = "secret";
    house.gateway.write_config();
    CHECK(house.gateway.ask({"config", "reload"}).status == 0);
    CHECK(house.state_becomes("active", 40s));
  }
  SECTION("an unknown client id") {
    house.gateway.site().client_id = "somebody-else";
    house.gateway.write_config();
    house.gateway.start();
    CHECK(house.state_becomes("unauthenticated", 15s));
    CHECK(house.gateway.log().find("licence") != std::string::npos);
  }
  SECTION("multi-factor authentication") {
    house.net2.set(R"({"mfa":true})");
    house.gateway.start();
    REQUIRE(house.state_becomes("unauthenticated", 15s));
    CHECK(house.gateway.log().find("multi-factor") != std::string::npos);
    house.net2.set(R"({"mfa":false})");
    const auto* again = GENERATE("resume", "reload");
    INFO(again);
    if (std::string(again) == "resume")
      CHECK(house.gateway.ask({"integration", "resume", "net2-hq"}).status == 0);
    else
      CHECK(house.gateway.ask({"config", "reload"}).status == 0);
    CHECK(house.state_becomes("active", 20s));
  }
}

TEST_CASE("A server with a wrong certificate is not spoken to", "[net2][tls]") {
  const auto* name = GENERATE("other", "expired");
  DYNAMIC_SECTION(name) {
    House house({.people = 10, .doors = 2, .sim_arguments = {"--plain"}});
    house.start_and_import();
    REQUIRE(house.state_becomes("active"));
    house.net2.kill();
    house.net2.use_certificate(name);
    house.net2.start();
    CHECK(house.state_becomes("unreachable"));
    CHECK(eventually(15s, [&] {
      return text_at(house.gateway.integration(), "detail").find("certificate") != std::string::npos;
    }));
    CHECK(house.net2.asked("") == 0);  // not one request got through
    CHECK(removals(house.recorder.ledger()) == 0);
    house.net2.kill();
    house.net2.use_certificate("net2");
    house.net2.start();
    CHECK(house.state_becomes("active", 40s));
  }
}

TEST_CASE("Another Net2 behind the same address is found out before anybody is touched", "[net2][people]") {
  House house({.people = 60, .doors = 4, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto before =
      house.recorder.ask([](const Ledger& ledger) { return ledger.count("person.upserted"); });
  house.net2.fault(R"({"kind":"another_server","seed":99})");
  house.net2.fault(R"({"kind":"close_connections"})");
  REQUIRE(house.state_becomes("reimport_pending", 30s));
  const auto ledger = house.recorder.ledger();
  CHECK(removals(ledger) == 0);
  CHECK(ledger.count("person.upserted") == before);
  CHECK(number_at(house.gateway.status(), "people") == 60);
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("More removals than the guard allows are withheld, and additions go on", "[net2][people]") {
  House house({.people = 100, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  house.net2.act("people", R"({"remove":40})");
  REQUIRE(house.state_becomes("guarded", 20s));
  house.net2.add_people(1);
  CHECK(
      house.recorder.wait(15s, [](const Ledger& ledger) { return ledger.count("person.upserted") == 101; }));
  CHECK(removals(house.recorder.ledger()) == 0);
}

TEST_CASE("A lost live feed costs time, never an event", "[net2][live]") {
  House house({.people = 20, .doors = 2, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(eventually(15s, [&] { return number_at(house.net2.state(), "live_clients") > 0; }));
  const auto first = house.net2.last_event() + 1;
  for (const auto* kind : {"close_sockets", "silence_sockets", "no_signalr"}) {
    house.net2.fault(std::string(R"({"kind":")") + kind + R"("})");
    house.net2.swipes(20);
    CHECK(house.all_events_out(15s, first));
  }
  CHECK(house.state_becomes("active", 15s));
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

TEST_CASE("A server that knows no ids in its conditions, and none of the newer routes, is served too",
          "[net2]") {
  const auto* switches =
      GENERATE(R"({"event_id_in_where":false})", R"({"querydb":"404"})", R"({"key_case":"pascal"})",
               R"({"empty_list":"all"})", R"({"tls_max":"1.2"})", R"({"chunked":true})");
  DYNAMIC_SECTION(switches) {
    House house({.people = 30, .doors = 3, .sim_arguments = {"--plain"}});
    house.net2.set(switches);
    house.start_and_import();
    REQUIRE(house.state_becomes("active"));
    CHECK(house.recorder.ask([](const Ledger& ledger) { return ledger.count("person.upserted"); }) == 30);
    const auto first = house.net2.last_event() + 1;
    house.net2.swipes(100);
    CHECK(house.all_events_out(15s, first));
    CHECK(lines(house.recorder.ledger().broken()).empty());
  }
}

}  // namespace
}  // namespace gatehouse::whole
