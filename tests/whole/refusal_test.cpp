// A broker with a will of its own: it refuses, keeps silent, or hangs up on one message. The rest flows, and
// the one is named.
#include <algorithm>
#include <mutex>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/scripted_broker.hpp"
#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

using test::BrokerScript;
using test::PublishAnswer;
using test::SeenPublish;

/// The daemon between a simulated Net2 and a scripted broker, and a ledger of what that broker accepted.
class Stubborn {
 public:
  explicit Stubborn(std::function<PublishAnswer(const SeenPublish&)> answer, BrokerScript script = {})
      : answer_(std::move(answer)),
        bus(dir.path()),
        net2({.certificates = test_certificates(),
              .dir = dir.path(),
              .people = 5,
              .doors = 2,
              .arguments = {"--plain"}}),
        broker(authority_, with_answer(std::move(script))),
        gateway({.site = {.certificates = test_certificates(),
                          .bus = bus.address(),
                          .broker_port = broker.port(),
                          .net2_port = net2.port()},
                 .dir = dir / "gateway"}) {
    const auto mine = authority_.issue_client("gateway");
    gateway.site().cloud_tls = "{ca: " + authority_.ca().string() + ", cert: " + mine.cert.string() +
                               ", key: {file: " + mine.key.string() + "}}";
    gateway.write_config();
    gateway.start();
    if (!eventually(15s, [&] { return gateway.state() == "active"; }))
      throw std::runtime_error("not active:\n" + gateway.log());
    first = net2.last_event() + 1;
  }

  Ledger ledger() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
  }
  bool wait(Millis within, const std::function<bool(const Ledger&)>& wanted) const {
    return eventually(within, [&] {
      const std::lock_guard lock(mutex_);
      return wanted(ledger_);
    });
  }
  bool came(std::int64_t event) const {
    const auto list = ledger().events("net2-hq");
    return std::ranges::find(list, event) != list.end();
  }
  std::size_t dead() const {
    const auto answer = gateway.json({"outbox", "list", "--dead"});
    for (const auto& [name, list] : answer) {
      if (list.is_array()) return list.as_array().size();
    }
    return 0;
  }

 private:
  BrokerScript with_answer(BrokerScript script) {
    script.on_publish = [this](const SeenPublish& publish) {
      auto answer = answer_(publish);
      if (answer.act == PublishAnswer::Act::acknowledge && answer.reason < 0x80) {
        const std::lock_guard lock(mutex_);
        ledger_.take(publish.topic, publish.payload, false);
      }
      return answer;
    };
    return script;
  }

  std::function<PublishAnswer(const SeenPublish&)> answer_;
  mutable std::mutex mutex_;
  Ledger ledger_;
  test::TestAuthority authority_;

 public:
  TempDir dir;
  Bus bus;
  Simulator net2;
  test::ScriptedBroker broker;
  Gateway gateway;
  std::int64_t first = 0;
};

/// Finds the one message by its Net2 event.
class Poison {
 public:
  bool is(const SeenPublish& publish) const {
    const auto event = event_.load();
    return event != 0 && publish.payload.find("/" + std::to_string(event) + "\"") != std::string::npos &&
           publish.topic.ends_with("/up/access");
  }
  void set(std::int64_t event) { event_ = event; }
  std::int64_t event() const { return event_; }

 private:
  std::atomic<std::int64_t> event_{0};
};

/// The gap that stands for the poison names exactly its place, and the dead letter is kept.
void check_parked(Stubborn& story, std::int64_t poison, int events) {
  const auto last = story.first + events - 1;
  CHECK(story.wait(60s, [&](const Ledger& ledger) { return ledger.count("gap") == 1; }));
  CHECK(story.wait(30s, [&](const Ledger& ledger) {
    return ledger.event_count("net2-hq", story.first) == static_cast<std::size_t>(events) - 1;
  }));
  INFO(story.gateway.log());
  CHECK(story.came(last));
  CHECK_FALSE(story.came(poison));
  const auto ledger = story.ledger();
  CHECK(lines(ledger.broken(false)).empty());  // the one hole is named
  CHECK(ledger.count("alert") > 0);
  CHECK(story.dead() == 1);
  CHECK(eventually(10s, [&] { return story.gateway.outbox("dead") == 1; }));
  const auto listed = story.gateway.ask({"outbox", "list", "--dead", "--json"});
  CHECK(listed.out.find("access") != std::string::npos);
}

TEST_CASE("A row that the broker refuses for good is parked at once and named", "[refusal]") {
  const int reason = GENERATE(0x95, 0x99, 0x90);
  DYNAMIC_SECTION("reason " << reason) {
    Poison poison;
    std::atomic<int> tries{0};
    Stubborn story([&](const SeenPublish& publish) {
      if (!poison.is(publish)) return PublishAnswer{};
      ++tries;
      return PublishAnswer{.act = PublishAnswer::Act::acknowledge,
                           .reason = static_cast<std::uint8_t>(reason)};
    });
    poison.set(story.first + 20);
    story.net2.swipes(60);
    check_parked(story, poison.event(), 60);
    CHECK(tries == 1);
  }
}

