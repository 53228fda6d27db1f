// The witness itself is tried: a ledger that cannot see a loss proves nothing.
#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

std::string message(const std::string& id, int sequence, const std::string& event = {},
                    const std::string& lane = "access") {
  const auto digits = std::to_string(sequence);
  return R"({"specversion":"1.0","id":")" + id +
         R"(","source":"/gatehouse/acme/hq-01","type":"gatehouse.event.v1",)" +
         R"("time":"2026-06-01T09:00:00Z","subject":"x","datacontenttype":"application/json","lane":")" +
         lane + R"(","stream":"s1","sequence":")" + std::string(20 - digits.size(), '0') + digits +
         R"(","clock":"ok","data":{)" + (event.empty() ? "" : R"("event_id":")" + event + '"') + "}}";
}

std::string gap(int from, int to) {
  return R"({"specversion":"1.0","id":"gap-)" + std::to_string(from) +
         R"(","source":"/gatehouse/acme/hq-01","type":"gatehouse.gap.v1","time":"2026-06-01T09:00:00Z","subject":"access",)"
         R"("datacontenttype":"application/json","clock":"ok","data":{"lane":"access","stream":"s1","from":")" +
         std::to_string(from) + R"(","to":")" + std::to_string(to) + R"(","count":1,"cause":"quota"}})";
}

const std::string topic = "gatehouse/v1/acme/hq-01/up/access";

TEST_CASE("The ledger is content with a lane that is whole, in order, repetitions or not", "[ledger]") {
  Ledger ledger;
  for (const int i : {1, 2, 2, 3, 2, 3, 4})
    ledger.take(topic, message("m" + std::to_string(i), i, "net2-hq/1/" + std::to_string(i)), false);
  CHECK(ledger.broken().empty());
  CHECK(ledger.repeated() == 3);
  CHECK(ledger.facts().size() == 4);
  CHECK(ledger.events("net2-hq") == std::vector<std::int64_t>{1, 2, 3, 4});
}

TEST_CASE("The ledger sees every kind of broken promise", "[ledger]") {
  Ledger ledger;
  ledger.take(topic, message("m1", 1), false);
  SECTION("a number that never came") {
    ledger.take(topic, message("m3", 3), false);
  }
  SECTION("a lane that does not begin at one") {
    ledger.take(topic, message("a2", 2, "", "alarm"), false);
  }
  SECTION("a late one") {
    ledger.take(topic, message("m3", 3), false);
    ledger.take(topic, message("m2", 2), false);
    CHECK(ledger.broken(false).empty());
  }
  SECTION("an id with two contents") {
    ledger.take(topic, message("m1", 1, "net2-hq/1/7"), false);
  }
  SECTION("a number for two messages") {
    ledger.take(topic, message("m1b", 1), false);
  }
  SECTION("an event told as two facts") {
    ledger.take(topic, message("m2", 2, "net2-hq/1/7"), false);
    ledger.take(topic, message("m3", 3, "net2-hq/1/7"), false);
  }
  SECTION("a message on the wrong lane") {
    ledger.take(topic, message("p1", 1, "", "people"), false);
  }
  SECTION("something that is no envelope") {
    ledger.take(topic, R"({"hello":1})", false);
  }
  SECTION("something that is no JSON") {
    ledger.take(topic, "hello", false);
  }
  CHECK_FALSE(ledger.broken().empty());
}

TEST_CASE("A gap message excuses what it names and nothing beside it", "[ledger]") {
  Ledger ledger;
  ledger.take(topic, message("m1", 1), false);
  ledger.take(topic, message("m6", 6), false);
  ledger.take("gatehouse/v1/acme/hq-01/up/alarm", gap(2, 3), false);
  CHECK_FALSE(ledger.broken().empty());
  ledger.take("gatehouse/v1/acme/hq-01/up/alarm", gap(4, 5), false);
  CHECK(ledger.broken().empty());
  REQUIRE(ledger.lanes().size() == 1);
  CHECK(ledger.lanes().front().named == std::vector<Hole>{{2, 5}});
}

TEST_CASE("The recorder keeps its place while the broker is stopped and started", "[ledger][broker]") {
  const TempDir dir;
  Broker broker({.certificates = test_certificates(), .dir = dir / "broker"});
  const auto send = [&](int number) {
    const auto text = message("m" + std::to_string(number), number);
    const auto sent =
        run({"mosquitto_pub", "-h", "localhost", "-p", std::to_string(broker.port()), "--cafile",
             test_certificates() + "/ca.pem", "--cert", test_certificates() + "/gateway.pem", "--key",
             test_certificates() + "/gateway.key", "-q", "1", "-t", topic, "-m", text});
    INFO(sent.err);
    REQUIRE(sent.status == 0);
  };
  const Recorder::Options options{.port = broker.port(), .certificates = test_certificates()};
  Recorder recorder(options);
  send(1);
  REQUIRE(recorder.wait(5s, [](const Ledger& ledger) { return ledger.facts().size() == 1; }));
  broker.stop();
  broker.start();
  send(2);
  REQUIRE(recorder.wait(5s, [](const Ledger& ledger) { return ledger.facts().size() == 2; }));
  CHECK(lines(recorder.ledger().broken()).empty());
}

TEST_CASE("The broker turns away who has no certificate of the site's authority", "[broker][tls]") {
  const TempDir dir;
  Broker broker({.certificates = test_certificates(), .dir = dir / "broker"});
  const auto knock = [&](const std::string& who) {
    return run({"mosquitto_pub", "-h", "localhost", "-p", std::to_string(broker.port()), "--cafile",
                test_certificates() + "/ca.pem", "--cert", test_certificates() + "/" + who + ".pem", "--key",
                test_certificates() + "/" + who + ".key", "-q", "1", "-t", "t", "-m", "x"},
               {}, 10s)
        .status;
  };
  CHECK(knock("gateway") == 0);
  CHECK(knock("stranger") != 0);
}

}  // namespace
}  // namespace gatehouse::whole
