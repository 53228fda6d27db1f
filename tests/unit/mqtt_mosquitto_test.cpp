// Against the real broker.

#include <algorithm>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "tests/unit/real_mosquitto.hpp"
#include "tests/unit/uplink_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using Catch::Matchers::Contains;

namespace {

std::vector<Outgoing> batch(std::int64_t first, int count, const std::string& topic) {
  std::vector<Outgoing> messages;
  for (int i = 0; i < count; ++i) {
    messages.push_back(numbered(first + i, std::to_string(first + i)));
    messages.back().topic = topic;
  }
  return messages;
}

/// By another program of another client, as the cloud would.
void send_command(TestAuthority& authority, std::uint16_t port, const std::vector<std::string>& more) {
  const CertificateFiles cloud = authority.issue_client("cloud");
  std::string line = "mosquitto_pub -V 5 -q 1 -h 127.0.0.1 -p " + std::to_string(port) + " --cafile '" +
                     authority.ca().string() + "' --cert '" + cloud.cert.string() + "' --key '" +
                     cloud.key.string() +
                     "' -t gatehouse/v1/acme/hq-01/down/command -m signed -D publish response-topic "
                     "gatehouse/v1/acme/hq-01/up/reply/desk-7 -D publish correlation-data c-1";
  for (const auto& word : more) line += " " + word;
  REQUIRE(std::system(line.c_str()) == 0);
}

Outgoing farewell() {
  Outgoing message;
  message.topic = "up/state";
  return message;
}

}  // namespace

TEST_CASE("mosquitto takes everything, in order, and through its own death", "[mqtt][mosquitto]") {
  TestAuthority authority;
  RealMosquitto broker(authority);
  UplinkBench bench(authority, broker.port());
  // What goes up on down/command comes straight back: one client is publisher and witness.
  bench.start();
  REQUIRE(bench.come_up());
  bench.publish(batch(1, 2000, "down/command"));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 2000 && bench.messages.size() == 2000; }));
  for (int i = 0; i < 2000; ++i) {
    const auto n = static_cast<std::size_t>(i);
    REQUIRE(bench.outcomes[n].reason < 0x80);
    REQUIRE(bench.messages[n].payload == std::to_string(i + 1));
  }

  const std::size_t before = bench.downs.size();
  broker.kill();
  REQUIRE(bench.run_until([&] { return bench.downs.size() > before; }));
  broker.restart();
  REQUIRE(bench.run_until([&] { return bench.ups == 2; }));
  bench.publish(batch(5000, 10, "down/command"));
  REQUIRE(bench.run_until([&] { return bench.messages.size() == 2010; }));
  CHECK(bench.stop(farewell()));
}

TEST_CASE("mosquitto hands the farewell on as published, retained", "[mqtt][mosquitto]") {
  TestAuthority authority;
  RealMosquitto broker(authority);
  UplinkBench gateway(authority, broker.port());
  UplinkBench witness(authority, broker.port());
  // Its down/command is where the gateway's state goes.
  gateway.options.root = "test/down";
  witness.options.root = "test";
  witness.options.cloud.client_id = "witness";
  witness.start();
  REQUIRE(witness.come_up());
  gateway.start();
  REQUIRE(gateway.come_up());
  Outgoing last = farewell();
  last.topic = "command";
  last.payload = "farewell";
  REQUIRE(gateway.stop(last));
  REQUIRE(witness.run_until([&] { return !witness.messages.empty(); }));
  CHECK(witness.messages[0].payload == "farewell");
  CHECK(witness.messages[0].retained);  // retain-as-published
}

TEST_CASE("A reply's correlation data travels beside it, and comes back as it went", "[mqtt][mosquitto]") {
  TestAuthority authority;
  RealMosquitto broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  std::vector<std::string> correlations{std::string("a\0b\xff", 4), "", std::string(65'535, 'c')};
  std::vector<Outgoing> replies;
  for (std::size_t i = 0; i < correlations.size(); ++i) {
    replies.push_back(numbered(static_cast<std::int64_t>(i) + 1));
    replies.back().topic = "down/command";
    replies.back().correlation = correlations[i];
  }
  replies.push_back(numbered(4));
  replies.back().correlation = std::string(65'536, 'd');
  bench.publish(std::move(replies));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 4 && bench.messages.size() == 3; }));
  for (std::size_t i = 0; i < correlations.size(); ++i) {
    CHECK(bench.messages[i].correlation == correlations[i]);
    CHECK(bench.messages[i].response_topic.empty());
    CHECK_FALSE(bench.messages[i].retained);
  }
  const auto refused = std::ranges::find(bench.outcomes, 4, &PublishOutcome::token);
  CHECK(refused->reason == 0x90);  // MQTT cannot carry it
}

TEST_CASE("A command's response topic and correlation data arrive with it", "[mqtt][mosquitto]") {
  TestAuthority authority;
  RealMosquitto broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  send_command(authority, broker.port(), {"--retain"});
  REQUIRE(bench.run_until([&] { return bench.messages.size() == 1; }));
  CHECK(bench.messages[0].topic == "down/command");
  CHECK(bench.messages[0].payload == "signed");
  CHECK(bench.messages[0].response_topic == "gatehouse/v1/acme/hq-01/up/reply/desk-7");
  CHECK(bench.messages[0].correlation == "c-1");
  CHECK(bench.messages[0].retained);  // while subscribed, too: retain-as-published
}

TEST_CASE("An ACL of mosquitto comes back as a reason, message by message", "[mqtt][mosquitto][F4]") {
  TestAuthority authority;
  const std::string acl = (authority.directory() / "acl").string();
  {
    FILE* file = std::fopen(acl.c_str(), "w");
    REQUIRE(file != nullptr);
    std::fputs(
        "user acme.hq-01\ntopic readwrite gatehouse/v1/acme/hq-01/down/#\ntopic write +/v1/+/+/up/access\n",
        file);
    std::fclose(file);
  }
  RealMosquitto broker(authority, "acl_file " + acl + "\n");
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  auto messages = batch(1, 3, "up/access");
  messages[1].topic = "up/health";
  bench.publish(std::move(messages));
  REQUIRE(bench.run_until([&] { return bench.outcomes.size() == 3; }));
  std::sort(bench.outcomes.begin(), bench.outcomes.end(), [](auto& a, auto& b) { return a.token < b.token; });
  CHECK(bench.outcomes[0].reason < 0x80);
  CHECK(bench.outcomes[1].reason == 0x87);
  CHECK(bench.outcomes[2].reason < 0x80);
}
