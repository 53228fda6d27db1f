// The file of command keys, and compact JWS as strictly as they are read.

#include <catch2/catch.hpp>
#include <unistd.h>

#include "connectors/jose/base64url.hpp"
#include "connectors/jose/compact_jws.hpp"
#include "tests/unit/command_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using Catch::Matchers::Contains;

TEST_CASE("Base64url has one text for each bytes", "[command]") {
  CHECK(decode_base64url("") == "");
  CHECK(decode_base64url("Zg") == "f");
  CHECK(decode_base64url("Zm8") == "fo");
  CHECK(decode_base64url("Zm9v") == "foo");
  CHECK(decode_base64url("_-8") == "\xff\xef");
  for (const auto* wrong : {"Z", "Zg==", "Zh", "Zm9", "Zm9v ", " Zg", "Z\ng", "Zm+v", "Zm/v", "Zg="})
    CHECK_FALSE(decode_base64url(wrong));
}

TEST_CASE("A key file says what each key may do, and nothing else", "[command]") {
  CommandSigner signer("cloud-1");
  const auto file = [&](const boost::json::object& key) {
    return boost::json::serialize(boost::json::object{{"keys", boost::json::array{key}}});
  };
  const auto good = signer.jwk(R"([{"cmd":"door.open","sites":["hq"],"doors":["net2-hq/1"]}])");
  const auto keys = parse_command_keys(file(good));
  REQUIRE(keys);
  REQUIRE(keys->contains("cloud-1"));
  const auto& scope = keys->at("cloud-1").scopes.at(0);
  CHECK(scope.cmd == "door.open");
  CHECK(scope.sites == std::vector{SiteId("hq")});
  CHECK(scope.doors == std::vector{*parse_door_id("net2-hq/1")});
  REQUIRE(parse_command_keys(file(signer.jwk(""))));
  CHECK(parse_command_keys(file(signer.jwk("")))->at("cloud-1").scopes.empty());
  REQUIRE(parse_command_keys(R"({"keys":[]})"));

  const auto why = [&](const std::string& name, const std::string& value) {
    auto key = good;
    key[name] = boost::json::parse(value);
    const auto read = parse_command_keys(file(key));
    return read ? std::string("taken") : read.error().detail;
  };
  CHECK_THAT(why("d", "\"secret\""), Contains("key \"cloud-1\"") && Contains("private"));
  CHECK_THAT(why("kty", "\"RSA\""), Contains("\"kty\" must be \"OKP\""));
  CHECK_THAT(why("crv", "\"X25519\""), Contains("Ed25519"));
  CHECK_THAT(why("alg", "\"HS256\""), Contains("EdDSA"));
  CHECK_THAT(why("x", "\"AAAA\""), Contains("32 bytes"));
  CHECK_THAT(why("scope", "[]"), Contains("member other than"));
  CHECK_THAT(why("scopes", R"([{"cmd":"door.opne"}])"), Contains("door.opne") && Contains("no command"));
  CHECK_THAT(why("scopes", R"([{"cmd":"door.open","door":[]}])"), Contains("other than"));
  CHECK_THAT(why("scopes", R"([{"cmd":"door.open","doors":["front"]}])"), Contains("doors"));
  CHECK_THAT(why("kid", "\"\""), Contains("kid"));
  const auto twice = boost::json::serialize(boost::json::object{{"keys", boost::json::array{good, good}}});
  CHECK_THAT(parse_command_keys(twice).error().detail, Contains("twice"));
  CHECK_FALSE(parse_command_keys(R"({"keys":[],"keys":[]})"));
  CHECK_FALSE(parse_command_keys("[]"));
  CHECK_FALSE(parse_command_keys(""));
}

