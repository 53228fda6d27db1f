#include <catch2/catch.hpp>

#include "tests/unit/scripted_broker.hpp"
#include "tests/unit/uplink_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

Outgoing farewell() {
  Outgoing message;
  message.topic = "up/state";
  message.payload = R"({"online":false,"why":"stopping"})";
  return message;
}

}  // namespace

TEST_CASE("The farewell is acknowledged before the DISCONNECT", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  REQUIRE(bench.stop(farewell()));
  REQUIRE(broker.wait_for([](const Seen& s) { return !s.disconnects.empty(); }));
  const Seen seen = broker.seen();
  REQUIRE(seen.publishes.size() == 1);
  CHECK(seen.publishes[0].topic == "gatehouse/v1/acme/hq-01/up/state");
  CHECK(seen.publishes[0].payload == farewell().payload);
  CHECK(seen.publishes[0].retain);
  CHECK(seen.disconnects == std::vector<int>{0});
  CHECK(seen.unacknowledged == 0);
  CHECK(bench.downs.empty());
}

TEST_CASE("The farewell does not wait behind what is handed over", "[mqtt]") {
  TestAuthority authority;
  BrokerScript script;
  script.receive_maximum = 2;
  script.on_publish = [](const SeenPublish&) { return PublishAnswer{PublishAnswer::Act::withhold, 0}; };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.outbox.inflight = 1;
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish({numbered(1), numbered(2), numbered(3)});
  REQUIRE(broker.wait_for([](const Seen& s) { return s.publishes.size() == 1; }));
  CHECK(bench.stop(farewell(), 200ms));  // no PUBACK comes: bounded
  CHECK(broker.seen().publishes.size() == 2);
  CHECK(broker.seen().disconnects.empty());  // the last will takes the farewell's place
  CHECK(broker.seen().publishes.back().payload == farewell().payload);
}

TEST_CASE("Stopping is quick in any state of the link", "[mqtt]") {
  TestAuthority authority;
  BrokerScript script;
  script.silent = true;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  SECTION("while it connects") {
    bench.start();
  }
  SECTION("while it waits for the next attempt") {
    bench.options.timing.connect = 20ms;
    bench.options.timing.backoff.first = 1h;
    bench.options.timing.backoff.most = 1h;
    bench.start();
    REQUIRE(bench.run_until([&] { return bench.downs.size() == 1; }));
  }
  const auto before = std::chrono::steady_clock::now();
  CHECK(bench.stop(farewell()));
  CHECK(std::chrono::steady_clock::now() - before < 1s);
}

TEST_CASE("A link that goes away without stop() is cut, so that the last will is sent", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  {
    UplinkBench bench(authority, broker.port());
    bench.start();
    REQUIRE(bench.come_up());
  }
  CHECK(broker.seen().disconnects.empty());
}

TEST_CASE("A broker that falls silent is noticed", "[mqtt][F7]") {
  TestAuthority authority;
  BrokerScript script;
  script.on_publish = [](const SeenPublish&) { return PublishAnswer{PublishAnswer::Act::withhold, 0}; };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.timing.silence = 80ms;
  bench.start();
  REQUIRE(bench.come_up());
  REQUIRE(bench.run_until([&] { return !bench.downs.empty(); }));
  CHECK(bench.downs[0].code == Errc::timeout);
  CHECK_THAT(bench.downs[0].detail, Contains("nothing heard"));
}

TEST_CASE("A session taken over twice leads to slow mode", "[mqtt][F8]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.options.timing.backoff.slow = 1h;
  bench.start();
  REQUIRE(bench.come_up());
  broker.send_disconnect(0x8E);
  REQUIRE(bench.run_until([&] { return bench.ups == 2; }));
  CHECK_THAT(bench.downs.at(0).detail, Contains("another client uses the id 'acme.hq-01'"));
  broker.send_disconnect(0x8E);
  REQUIRE(bench.run_until([&] { return bench.downs.size() == 2; }));
  CHECK_THAT(bench.downs.at(1).detail, Contains("twice"));
}

TEST_CASE("The reason of a broker that ends the link is told", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  broker.send_disconnect(0x8B);
  REQUIRE(bench.run_until([&] { return bench.ups == 2; }));
  CHECK_THAT(bench.downs.at(0).detail, Contains("0x8B server shutting down"));
  CHECK(bench.downs.at(0).code == Errc::busy);
}