TEST_CASE("A dead letter that is sent again comes as the same message, and leaves no hole", "[refusal]") {
  Poison poison;
  std::atomic<bool> sulking{true};
  Stubborn story([&](const SeenPublish& publish) {
    if (!sulking || !poison.is(publish)) return PublishAnswer{};
    return PublishAnswer{.act = PublishAnswer::Act::acknowledge, .reason = 0x99};
  });
  poison.set(story.first + 20);
  story.net2.swipes(60);
  check_parked(story, poison.event(), 60);

  const auto listed = story.gateway.json({"outbox", "list", "--dead"});
  const auto id = boost::json::serialize(listed.at("outbox").at(0).at("id"));
  CHECK(story.gateway.ask({"outbox", "retry", id}).status == 0);
  // Refused as before, it is put aside again, under another id.
  REQUIRE(story.wait(30s, [](const Ledger& ledger) { return ledger.count("gap") == 2; }));
  REQUIRE(eventually(10s, [&] { return story.dead() == 1; }));
  CHECK(story.gateway.ask({"outbox", "retry", id}).status == 1);

  sulking = false;
  const auto again = story.gateway.json({"outbox", "list", "--dead"});
  const auto new_id = boost::json::serialize(again.at("outbox").at(0).at("id"));
  CHECK(new_id != id);
  CHECK(story.gateway.ask({"outbox", "retry", new_id}).status == 0);
  CHECK(story.wait(30s, [&](const Ledger& ledger) {
    return ledger.event_count("net2-hq", story.first) == std::size_t{60};
  }));
  INFO(story.gateway.log());
  CHECK(story.came(poison.event()));
  CHECK(story.dead() == 0);
  CHECK(eventually(10s, [&] { return story.gateway.outbox("pending") == 0; }));
  const auto ledger = story.ledger();
  CHECK(lines(ledger.broken(false)).empty());
  for (const auto& lane : ledger.lanes()) {
    if (lane.lane == "access") CHECK(lane.named.empty());
  }
}

TEST_CASE("A row that the broker may take later is tried again alone, then parked and named", "[refusal]") {
  const int reason = GENERATE(0x87, 0x97, 0x80, 0x83);
  DYNAMIC_SECTION("reason " << reason) {
    Poison poison;
    std::atomic<int> tries{0};
    Stubborn story([&](const SeenPublish& publish) {
      if (!poison.is(publish)) return PublishAnswer{};
      ++tries;
      return PublishAnswer{.act = PublishAnswer::Act::acknowledge,
                           .reason = static_cast<std::uint8_t>(reason)};
    });
    poison.set(story.first + 20);
    story.net2.swipes(60);
    check_parked(story, poison.event(), 60);
    CHECK(tries >= 2);
  }
}

TEST_CASE("A broker that refuses everything is at fault itself: nothing is parked, all of it comes later",
          "[refusal]") {
  std::atomic<bool> sulking{false};
  Stubborn story([&](const SeenPublish& publish) {
    const bool lane = publish.topic.ends_with("/up/access") || publish.topic.ends_with("/up/people");
    return PublishAnswer{.act = PublishAnswer::Act::acknowledge,
                         .reason = static_cast<std::uint8_t>(sulking && lane ? 0x87 : 0)};
  });
  sulking = true;
  story.net2.swipes(50);
  CHECK(story.wait(60s, [](const Ledger& ledger) { return ledger.count("alert") > 0; }));
  CHECK(story.gateway.outbox("dead") == 0);
  sulking = false;
  CHECK(story.wait(60s,
                   [&](const Ledger& ledger) { return ledger.event_count("net2-hq", story.first) == 50; }));
  CHECK(story.gateway.outbox("dead") == 0);
  CHECK(lines(story.ledger().broken(false)).empty());
}

TEST_CASE("A PUBACK that does not come holds up nobody else", "[refusal]") {
  Poison poison;
  std::atomic<bool> withheld{false};
  Stubborn story([&](const SeenPublish& publish) {
    if (!poison.is(publish) || withheld.exchange(true)) return PublishAnswer{};
    return PublishAnswer{.act = PublishAnswer::Act::withhold, .reason = 0};
  });
  poison.set(story.first + 10);
  story.net2.swipes(200);
  CHECK(story.wait(10s,
                   [&](const Ledger& ledger) { return ledger.event_count("net2-hq", story.first) == 199; }));
  CHECK(withheld);
  story.net2.swipes(200);
  CHECK(story.wait(10s,
                   [&](const Ledger& ledger) { return ledger.event_count("net2-hq", story.first) >= 399; }));
  CHECK(story.wait(60s,
                   [&](const Ledger& ledger) { return ledger.event_count("net2-hq", story.first) == 400; }));
  CHECK(lines(story.ledger().broken(false)).empty());
  CHECK(story.gateway.outbox("dead") == 0);
}

TEST_CASE("A broker that hangs up on one message gets all the others", "[refusal]") {
  Poison poison;
  Stubborn story([&](const SeenPublish& publish) {
    return PublishAnswer{
        .act = poison.is(publish) ? PublishAnswer::Act::drop_link : PublishAnswer::Act::acknowledge,
        .reason = 0};
  });
  poison.set(story.first + 20);
  story.net2.swipes(60);
  check_parked(story, poison.event(), 60);
}

TEST_CASE("Receive Maximum and Maximum Packet Size of the broker are kept", "[refusal]") {
  Stubborn story([](const SeenPublish&) { return PublishAnswer{}; },
                 {.receive_maximum = 3, .maximum_packet = 65'536, .on_publish = {}});
  story.net2.swipes(500);
  CHECK(story.wait(30s,
                   [&](const Ledger& ledger) { return ledger.event_count("net2-hq", story.first) == 500; }));
  const auto seen = story.broker.seen();
  CHECK(seen.most_unacknowledged <= 3);
  CHECK(seen.largest_packet <= 65'536);
  CHECK(seen.id_clashes == 0);
  CHECK(lines(story.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