TEST_CASE("A key file that others can write is refused, and the keys of before stay", "[command]") {
  CommandBench bench;
  const std::string open_args = R"({"door":"net2-hq/1","reason":"x"})";
  const auto alerts = [&] {
    bench.get(bench.alerts.tell());
    return bench.outbox.raised.size();
  };
  CHECK(alerts() == 0);
  for (const auto mode : {0664, 0646, 0666}) {
    std::filesystem::permissions(bench.keys_file, std::filesystem::perms(mode));
    bench.desk->use(command_settings(bench.keys_file));
    CHECK(alerts() == 1);
    CHECK(bench.outbox.raised[0].kind == "command_keys");
    CHECK_THAT(bench.outbox.raised[0].detail, Contains("can be written by"));
  }
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "");
  bench.desk->use(command_settings(bench.keys_file + ".none"));
  CHECK_THAT((alerts(), bench.outbox.raised.at(0).detail), Contains("cannot be read"));
  CommandSigner next("cloud-2");
  bench.write_keys({next.jwk(all_scopes())});
  bench.desk->use(command_settings(bench.keys_file));
  CHECK(alerts() == 0);
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "unknown_key");  // taken out of the file
  bench.take(bench.message(next.sign(bench.claims("door.open", open_args))));
  CHECK(bench.last_code() == "");
}

TEST_CASE("A header that names another key or algorithm is malformed", "[command]") {
  CommandSigner signer("k");
  const auto read = [&](const std::string& header) {
    return split_jws(signer.sign("{}", header)).has_value();
  };
  CHECK(read(R"({"alg":"EdDSA","kid":"k"})"));
  CHECK(read(R"({"typ":"JWT","alg":"EdDSA","kid":"k"})"));
  for (const auto* wrong :
       {R"({"alg":"none","kid":"k"})", R"({"alg":"HS256","kid":"k"})", R"({"alg":"eddsa","kid":"k"})",
        R"({"alg":"EdDSA"})", R"({"kid":"k"})", R"({"alg":"EdDSA","kid":7})", R"({"alg":"EdDSA","kid":""})",
        R"({"alg":"EdDSA","kid":"k","crit":[]})", R"({"alg":"EdDSA","kid":"k","b64":true})",
        R"({"alg":"EdDSA","kid":"k","jwk":{}})", R"({"alg":"EdDSA","kid":"k","jku":""})",
        R"({"alg":"EdDSA","kid":"k","x5c":[]})", R"({"alg":"EdDSA","kid":"k","x5u":""})",
        R"({"alg":"none","alg":"EdDSA","kid":"k"})", R"(["EdDSA"])",
        R"({"alg":"EdDSA","kid":"k"} )"
        "x"})
    CHECK_FALSE(read(wrong));
  const auto token = signer.sign("{}");
  CHECK_FALSE(split_jws(token + "."));
  CHECK_FALSE(split_jws(token + "="));
  CHECK_FALSE(split_jws(" " + token));
  CHECK_FALSE(split_jws(token.substr(0, token.rfind('.'))));
  CHECK_FALSE(split_jws(""));
  CHECK_FALSE(split_jws("..."));
}

TEST_CASE("A refusal has the jti wherever the payload could be read, whatever the header says", "[command]") {
  CommandBench bench;
  const auto claims = bench.claims("status.get", "{}", R"({"jti":"mine"})");
  const auto jti_of = [&](const std::string& payload) {
    bench.take(bench.message(payload));
    CHECK(bench.last_code() == "malformed");
    return bench.replies().back().at("jti");
  };
  for (const auto* header : {R"({"alg":"HS256","kid":"cloud-1"})", R"({"alg":"none"})", R"({"alg":"EdDSA"})",
                             R"({"alg":"EdDSA","kid":"cloud-1","crit":["b64"]})", "no JSON"})
    CHECK(jti_of(bench.signer.sign(claims, header)) == "mine");
  CHECK(jti_of("a.b." + to_base64url(claims)).is_null());
  CHECK(jti_of("." + to_base64url(claims)) == "mine");  // without a signature, too
  CHECK(jti_of(bench.signer.sign(R"({"jti":"a","jti":"b"})", R"({"alg":"none"})")).is_null());
  CHECK(
      jti_of(bench.signer.sign(R"({"jti":")" + std::string(65, 'j') + "\"}", R"({"alg":"none"})")).is_null());
}
