#include <catch2/catch.hpp>

#include "connectors/https/origin.hpp"

namespace gatehouse {

TEST_CASE("A server's URL names a host and a port", "[https]") {
  struct Row {
    const char* url;
    const char* host;
    int port;
  };
  const auto row = GENERATE(values<Row>({{"https://net2.hq.lan:8443", "net2.hq.lan", 8443},
                                         {"https://net2.hq.lan", "net2.hq.lan", 443},
                                         {"https://10.0.0.7:1/", "10.0.0.7", 1},
                                         {"https://[::1]:8443", "::1", 8443},
                                         {"https://[fe80::1]", "fe80::1", 443}}));
  const auto origin = parse_origin(row.url, 443);
  REQUIRE(origin);
  CHECK(origin->host == row.host);
  CHECK(origin->port == row.port);
}

TEST_CASE("What is no server's URL is refused", "[https]") {
  const auto* url =
      GENERATE("http://a", "https://", "https://a/b", "https://a:0", "https://a:65536", "https://a:x",
               "https://u@a", "https://a?b", "https://[a]", "https://[::1", "a", "");
  const auto origin = parse_origin(url, 443);
  REQUIRE_FALSE(origin);
  CHECK(origin.error().code == Errc::invalid);
}

TEST_CASE("An IPv6 address is written in brackets", "[https]") {
  CHECK((Origin{"::1", 8443}).authority() == "[::1]:8443");
  CHECK((Origin{"pc", 8443}).authority() == "pc:8443");
}

TEST_CASE("Text in a URL is percent-encoded", "[https]") {
  CHECK(percent_encode("eventId>5 asc") == "eventId%3E5%20asc");
  CHECK(percent_encode("AQ+/=") == "AQ%2B%2F%3D");
  CHECK(percent_encode("a-b_c.d~e") == "a-b_c.d~e");
  CHECK(percent_encode("\xC3\xA9") == "%C3%A9");
}

}  // namespace gatehouse
