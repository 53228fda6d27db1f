#include <catch2/catch.hpp>

#include "tests/unit/scripted_broker.hpp"
#include "tests/unit/uplink_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// What the first attempt failed of.
std::string first_trouble(UplinkBench& bench) {
  bench.start();
  if (!bench.run_until([&] { return !bench.downs.empty(); })) return "no trouble";
  return bench.downs.front().detail;
}

}  // namespace

TEST_CASE("CONNECT carries what the contract says", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.options.cloud.host = "localhost";
  bench.options.cloud.username = "hq-01";
  bench.options.cloud.keepalive = 30s;
  bench.options.secrets = [secrets = bench.options.secrets] {
    auto both = secrets();
    (*both).password = "s3cret";
    return both;
  };
  bench.start();
  REQUIRE(bench.come_up());

  const Seen seen = broker.seen();
  REQUIRE(seen.connects.size() == 1);
  const SeenConnect& connect = seen.connects[0];
  CHECK(connect.client_id == "acme.hq-01");
  CHECK(connect.clean_start);
  CHECK(connect.keepalive == 30);
  CHECK(connect.username == "hq-01");
  CHECK(connect.password == "s3cret");
  CHECK(connect.alpn == "mqtt");
  CHECK(connect.server_name == "localhost");
  CHECK(connect.peer_name == "acme.hq-01");
  CHECK(connect.tls_version == "TLSv1.3");
  CHECK(connect.properties.numbers == std::map<int, std::uint32_t>{{0x11, 0}, {0x21, 20}, {0x27, 2u << 20}});

  REQUIRE(connect.has_will);
  CHECK(connect.will_topic == "gatehouse/v1/acme/hq-01/up/state");
  CHECK(connect.will_payload == R"({"online":false})");
  CHECK(connect.will_qos == 1);
  CHECK(connect.will_retain);
  CHECK(connect.will_properties.texts.at(0x03) == "application/cloudevents+json");
  CHECK(connect.will_properties.numbers.at(0x01) == 1);

  constexpr int qos_1_retain_as_published = 0x09;  // retain handling 0
  REQUIRE(seen.subscriptions.size() == 2);
  CHECK(seen.subscriptions[0].topic == "gatehouse/v1/acme/hq-01/down/command");
  CHECK(seen.subscriptions[0].options == qos_1_retain_as_published);
  CHECK(seen.subscriptions[1].topic == "gatehouse/v1/acme/hq-01/down/roster");
  CHECK(seen.subscriptions[1].options == qos_1_retain_as_published);
}

TEST_CASE("A literal address is checked against the certificate, and is not put into the SNI", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  CHECK(broker.seen().connects.at(0).server_name.empty());
}

TEST_CASE("The listener learns the broker's terms", "[mqtt]") {
  TestAuthority authority;
  BrokerScript script;
  script.receive_maximum = 7;
  script.maximum_packet = 4096;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  CHECK(bench.terms.receive_maximum == 7);
  CHECK(bench.terms.maximum_packet == 4096);
}

TEST_CASE("A refusing broker is quoted with what to do about it", "[mqtt]") {
  struct Row {
    std::uint8_t reason;
    Errc code;
    const char* words;
  };
  const auto row = GENERATE(values<Row>({{0x86, Errc::unauthenticated, "cloud.username"},
                                         {0x87, Errc::forbidden, "not authorized"},
                                         {0x85, Errc::refused, "cloud.client_id"},
                                         {0x97, Errc::busy, "quota"}}));
  TestAuthority authority;
  BrokerScript script;
  script.connack = row.reason;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  CHECK_THAT(first_trouble(bench), Contains(row.words));
  CHECK(bench.downs.at(0).code == row.code);
  CHECK(bench.ups == 0);
}

TEST_CASE("A refused subscription takes the link down, with words", "[mqtt]") {
  TestAuthority authority;
  BrokerScript script;
  script.suback = 0x87;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  CHECK_THAT(first_trouble(bench), Contains("down/command") && Contains("allow this client to read it"));
  CHECK(bench.ups == 0);
}

TEST_CASE("A broker without QoS 1 is refused", "[mqtt]") {
  TestAuthority authority;
  BrokerScript script;
  script.maximum_qos = 0;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  CHECK_THAT(first_trouble(bench), Contains("QoS 1"));
}

