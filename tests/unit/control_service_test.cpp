#include <future>
#include <set>

#include <boost/asio/local/stream_protocol.hpp>
#include <catch2/catch.hpp>
#include <poll.h>

#include "control_client.hpp"
#include "daemon/control/bus_names.hpp"
#include "served_console.hpp"

using namespace gatehouse;
using gatehouse::test::Client;
using gatehouse::test::Filter;
using gatehouse::test::PrivateBus;
using gatehouse::test::ServedConsole;

SCENARIO("What is asked over D-Bus is answered by the console", "[control]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  Client client(bus);

  SECTION("questions without and with arguments") {
    CHECK(client.ask(bus_names::gateway, "Status").find("acme/hq-01") != std::string::npos);
    CHECK(client.ask(bus_names::doors, "List").find("Front") != std::string::npos);
    CHECK(client.ask(bus_names::doors, "Show", std::string("net2-hq/7")) == R"({"id":"net2-hq/7"})");
    CHECK(client.ask(bus_names::config, "Effective", std::string("yaml")).starts_with("gateway:"));
  }
  SECTION("a filter and a page reach the console") {
    const auto page =
        client.ask(bus_names::people, "List", Filter{{"site", "annex"}}, std::string("1198"), 2u);
    CHECK(page.find(R"("id":"P1198")") != std::string::npos);
    CHECK(page.find(R"("site":"annex")") != std::string::npos);
    CHECK(page.find("next") == std::string::npos);
    const Filter dead{{"dead", "true"}, {"lane", "alarm"}};
    CHECK(client.ask(bus_names::outbox, "List", dead, std::string(), 10u) ==
          R"({"outbox":[{"id":1,"lane":"alarm","dead":true}]})");
  }
  SECTION("an error of the console keeps its kind") {
    CHECK(client.refusal(bus_names::integrations, "Show", std::string("x")) ==
          "org.gatehouse.Error.NotFound");
    CHECK(client.refusal(bus_names::people, "Show", std::string("ada@example.com")) ==
          "org.gatehouse.Error.Refused");
    CHECK(client.refusal(bus_names::people, "List", Filter{{"search", "storage"}}, std::string(), 5u) ==
          "org.gatehouse.Error.Storage");
    CHECK(client.refusal(bus_names::config, "Reload") == "org.gatehouse.Error.Invalid");
    CHECK(served.console.reloads == 1);
  }
  SECTION("arguments that make no sense are refused before the console hears of them") {
    const std::string invalid = "org.gatehouse.Error.Invalid";
    CHECK(client.refusal(bus_names::people, "List", Filter{}, std::string(), 0u) == invalid);
    CHECK(client.refusal(bus_names::people, "List", Filter{}, std::string(), 1001u) == invalid);
    CHECK(client.refusal(bus_names::people, "List", Filter{{"sight", "hq"}}, std::string(), 10u) == invalid);
    CHECK(client.refusal(bus_names::people, "List", Filter{{"access", "perhaps"}}, std::string(), 10u) ==
          invalid);
    CHECK(client.refusal(bus_names::outbox, "List", Filter{{"dead", "very"}}, std::string(), 10u) == invalid);
    CHECK(client.refusal(bus_names::config, "Effective", std::string("xml")) == invalid);
    CHECK(client.refusal(bus_names::doors, "Show", 7u) != "");
    CHECK(client.ask(bus_names::doors, "List").find("Front") != std::string::npos);
  }
  SECTION("a long answer comes whole, and one that the bus would not carry is refused") {
    CHECK(client.ask(bus_names::doors, "Show", std::string("long")).size() == 10u << 20);
    CHECK(client.refusal(bus_names::doors, "Show", std::string("too long")) == "org.gatehouse.Error.Refused");
    CHECK(client.refusal(bus_names::doors, "Show", std::string("no string")) ==
          "org.gatehouse.Error.Malformed");
    CHECK(client.ask(bus_names::doors, "Show", std::string("a")) == R"({"id":"a"})");
  }
  SECTION("it can be introspected") {
    auto call = client.gateway->createMethodCall("org.freedesktop.DBus.Introspectable", "Introspect");
    auto reply = client.gateway->callMethod(call);
    std::string xml;
    reply >> xml;
    for (const char* interface :
         {bus_names::gateway, bus_names::integrations, bus_names::people, bus_names::doors, bus_names::events,
          bus_names::sync, bus_names::plans, bus_names::purge, bus_names::issues, bus_names::activity,
          bus_names::log, bus_names::outbox, bus_names::config, bus_names::access, bus_names::lockdown,
          bus_names::muster, bus_names::audit}) {
      CHECK(xml.find('"' + std::string(interface) + '"') != std::string::npos);
    }
    CHECK(xml.find(R"(<arg type="a{ss}" name="filter" direction="in"/>)") != std::string::npos);
  }
}

