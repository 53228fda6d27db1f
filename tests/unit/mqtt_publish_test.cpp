#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/scripted_broker.hpp"
#include "tests/unit/uplink_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

std::vector<Outgoing> numbers(std::int64_t first, std::int64_t last) {
  std::vector<Outgoing> messages;
  for (std::int64_t token = first; token <= last; ++token) {
    messages.push_back(numbered(token, "payload " + std::to_string(token)));
  }
  return messages;
}

bool told(const UplinkBench& bench, std::int64_t token) {
  return std::any_of(bench.outcomes.begin(), bench.outcomes.end(),
                     [&](const auto& o) { return o.token == token; });
}

PublishAnswer withhold() {
  return {PublishAnswer::Act::withhold, 0};
}

}  // namespace

TEST_CASE("Messages arrive in order, as the contract describes them", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  auto messages = numbers(1, 1000);
  messages[999].retain = true;
  bench.publish(std::move(messages));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 1000; }));

  const Seen seen = broker.seen();
  REQUIRE(seen.publishes.size() == 1000);
  for (std::size_t i = 0; i < 1000; ++i) {
    REQUIRE(seen.publishes[i].payload == "payload " + std::to_string(i + 1));
    REQUIRE(bench.outcomes[i].token == static_cast<std::int64_t>(i + 1));
    REQUIRE(bench.outcomes[i].reason == 0);
    REQUIRE(seen.publishes[i].retain == (i == 999));
  }
  const SeenPublish& one = seen.publishes[0];
  CHECK(one.topic == "gatehouse/v1/acme/hq-01/up/access");
  CHECK(one.qos == 1);
  CHECK_FALSE(one.dup);
  CHECK(one.properties.texts.at(0x03) == "application/cloudevents+json");
  CHECK(one.properties.numbers.at(0x01) == 1);
  CHECK(seen.most_unacknowledged <= 100);
}

TEST_CASE("A Receive Maximum of 1 is never exceeded", "[mqtt][F6]") {
  TestAuthority authority;
  BrokerScript script;
  script.receive_maximum = 1;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(numbers(1, 100));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 100; }));
  CHECK(broker.seen().most_unacknowledged == 1);
}

TEST_CASE("The configured window is kept where the broker would take more", "[mqtt][F6]") {
  TestAuthority authority;
  BrokerScript script;
  script.on_publish = [](const SeenPublish&) { return withhold(); };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.outbox.inflight = 5;
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(numbers(1, 20));
  REQUIRE(broker.wait_for([](const Seen& s) { return s.publishes.size() == 5; }));
  broker.script({});
  broker.acknowledge_withheld();
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 20; }));
  CHECK(broker.seen().most_unacknowledged == 5);
}

TEST_CASE("Urgent messages go before what is handed over but not yet sent", "[mqtt][F3]") {
  TestAuthority authority;
  BrokerScript script;
  script.on_publish = [](const SeenPublish&) { return withhold(); };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.outbox.inflight = 1;
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(numbers(1, 3));
  REQUIRE(broker.wait_for([](const Seen& s) { return s.publishes.size() == 1; }));
  Outgoing alarm = numbered(99, "alarm");
  alarm.urgent = true;
  bench.publish({alarm});
  broker.script({});
  broker.acknowledge_withheld();
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 4; }));
  CHECK(broker.seen().publishes.at(1).payload == "alarm");
}

TEST_CASE("The reason of each PUBACK comes back with its message", "[mqtt][F4]") {
  TestAuthority authority;
  BrokerScript script;
  script.on_publish = [](const SeenPublish& message) {
    return PublishAnswer{PublishAnswer::Act::acknowledge,
                         message.payload == "payload 2" ? std::uint8_t{0x87} : std::uint8_t{0x10}};
  };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(numbers(1, 3));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 3; }));
  CHECK(bench.outcomes[0].reason == 0x10);
  CHECK(bench.outcomes[1].reason == 0x87);
  CHECK(bench.outcomes[2].reason == 0x10);
  CHECK(bench.downs.empty());
}

TEST_CASE("A withheld PUBACK does not hold up the others", "[mqtt][F5]") {
  TestAuthority authority;
  BrokerScript script;
  script.on_publish = [](const SeenPublish& message) {
    return message.payload == "payload 1" ? withhold() : PublishAnswer{};
  };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.outbox.inflight = 2;
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(numbers(1, 200));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 199; }));
  CHECK_FALSE(told(bench, 1));
  CHECK(bench.downs.empty());
  broker.acknowledge_withheld();
  REQUIRE(bench.run_until([&] { return told(bench, 1); }));
}

