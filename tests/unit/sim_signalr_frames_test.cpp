#include <catch2/catch.hpp>

#include "tests/sim/json_text.hpp"
#include "tests/sim/signalr_frames.hpp"

using namespace gatehouse::sim;

TEST_CASE("Frames look as classic SignalR 2 puts them on the wire", "[sim][signalr]") {
  CHECK(init_frame("d-AB,0|0") == R"({"C":"d-AB,0|0","S":1,"M":[]})");
  CHECK(result_frame("3") == R"({"I":"3"})");
  CHECK(error_frame("3", "no \"such\" method") == R"({"I":"3","E":"no \"such\" method"})");
  const auto nested = hub_message("liveEvents", R"({"eventType":20})", true);
  CHECK(nested == R"({"H":"EventHubLocal","M":"liveEvents","A":[[{"eventType":20}]]})");
  CHECK(hub_message("liveEvents", "{}", false) == R"({"H":"EventHubLocal","M":"liveEvents","A":[{}]})");
  CHECK(message_frame("d-AB,0|2", {"{}", "{}"}) == R"({"C":"d-AB,0|2","M":[{},{}]})");
}

TEST_CASE("A call is read whether its counter is a number or text", "[sim][signalr]") {
  const auto call =
      parse_hub_call(R"({"H":"eventhublocal","M":"subscribeToDoorEvents","A":["6203980"],"I":4})");
  REQUIRE(call.ok());
  CHECK(call->hub == "eventhublocal");
  CHECK(call->method == "subscribeToDoorEvents");
  CHECK(call->id == "4");
  CHECK(as_integer(call->arguments.at(0)) == 6203980);
  CHECK(parse_hub_call(R"({"H":"h","M":"m","I":"0"})")->id == "0");
  const auto* bad = GENERATE("", "{}", "[]", "nonsense", R"({"H":"h"})");
  CHECK_FALSE(parse_hub_call(bad).ok());
}

TEST_CASE("A cursor is good only for the connection that gave it", "[sim][signalr]") {
  CHECK(parse_cursor(message_cursor("1a2b", 300), "1a2b") == 300u);
  CHECK_FALSE(parse_cursor(message_cursor("1a2b", 300), "ffff").has_value());
  CHECK_FALSE(parse_cursor("d-1a2b,0|xyz!", "1a2b").has_value());
}

TEST_CASE("Keys can be written in the style of the printed examples, values never", "[sim][json]") {
  CHECK(with_pascal_keys(R"([{"id":1,"name":"a \"b\":c","status":{"doorRelayOpen":false}}])") ==
        R"([{"Id":1,"Name":"a \"b\":c","Status":{"DoorRelayOpen":false}}])");
}

TEST_CASE("JSON text is escaped, and broken UTF-8 is passed on as it is", "[sim][json]") {
  std::string out;
  JsonText(out)
      .open_object()
      .member("a", "q\"\\\n\x01\xFF")
      .member("b", 20.0)
      .member("c", std::optional<std::string>())
      .close_object();
  CHECK(out == "{\"a\":\"q\\\"\\\\\\n\\u0001\xFF\",\"b\":20.0,\"c\":null}");
}