SCENARIO("A slow question does not hold up the others", "[control]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  REQUIRE(served.offered());
  served.console.closed = true;
  auto slow = std::async(std::launch::async, [&] { return Client(bus).ask(bus_names::gateway, "Status"); });
  Client client(bus);
  while (served.console.waiting == 0)
    CHECK(client.ask(bus_names::doors, "List").find("Front") != std::string::npos);

  SECTION("and is answered in its own time") {
    served.on_io([&] { served.console.gate.cancel(); });
    CHECK(slow.get().find("acme/hq-01") != std::string::npos);
  }
  SECTION("and is told when the daemon stops") {
    served.stop();
    CHECK_THROWS_WITH(slow.get(), Catch::Contains("org.gatehouse.Error.Cancelled"));
    CHECK(client.refusal(bus_names::doors, "List") == "org.freedesktop.DBus.Error.ServiceUnknown");
  }
}

SCENARIO("Properties say how the gateway is, and tell their changes", "[control]") {
  PrivateBus bus;
  bus.start();
  ServedConsole served(bus);
  PublicStatus status{.version = "0.1.0",
                      .ready = true,
                      .status = "starting",
                      .config_revision = "sha256:1",
                      .reload_error = "",
                      .cloud_connected = false};
  served.on_io([&] { served.service.set_properties(status); });
  REQUIRE(served.offered());
  Client client(bus);
  std::set<std::string> changed;
  client.gateway->registerSignalHandler("org.freedesktop.DBus.Properties", "PropertiesChanged",
                                        [&](sdbus::Signal& signal) {
                                          std::string interface;
                                          std::map<std::string, sdbus::Variant> values;
                                          signal >> interface >> values;
                                          for (const auto& [name, value] : values) changed.insert(name);
                                        });
  client.gateway->finishRegistration();
  CHECK(client.gateway->getProperty("Version").onInterface(bus_names::gateway).get<std::string>() == "0.1.0");
  CHECK(client.gateway->getProperty("Ready").onInterface(bus_names::gateway).get<bool>());

  status.status = "all is well";
  status.cloud_connected = true;
  served.on_io([&] { served.service.set_properties(status); });
  while (changed.empty()) {
    while (client.connection->processPendingRequest()) {
    }
    if (!changed.empty()) break;
    pollfd wait{client.connection->getEventLoopPollData().fd, POLLIN, 0};
    REQUIRE(::poll(&wait, 1, 10'000) == 1);
  }
  CHECK(changed == std::set<std::string>{"Status", "CloudConnected"});
  CHECK(client.gateway->getProperty("CloudConnected").onInterface(bus_names::gateway).get<bool>());
}

SCENARIO("The service comes back by itself with the bus", "[control]") {
  PrivateBus bus;

  SECTION("when the bus comes after the daemon") {
    ServedConsole served(bus);
    REQUIRE(served.log.wait_for(Level::warning, 1));
    bus.start();
    REQUIRE(served.offered());
    CHECK(Client(bus).ask(bus_names::doors, "List").find("Front") != std::string::npos);
    CHECK(served.log.count(Level::warning) == 1);  // told once, however often it was tried
  }
  SECTION("when the bus is restarted under it, with a question open") {
    bus.start();
    ServedConsole served(bus);
    REQUIRE(served.offered());
    served.console.closed = true;
    auto open =
        std::async(std::launch::async, [&] { return Client(bus).refusal(bus_names::gateway, "Status"); });
    while (served.console.waiting == 0) std::this_thread::yield();
    bus.stop();
    CHECK(open.get() != "");
    CHECK(served.log.wait_for(Level::warning, 1));
    bus.start();
    REQUIRE(served.offered(2));
    CHECK(Client(bus).ask(bus_names::doors, "List").find("Front") != std::string::npos);
    served.on_io([&] { served.console.gate.cancel(); });  // the answer that nobody waits for is let go
    CHECK(Client(bus).ask(bus_names::doors, "List").find("Front") != std::string::npos);
  }
  SECTION("when another process has the name first") {
    bus.start();
    auto other = sdbus::createSessionBusConnectionWithAddress(bus.address());
    other->requestName(bus_names::service);
    ServedConsole served(bus);
    REQUIRE(served.log.wait_for(Level::warning, 1));
    CHECK(served.log.last(Level::warning).find("is another gatehoused running") != std::string::npos);
    other->releaseName(bus_names::service);
    CHECK(served.offered());
  }
}

SCENARIO("A socket without a bus behind it does not hold up the daemon", "[control]") {
  PrivateBus bus;
  boost::asio::io_context io;
  boost::asio::local::stream_protocol::acceptor silent(
      io, boost::asio::local::stream_protocol::endpoint((bus.folder() / "socket").string()));
  ServedConsole served(bus);
  served.on_io([] {});
  const auto began = std::chrono::steady_clock::now();
  served.stop();
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(1));
}