TEST_CASE("After the PUBACK's time its place is given to others, within the Receive Maximum",
          "[mqtt][F5][F6]") {
  TestAuthority authority;
  BrokerScript script;
  script.receive_maximum = 3;
  script.on_publish = [](const SeenPublish& message) {
    return message.payload == "payload 1" ? withhold() : PublishAnswer{};
  };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.outbox.inflight = 1;
  bench.options.timing.puback = 40ms;
  bench.options.timing.silence = 5s;
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(numbers(1, 2));
  // With one place, taken by a message that is late, the link is stuck: it is renewed, and both come again.
  REQUIRE(bench.run_until([&] { return bench.downs.size() == 1; }));
  CHECK_THAT(bench.downs[0].detail, Contains("acknowledged none of 1"));
  CHECK(broker.seen().most_unacknowledged == 1);
}

TEST_CASE("When all places wait in vain the link is renewed", "[mqtt][F5]") {
  TestAuthority authority;
  BrokerScript script;
  script.receive_maximum = 2;
  script.on_publish = [](const SeenPublish& message) {
    return message.connection == 1 ? withhold() : PublishAnswer{};
  };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.timing.puback = 40ms;
  bench.when_up = [&] { bench.publish(numbers(1, 5)); };
  bench.start();
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 5; }));
  REQUIRE(bench.downs.size() == 1);
  CHECK(bench.downs[0].code == Errc::timeout);
  CHECK(broker.seen().most_unacknowledged == 2);
}

TEST_CASE("A link that breaks in mid-flight comes back, and takes the messages again", "[mqtt][F4]") {
  TestAuthority authority;
  BrokerScript script;
  script.on_publish = [](const SeenPublish& message) {
    const bool poison = message.connection == 1 && message.payload == "payload 50";
    return poison ? PublishAnswer{PublishAnswer::Act::drop_link, 0} : PublishAnswer{};
  };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(numbers(1, 100));
  REQUIRE(bench.run_until([&] { return bench.ups == 2; }));
  REQUIRE(bench.downs.size() == 1);
  CHECK(bench.downs[0].code == Errc::unreachable);
  CHECK_FALSE(told(bench, 50));
  CHECK(
      std::none_of(bench.outcomes.begin(), bench.outcomes.end(), [](const auto& o) { return o.token > 50; }));

  const std::size_t before = bench.outcomes.size();
  bench.publish(numbers(50, 100));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == before + 51; }));
  const Seen seen = broker.seen();
  const auto on_second = std::count_if(seen.publishes.begin(), seen.publishes.end(),
                                       [](const SeenPublish& m) { return m.connection == 2; });
  CHECK(on_second == 51);  // nothing was sent again behind our back
}

TEST_CASE("A message above the Maximum Packet Size is told and not sent", "[mqtt][F4][F6]") {
  TestAuthority authority;
  BrokerScript script;
  script.maximum_packet = 2000;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  // 1 + 2 for the fixed header, 2 + 33 topic, 2 identifier, 1 + 33 properties
  const std::size_t fits = 2000 - 74;
  bench.publish({numbered(1, std::string(fits, 'x')), numbered(2, std::string(fits + 1, 'x')), numbered(3)});
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 3; }));
  for (const PublishOutcome& outcome : bench.outcomes) CHECK(outcome.too_large == (outcome.token == 2));
  const Seen seen = broker.seen();
  CHECK(seen.largest_packet == 2000);
  CHECK(seen.publishes.size() == 2);
  CHECK(bench.downs.empty());
}

TEST_CASE("A topic that MQTT cannot carry is refused without the broker", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  Outgoing wild = numbered(1);
  wild.topic = "up/door/#";
  bench.publish({wild, numbered(2)});
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 2; }));
  CHECK(told(bench, 2));
  CHECK(bench.outcomes[0].reason == 0x90);
}

TEST_CASE("A packet identifier that is still in use is not used again: the link is renewed", "[mqtt][F5]") {
  TestAuthority authority;
  BrokerScript script;
  script.on_publish = [](const SeenPublish& message) {
    return message.payload == "poison" ? withhold() : PublishAnswer{};
  };
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  std::vector<Outgoing> messages(66'000, numbered(2));
  messages[0].payload = "poison";
  bench.publish(std::move(messages));
  REQUIRE(bench.run_until([&] { return !bench.downs.empty(); }));
  CHECK_THAT(bench.downs[0].detail, Contains("identifiers"));
  CHECK(broker.seen().id_clashes == 0);
}

TEST_CASE("Commands come below ROOT with their retain flag", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  broker.publish("gatehouse/v1/acme/hq-01/down/command", "one");
  broker.publish("gatehouse/v1/acme/hq-01/down/roster", std::string(200'000, 'r'), true);
  broker.publish("gatehouse/v1/acme/hq-011/down/command", "for another");
  broker.publish("gatehouse/v1/acme/hq-01/down/command", "last");
  REQUIRE(bench.run_until([&] { return bench.messages.size() == 3; }));
  CHECK(bench.messages[0].topic == "down/command");
  CHECK(bench.messages[0].payload == "one");
  CHECK_FALSE(bench.messages[0].retained);
  CHECK(bench.messages[1].payload.size() == 200'000);
  CHECK(bench.messages[1].retained);
  CHECK(bench.messages[2].payload == "last");
}
