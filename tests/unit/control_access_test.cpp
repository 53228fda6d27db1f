// Doors, decisions and rights over D-Bus: what reaches whom, who may, what is refused, what is audited.

#include <catch2/catch.hpp>
#include <unistd.h>

#include "control_client.hpp"
#include "daemon/control/admission.hpp"
#include "daemon/control/methods.hpp"
#include "daemon/control/operator_audit.hpp"
#include "served_console.hpp"

using namespace gatehouse;
using gatehouse::test::Client;
using gatehouse::test::FactsAccess;
using gatehouse::test::FactsConsole;
using gatehouse::test::Filter;
using gatehouse::test::PrivateBus;
using gatehouse::test::ServedConsole;

namespace {

using Lines = std::vector<std::string>;

/// Every method there is.
struct AllMethods {
  boost::asio::io_context io;
  FactsConsole console{io};
  FactsAccess access;
  std::vector<Method> methods;

  AllMethods() {
    for (const auto& noun : {gateway_methods, people_methods, integration_methods, plan_methods}) {
      for (auto& method : noun(console)) methods.push_back(std::move(method));
    }
    for (const auto& noun : {access_methods, door_methods, person_methods}) {
      for (auto& method : noun(access)) methods.push_back(std::move(method));
    }
  }

  std::optional<Permission> needs(const char* interface, const std::string& name) const {
    for (const auto& method : methods) {
      if (std::string(method.interface) == interface && name == method.name) return method.permission;
    }
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("Nobody can do more than view without somebody having thought of the audit", "[control]") {
  const AllMethods all;
  for (const auto& method : all.methods) {
    INFO(method.interface << "." << method.name);
    if (method.permission == Permission::view) {
      CHECK_FALSE(audit_rule(method.interface, method.name));
    } else {
      const auto rule = audit_rule(method.interface, method.name);
      REQUIRE(rule);
      CHECK((rule->audited == Audited::here) == !rule->action.empty());
    }
  }
}

TEST_CASE("To look is one thing, to open a door another, to say who may a third", "[control]") {
  const AllMethods all;
  struct Case {
    const char* interface;
    const char* method;
    Permission permission;
  };
  for (const auto& row : {
           Case{bus_names::access, "Decide", Permission::view},
           Case{bus_names::access, "Explain", Permission::view},
           Case{bus_names::access, "List", Permission::view},
           Case{bus_names::access, "SignIn", Permission::open_door},
           Case{bus_names::access, "Replay", Permission::administer},
           Case{bus_names::muster, "List", Permission::view},
           Case{bus_names::audit, "List", Permission::view},
           Case{bus_names::audit, "Verify", Permission::view},
           Case{bus_names::doors, "List", Permission::view},
           Case{bus_names::doors, "Show", Permission::view},
           Case{bus_names::doors, "Discover", Permission::view},
           Case{bus_names::doors, "Open", Permission::open_door},
           Case{bus_names::doors, "Hold", Permission::open_door},
           Case{bus_names::doors, "Close", Permission::open_door},
           Case{bus_names::doors, "SetMode", Permission::administer},
           Case{bus_names::lockdown, "Set", Permission::administer},
           Case{bus_names::outbox, "List", Permission::view},
           Case{bus_names::outbox, "Retry", Permission::administer},
           Case{bus_names::outbox, "Drop", Permission::administer},
           Case{bus_names::people, "Grant", Permission::administer},
           Case{bus_names::people, "Revoke", Permission::administer},
           Case{bus_names::people, "Tag", Permission::administer},
           Case{bus_names::people, "Untag", Permission::administer},
           Case{bus_names::people, "Enable", Permission::administer},
           Case{bus_names::people, "Disable", Permission::administer},
       }) {
    INFO(row.interface << "." << row.method);
    CHECK(all.needs(row.interface, row.method) == row.permission);
  }
}

SCENARIO("What is to be done at the doors reaches who does it, with who asks for it", "[control][access]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);
  const std::string by = ", " + words_for_user(::geteuid());
  const auto text = [](const char* word) { return std::string(word); };

  client.ask(bus_names::access, "Decide", text("ada@b"), text("reception"),
             Filter{{"at", "2026-06-01T10:00"}, {"direction", "out"}, {"mode", "qr"}});
  client.ask(bus_names::access, "SignIn", text("ada@b"), text("reception"));
  client.ask(bus_names::doors, "Open", text("net2-hq/1"), text("fun"), true);
  client.ask(bus_names::doors, "Hold", text("net2-hq/1"), std::uint32_t{900}, text("fun"));
  client.ask(bus_names::doors, "Close", text("net2-hq/1"), text("fun"));
  client.ask(bus_names::doors, "SetMode", text("net2-hq/1"), text("config"));
  client.ask(bus_names::lockdown, "Set", text("hq"), true);
  client.ask(bus_names::people, "Grant", text("ada@b"), Filter{{"scope", "labs"}, {"until", "2026-12-31"}});
  client.ask(bus_names::people, "Revoke", text("ada@b"), text("G1"));
  client.ask(bus_names::people, "Enable", text("ada@b"));
  client.ask(bus_names::people, "Disable", text("ada@b"));
  client.ask(bus_names::people, "Tag", text("ada@b"), text("vip"));
  client.ask(bus_names::people, "Untag", text("ada@b"), text("vip"));
  CHECK(served.access.deeds() ==
        Lines{"decide ada@b at reception 2026-06-01T10:00 out qr", "sign in ada@b at reception" + by,
              "open net2-hq/1 for fun break-glass" + by, "hold net2-hq/1 900 for fun" + by,
              "close net2-hq/1 for fun" + by, "mode net2-hq/1 config" + by, "lockdown hq on" + by,
              "grant ada@b labs   2026-12-31" + by, "revoke ada@b G1" + by, "enable ada@b" + by,
              "disable ada@b" + by, "tag ada@b vip" + by, "untag ada@b vip" + by});
  // Each of these has its row with what it does, so that the one cannot be without the other.
  CHECK(served.audited().empty());
}

SCENARIO("What makes no sense at a door is refused before anything is done", "[control][access]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);
  const std::string invalid = "org.gatehouse.Error.Invalid";
  const std::string nothing;
  const std::string door = "net2-hq/1";
  CHECK(client.refusal(bus_names::doors, "Open", door, nothing, false) == invalid);
  CHECK(client.refusal(bus_names::doors, "Close", nothing, door) == invalid);
  CHECK(client.refusal(bus_names::doors, "Hold", door, std::uint32_t{5}, nothing) == invalid);
  CHECK(client.refusal(bus_names::doors, "SetMode", door, std::string("ajar")) == invalid);
  CHECK(client.refusal(bus_names::lockdown, "Set", nothing, true) == invalid);
  CHECK(client.refusal(bus_names::access, "SignIn", door, nothing) == invalid);
  CHECK(client.refusal(bus_names::access, "Decide", door, door, Filter{{"mode", "fax"}}) == invalid);
  CHECK(client.refusal(bus_names::access, "Decide", door, door, Filter{{"when", "now"}}) == invalid);
  CHECK(client.refusal(bus_names::access, "List", Filter{{"person", "P"}}, nothing, 10u) == invalid);
  CHECK(client.refusal(bus_names::audit, "List", Filter{{"actor", "x"}}, nothing, 10u) == invalid);
  CHECK(client.refusal(bus_names::people, "Grant", door, Filter{}) == invalid);
  CHECK(client.refusal(bus_names::people, "Grant", door, Filter{{"door", door}, {"site", "hq"}}) == invalid);
  CHECK(client.refusal(bus_names::people, "Grant", door, Filter{{"door", door}, {"till", "x"}}) == invalid);
  CHECK(client.refusal(bus_names::people, "Tag", door, nothing) == invalid);
  CHECK(served.access.deeds().empty());
  CHECK(served.audited().empty());
}

SCENARIO("D-19: an operator's act leaves a row of the audit, and says how it went", "[control][audit]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);
  const std::string by = ", " + words_for_user(::geteuid());

  SECTION("with what it was about, or why it was not done") {
    client.ask(bus_names::plans, "Apply", std::string("P1"), std::uint64_t{3});
    client.refusal(bus_names::plans, "Apply", std::string("P1"), std::uint64_t{4});
    client.ask(bus_names::issues, "Fix", std::string("12"), Filter{{"email", "a@b"}});
    client.refusal(bus_names::config, "Reload");
    client.ask(bus_names::sync, "Run", std::string("net2-hq"), true, false);
    CHECK(served.audited() == Lines{"plan.apply P1 done" + by, "plan.apply P1 refused" + by,
                                    "issue.fix 12 done" + by, "config.reload  invalid" + by,
                                    "sync.run net2-hq done" + by});
  }
  SECTION("who looks leaves none") {
    client.ask(bus_names::plans, "List");
    client.ask(bus_names::doors, "List");
    client.ask(bus_names::muster, "List", std::string());
    CHECK(served.audited().empty());
  }
  SECTION("a person is named by id, whatever the operator typed") {
    served.console.decoupled = R"({"id":"01J8ZQ5R7M4Y9K3T2V6W1X0ABC","first_name":"Ada"})";
    client.ask(bus_names::people, "Decouple", std::string("ada@example.com"), std::string(), std::string());
    served.console.decoupled = R"({"first_name":"Ada"})";
    client.ask(bus_names::people, "Decouple", std::string("ada@example.com"), std::string(), std::string());
    const std::string id = "01J8ZQ5R7M4Y9K3T2V6W1X0ABC";
    CHECK(served.audited() ==
          Lines{"people.decouple " + id + " done" + by + " about " + id, "people.decouple  done" + by});
  }
  SECTION("of a run that was only started, when it has ended") {
    served.console.hold_runs = true;
    served.console.refuse_late = true;
    client.ask(bus_names::sync, "Start", std::string("net2-hq"), true);
    CHECK(served.audited().empty());
    served.on_io([&] { served.console.run_gate.cancel(); });
    REQUIRE(served.log.wait_for(Level::warning, 1));
    CHECK(served.audited() == Lines{"sync.run net2-hq storage_full" + by});
  }
}
