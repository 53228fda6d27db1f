#include "tests/whole/lan_house.hpp"

#include <stdexcept>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/evp.h>

namespace gatehouse::whole {
namespace {

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

void need(bool so, const char* what) {
  if (!so) throw std::runtime_error(what);
}

}  // namespace

LanHouse::LanHouse() : port(free_port()) {
  const auto& made = test_certificates();
  gateway.site().more +=
      "\nlan_api:\n  listen: \"127.0.0.1:" + std::to_string(port) + "\"\n  tls: {cert: " + made +
      "/broker.pem, key: {file: " + made +
      "/broker.key}}\n  clients:\n    - {id: reception, token_sha256: " + sha256_hex(kiosk_token) +
      ", access_points: [reception], feeds: [], muster: true, walk_ins: true}\n";
  gateway.write_config();
  ada = add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  start_and_import();
  need(becomes("active"), "the house does not become active");
  need(told("person.upserted", 1), "nobody was told of Ada");
}

std::optional<json::object> LanHouse::try_to_ask(const std::string& method, const std::string& target,
                                                 Argv more) const {
  Argv argv{std::string(GATEHOUSE_SOURCE_DIR) + "/tests/whole/lan-call", test_certificates() + "/ca.pem",
            std::to_string(port), method, target};
  argv.insert(argv.end(), more.begin(), more.end());
  const auto outcome = run(argv);
  if (outcome.status != 0) return std::nullopt;
  return json::parse(outcome.out).as_object();
}

json::object LanHouse::ask(const std::string& method, const std::string& target, Argv more) const {
  auto answer = try_to_ask(method, target, std::move(more));
  need(answer.has_value(), "nobody answers on the LAN");
  return std::move(*answer);
}

Argv LanHouse::signing_in(const json::object& who, const std::string& key, const std::string& point) const {
  return {"--token", kiosk_token, "--key", key, "--body", json::serialize(sign_in(who, point))};
}

json::object LanHouse::sign_in_by(const json::object& who, const std::string& key,
                                  const std::string& point) const {
  return ask("POST", "/v1/sign-in", signing_in(who, key, point));
}

}  // namespace gatehouse::whole
