// The directory sync over D-Bus: who asked, what is refused, long calls.

#include <thread>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "control_client.hpp"
#include "daemon/control/admission.hpp"
#include "served_console.hpp"

using namespace gatehouse;
using gatehouse::test::Client;
using gatehouse::test::Filter;
using gatehouse::test::PrivateBus;
using gatehouse::test::ServedConsole;

namespace {

/// Sent without waiting for the answer.
void send_run(Client& client, const std::string& integration) {
  auto call = client.gateway->createMethodCall(bus_names::sync, "Run");
  call << integration << false << false;
  call.dontExpectReply();
  client.gateway->callMethod(call, std::chrono::seconds(10));
}

}  // namespace

SCENARIO("What is to be done reaches the console with who asks for it", "[control][sync]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);
  const std::string by = ", " + words_for_user(::geteuid());

  client.ask(bus_names::plans, "Apply", std::string("P1"), std::uint64_t{3});
  client.ask(bus_names::issues, "Fix", std::string("12"), Filter{{"email", "a@b"}});
  client.ask(bus_names::people, "Decouple", std::string("P1"), std::string("ill"), std::string("30d"));
  client.ask(bus_names::purge, "Plan", std::string(), true, false);
  client.ask(bus_names::sync, "Run", std::string("net2-hq"), true, false);
  CHECK(served.console.deeds() == std::vector<std::string>{"apply P1" + by, "fix 12 email=a@b" + by,
                                                           "decouple P1 for ill until 30d" + by,
                                                           "purge " + by, "run net2-hq full" + by});
}

TEST_CASE("A user has a name in journals where the system knows one", "[control]") {
  CHECK(words_for_user(0) == "uid 0 (root)");
  CHECK(words_for_user(4'000'000'000u) == "uid 4000000000");
}

SCENARIO("Arguments that make no sense are refused before anything is done", "[control][sync]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);
  const std::string invalid = "org.gatehouse.Error.Invalid";
  const std::string nothing;
  CHECK(client.refusal(bus_names::purge, "Plan", nothing, false, false) == invalid);
  CHECK(client.refusal(bus_names::purge, "Plan", std::string("a"), true, false) == invalid);
  CHECK(client.refusal(bus_names::integrations, "Remove", std::string("a"), std::string("eat")) == invalid);
  CHECK(client.refusal(bus_names::integrations, "Pause", nothing) == invalid);
  CHECK(client.refusal(bus_names::plans, "Apply", nothing, std::uint64_t{0}) == invalid);
  CHECK(client.refusal(bus_names::issues, "Fix", std::string("12"), Filter{}) == invalid);
  CHECK(client.refusal(bus_names::issues, "Merge", std::string("12"), nothing) == invalid);
  CHECK(client.refusal(bus_names::issues, "List", Filter{{"kind", "odd"}}) == invalid);
  CHECK(client.refusal(bus_names::activity, "List", Filter{{"outcome", "odd"}}, nothing, 10u) == invalid);
  CHECK(client.refusal(bus_names::activity, "List", Filter{{"color", "red"}}, nothing, 10u) == invalid);
  CHECK(served.console.deeds().empty());
}

SCENARIO("Runs that take long hold up nobody who looks", "[control][sync]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  served.console.hold_runs = true;
  Client client(bus);
  for (int i = 0; i < 32; ++i) send_run(client, "net2-hq");
  while (served.console.runs_begun < 32) std::this_thread::yield();

  SECTION("too many are refused, and looking goes on") {
    CHECK(client.refusal(bus_names::sync, "Run", std::string("net2-hq"), false, false) ==
          "org.gatehouse.Error.Busy");
    CHECK(client.ask(bus_names::sync, "Progress").find("applying") != std::string::npos);
    served.console.hold_runs = false;
    served.on_io([&] { served.console.run_gate.cancel(); });
    const auto refused = [&] {
      return client.refusal(bus_names::sync, "Run", std::string("net2-hq"), false, false);
    };
    while (refused() == "org.gatehouse.Error.Busy") std::this_thread::yield();
    CHECK(served.console.runs_ended == 33);
  }
  SECTION("and the daemon can stop meanwhile") {
    CHECK(client.ask(bus_names::doors, "List").find("Front") != std::string::npos);
    served.stop();
    CHECK(served.console.runs_ended == served.console.runs_begun);
  }
}

SCENARIO("A run that was only started is answered once", "[control][sync]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);
  CHECK(client.ask(bus_names::sync, "Start", std::string("net2-hq"), false) == R"({"started":true})");
  CHECK(client.refusal(bus_names::sync, "Start", std::string("off"), false) == "org.gatehouse.Error.Refused");

  // One that fails when its caller has its answer is told in the log.
  served.console.hold_runs = true;
  served.console.refuse_late = true;
  CHECK(client.ask(bus_names::sync, "Start", std::string("net2-hq"), true) == R"({"started":true})");
  CHECK(served.log.count(Level::warning) == 0);
  served.on_io([&] { served.console.run_gate.cancel(); });
  CHECK(served.log.wait_for(Level::warning, 1));
  CHECK(served.log.last(Level::warning) == "what was started has failed: the disk is full");
}

SCENARIO("A document of any length is handed over as a file that nobody can change", "[control][sync]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);
  const std::string integration = "long";
  CHECK(client.refusal(bus_names::sync, "Run", integration, false, true) == "org.gatehouse.Error.Refused");
  CHECK(client.refusal(bus_names::sync, "RunToFile", std::string("off"), false, true) ==
        "org.gatehouse.Error.Refused");

  auto call = client.gateway->createMethodCall(bus_names::sync, "RunToFile");
  call << integration << false << true;
  auto reply = client.gateway->callMethod(call, std::chrono::seconds(10));
  sdbus::UnixFd file;
  reply >> file;
  CHECK(::lseek(file.get(), 0, SEEK_END) > 20l << 20);
  CHECK(::write(file.get(), "x", 1) < 0);
  CHECK(::ftruncate(file.get(), 0) < 0);
}
