// The LAN interface from outside (contract §7): a kiosk that signs people in without the internet.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <openssl/evp.h>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

constexpr auto token = "a-token-of-the-reception-kiosk-0123456789";

std::string sha256_hex(const std::string& text) {
  unsigned char digest[32];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (const auto byte : digest) {
    constexpr auto digits = "0123456789abcdef";
    hex += {digits[byte >> 4], digits[byte & 15]};
  }
  return hex;
}

struct LanHouse : AccessHouse {
  LanHouse() : port(free_port()) {
    const auto& made = test_certificates();
    gateway.site().more +=
        "\nlan_api:\n  listen: \"127.0.0.1:" + std::to_string(port) + "\"\n  tls: {cert: " + made +
        "/broker.pem, key: {file: " + made +
        "/broker.key}}\n  clients:\n    - {id: reception, token_sha256: " + sha256_hex(token) +
        ", access_points: [reception], feeds: [], muster: true, walk_ins: true}\n";
    gateway.write_config();
    ada = add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
    start_and_import();
    REQUIRE(becomes("active"));
    REQUIRE(told("person.upserted", 1));
  }
  json::object ask(const std::string& method, const std::string& target, Argv more) const {
    Argv argv{std::string(GATEHOUSE_SOURCE_DIR) + "/tests/whole/lan-call", test_certificates() + "/ca.pem",
              std::to_string(port), method, target};
    argv.insert(argv.end(), more.begin(), more.end());
    const auto outcome = run(argv);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return json::parse(outcome.out).as_object();
  }
  json::object sign_in_by(const json::object& who, const std::string& key,
                          const std::string& point = "reception") const {
    return ask("POST", "/v1/sign-in",
               {"--token", token, "--key", key, "--body", json::serialize(sign_in(who, point))});
  }
  int port;
  int ada = 0;
};

TEST_CASE("S1-16: a kiosk on the LAN signs in while the cloud is away, once for a key", "[access][lan]") {
  LanHouse house;
  house.broker.kill();
  REQUIRE(eventually(20s, [&] { return !flag_at(at(house.gateway.status(), "cloud"), "connected"); }));
  const json::object who{{"id", house.person_id(house.ada)}};
  const auto before = house.opens();
  const auto answer = house.sign_in_by(who, "visit-1");
  INFO(text(answer) << "\n" << house.gateway.log());
  REQUIRE(number_at(answer, "status") == 200);
  CHECK(text_at(at(answer, "body"), "outcome") == "allow");
  CHECK(text_at(at(answer, "body"), "via") == "lan");
  CHECK(eventually(10s, [&] { return house.opens() == before + 1; }));
  // The same again: the same answer, and no second opening; also after a restart.
  CHECK(text_at(at(house.sign_in_by(who, "visit-1"), "body"), "id") == text_at(at(answer, "body"), "id"));
  house.gateway.kill();
  house.gateway.start();
  REQUIRE(house.becomes("active"));
  CHECK(text_at(at(house.sign_in_by(who, "visit-1"), "body"), "id") == text_at(at(answer, "body"), "id"));
  CHECK(house.opens() == before + 1);
  // Another body under the same key is refused.
  const json::object other{{"person_type", "visitor"}, {"first_name", "Grace"}, {"last_name", "Hopper"}};
  CHECK(number_at(house.sign_in_by(other, "visit-1"), "status") == 409);
  const auto muster = house.ask("GET", "/v1/muster", {"--token", token});
  CHECK(number_at(muster, "status") == 200);
  CHECK(at(muster, "body").at("on_site").as_array().size() == 1);
}

TEST_CASE("The LAN interface lets nobody in who is not in its list", "[access][lan]") {
  LanHouse house;
  const json::object who{{"id", house.person_id(house.ada)}};
  const auto body = json::serialize(house.sign_in(who));
  CHECK(number_at(house.ask("POST", "/v1/sign-in", {"--key", "k", "--body", body}), "status") == 401);
  CHECK(number_at(house.ask("POST", "/v1/sign-in", {"--token", "wrong", "--key", "k", "--body", body}),
                  "status") == 401);
  const auto elsewhere = house.sign_in_by(who, "k1", "slow");
  CHECK(number_at(elsewhere, "status") == 403);
  CHECK(text_at(elsewhere, "type").starts_with("application/problem+json"));
  CHECK(number_at(house.ask("POST", "/v1/sign-in", {"--token", token, "--body", body}), "status") == 400);
  CHECK(number_at(house.ask("POST", "/v1/sign-in", {"--token", token, "--key", "k2", "--body", "{\"a\":1"}),
                  "status") == 400);
  CHECK(number_at(house.ask("GET", "/v1/nowhere", {"--token", token}), "status") == 404);
  CHECK(number_at(house.ask("PUT", "/v1/feeds/net2-hq", {"--token", token, "--body", "{}"}), "status") ==
        403);
  CHECK(number_at(house.ask("GET", "/v1/health", {"--token", token}), "status") == 200);
  CHECK(house.opens() == 0);
}

TEST_CASE("S1-20: a walk-in on the LAN is a visitor with a name, and is told", "[access][lan]") {
  LanHouse house;
  const json::object grace{{"person_type", "visitor"}, {"first_name", "Grace"}, {"last_name", "Hopper"}};
  const auto answer = house.sign_in_by(grace, "walk-1");
  INFO(text(answer));
  REQUIRE(number_at(answer, "status") == 200);
  CHECK(text_at(at(answer, "body"), "outcome") == "deny");
  CHECK(text_at(at(answer, "body"), "reason") == "visitor_not_preregistered");
  CHECK(house.opens() == 0);
}

}  // namespace
}  // namespace gatehouse::whole
