// Dead letters and tokens at the command line: the real program, and the real service on a real bus.
#ifdef GATEHOUSE_PROGRAM

#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "connectors/lan/lan_tls.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/token_command.hpp"
#include "served_gateway.hpp"

using namespace gatehouse;
using gatehouse::test::me;
using gatehouse::test::ServedGateway;

SCENARIO("A dead letter is sent again or dropped by an operator", "[cli][outbox]") {
  ServedGateway gateway;

  SECTION("again") {
    const auto ran = gateway.says({"outbox", "retry", "7"});
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    CHECK(gateway.last_deed() == "retry 7" + me());
    CHECK_THAT(ran.out, Catch::StartsWith("ID  LANE") && Catch::Contains("\n9   access") &&
                            Catch::Contains("1 message is sent again, under this ID"));
  }
  SECTION("dropped, and nothing of what the broker said reaches the terminal raw") {
    const auto ran = gateway.says({"outbox", "drop", "7"});
    INFO(ran.err);
    CHECK(ran.status == 0);
    CHECK(gateway.last_deed() == "drop 7" + me());
    CHECK_THAT(ran.out, Catch::Contains("refused  0x99") && !Catch::Contains("\x1b") &&
                            Catch::Contains("1 dead letter dropped for good\n"));
  }
  SECTION("with --json the document alone") {
    const auto document = gateway.json({"outbox", "retry", "7"});
    REQUIRE(list_field(document, "outbox").size() == 1);
    CHECK(number_field(list_field(document, "outbox").at(0), "id") == 9);
  }
  SECTION("one that is not there") {
    const auto ran = gateway.says({"outbox", "retry", "8"});
    CHECK(ran.status == 1);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Catch::Contains("there is no dead letter 8") &&
                            Catch::Contains("See what there is: gatehouse outbox list --dead"));
    CHECK(gateway.served.console.deeds().empty());
  }
  SECTION("none named") {
    for (const char* verb : {"retry", "drop"}) {
      CHECK(gateway.says({"outbox", verb}).status == 2);
      CHECK(gateway.says({"outbox", verb, ""}).status == 2);
    }
    CHECK(gateway.served.console.deeds().empty());
  }
  SECTION("their rows of the audit are written with what they do") {
    gateway.says({"outbox", "retry", "7"});
    gateway.says({"outbox", "drop", "7"});
    CHECK(gateway.served.audited().empty());
  }
}

SCENARIO("A token for a client of the LAN interface is made without a daemon", "[cli][lan]") {
  const std::vector<std::string> words{GATEHOUSE_PROGRAM, "--bus", "unix:path=/nonexistent/bus", "token",
                                       "new"};
  SECTION("for people: the token once, and the line for the configuration") {
    const auto ran = gatehouse::test::run_program(words);
    CHECK(ran.status == 0);
    CHECK(ran.err.empty());
    REQUIRE_THAT(ran.out, Catch::StartsWith("token: "));
    const auto token = ran.out.substr(7, 43);
    CHECK(ran.out.substr(50, 1) == "\n");
    CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(ran.out.find(token, 50) == std::string::npos);
    CHECK_THAT(ran.out, Catch::Contains("\ntoken_sha256: " + sha256_hex(token) + "\n"));
    CHECK_THAT(ran.out, Catch::Contains("- {id: NAME, token_sha256: " + sha256_hex(token) + ","));
  }
  SECTION("for programs, and the LAN interface knows the client by it") {
    auto with_json = words;
    with_json.emplace_back("--json");
    const auto ran = gatehouse::test::run_program(with_json);
    CHECK(ran.status == 0);
    const auto document = boost::json::parse(ran.out);
    LanClient client;
    client.id = LanClientId("reception");
    client.token_sha256 = text_field(document, "token_sha256");
    const std::vector<LanClient> clients{client};
    const auto token = text_field(document, "token");
    CHECK(find_lan_client(clients, token) == &clients[0]);
    CHECK(find_lan_client(clients, token + "A") == nullptr);
  }
}

TEST_CASE("Tokens are 32 bytes, and never the same", "[cli][lan]") {
  std::set<std::string> tokens;
  std::set<char> last;
  for (int i = 0; i < 200; ++i) {
    const auto made = make_token();
    REQUIRE(made);
    CHECK(made->token.size() == 43);
    CHECK(made->sha256 == sha256_hex(made->token));
    CHECK(tokens.insert(made->token).second);
    last.insert(made->token.back());
  }
  // 256 bits are 42 letters and four bits: the last letter ends in two zero bits.
  for (const char c : last) CHECK(std::string("AEIMQUYcgkosw048").find(c) != std::string::npos);
  CHECK(last.size() > 8);
}

#endif