TEST_CASE("A wrong certificate of the broker is named", "[mqtt]") {
  TestAuthority authority;
  CertificateOrder order;
  order.dns = {"other.example.com"};
  order.addresses = {"127.0.0.1"};

  SECTION("issued by another CA") {
    TestAuthority other;
    ScriptedBroker broker(authority, {}, other.issue("server", order));
    UplinkBench bench(authority, broker.port());
    CHECK_THAT(first_trouble(bench), Contains("not signed by a CA") && Contains(authority.ca().string()));
    CHECK(bench.downs.at(0).code == Errc::tls);
    CHECK(broker.seen().connects.empty());
  }
  SECTION("for another name") {
    ScriptedBroker broker(authority, {}, authority.issue("server", order));
    UplinkBench bench(authority, broker.port());
    bench.options.cloud.host = "localhost";
    CHECK_THAT(first_trouble(bench), Contains("is for other.example.com, 127.0.0.1, not for 'localhost'"));
  }
  SECTION("for another address") {
    order.addresses = {"192.0.2.7"};
    ScriptedBroker broker(authority, {}, authority.issue("server", order));
    UplinkBench bench(authority, broker.port());
    CHECK_THAT(first_trouble(bench), Contains("192.0.2.7, not for '127.0.0.1'"));
  }
  SECTION("expired") {
    order.valid_from = -2h;
    order.valid_for = 1h;
    ScriptedBroker broker(authority, {}, authority.issue("server", order));
    UplinkBench bench(authority, broker.port());
    CHECK_THAT(first_trouble(bench), Contains("expired on 20"));
  }
}

TEST_CASE("A client certificate that the broker does not take is named", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  SECTION("none") {
    bench.options.cloud.tls.cert.reset();
    CHECK_THAT(first_trouble(bench), Contains("wants a client certificate"));
  }
  SECTION("of another CA") {
    TestAuthority other;
    const CertificateFiles stranger = other.issue_client();
    bench.options.cloud.tls.cert = stranger.cert.string();
    bench.options.secrets = [stranger] { return Result<MqttSecrets>(MqttSecrets{stranger.key_pem(), {}}); };
    CHECK_THAT(first_trouble(bench), Contains("does not accept our certificate"));
  }
}

TEST_CASE("What is wrong on our own side is named", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  SECTION("a CA file that is not there") {
    bench.options.cloud.tls.ca = (authority.directory() / "none.pem").string();
    CHECK_THAT(first_trouble(bench), Contains("none.pem") && Contains("cloud.tls.ca"));
  }
  SECTION("a key that belongs to another certificate") {
    const CertificateFiles other = authority.issue_client("other");
    bench.options.secrets = [other] { return Result<MqttSecrets>(MqttSecrets{other.key_pem(), {}}); };
    CHECK_THAT(first_trouble(bench), Contains("does not belong to the certificate"));
  }
  SECTION("a key that is none") {
    bench.options.secrets = [] { return Result<MqttSecrets>(MqttSecrets{"nonsense", {}}); };
    CHECK_THAT(first_trouble(bench), Contains("cloud.tls.key"));
  }
  SECTION("a secret that cannot be read") {
    bench.options.secrets = [] {
      return Result<MqttSecrets>(Error{Errc::invalid, "no credential gateway.key"});
    };
    CHECK_THAT(first_trouble(bench), Contains("no credential gateway.key"));
  }
  SECTION("a protocol name that the broker does not know") {
    bench.options.cloud.tls.alpn = "x-other";
    CHECK_THAT(first_trouble(bench), Contains("cloud.tls.alpn"));
  }
  SECTION("a name that does not exist") {
    bench.options.cloud.host = "no-such-host.invalid";
    CHECK_THAT(first_trouble(bench), Contains("no-such-host.invalid"));
    CHECK(bench.downs.at(0).code == Errc::unreachable);
  }
}

TEST_CASE("A port where nobody listens is named, and tried again until somebody does", "[mqtt]") {
  TestAuthority authority;
  std::uint16_t port = 0;
  {
    port = ScriptedBroker(authority).port();
  }
  UplinkBench bench(authority, port);
  CHECK_THAT(first_trouble(bench), Contains("refused the connection"));
  CHECK(bench.run_until([&] { return bench.downs.size() > 2; }));
}

TEST_CASE("A peer that takes the connection and says nothing is given up", "[mqtt]") {
  TestAuthority authority;
  BrokerScript script;
  script.silent = true;
  ScriptedBroker broker(authority, script);
  UplinkBench bench(authority, broker.port());
  bench.options.timing.connect = 60ms;
  CHECK_THAT(first_trouble(bench), Contains("said nothing"));
  CHECK(bench.downs.at(0).code == Errc::timeout);
}

TEST_CASE("Renewed certificates are taken up at the next connection", "[mqtt]") {
  TestAuthority authority;
  ScriptedBroker broker(authority);
  UplinkBench bench(authority, broker.port());
  bench.start();
  REQUIRE(bench.come_up());
  CertificateOrder order;
  order.common_name = "renewed";
  authority.issue("acme.hq-01", order);
  bench.uplink().reconnect("the certificate was renewed");
  REQUIRE(bench.run_until([&] { return bench.ups == 2; }));
  CHECK(broker.seen().connects.back().peer_name == "renewed");
  CHECK(bench.downs.at(0).detail == "the certificate was renewed");
}
