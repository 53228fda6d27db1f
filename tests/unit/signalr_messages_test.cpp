#include "connectors/signalr/signalr_messages.hpp"

#include <catch2/catch.hpp>

namespace gatehouse {

using namespace std::chrono_literals;

TEST_CASE("The init frame is told by S", "[signalr]") {
  CHECK(parse_frame(R"({"C":"d-2F3A,0|x,1","S":1,"M":[]})").init);
  CHECK_FALSE(parse_frame("{}").init);
  CHECK_FALSE(parse_frame(R"({"C":"d-1","M":[]})").init);
}

TEST_CASE("A push rings in both of its forms and whatever its case", "[signalr]") {
  for (const auto* text :
       {R"({"C":"d-1","M":[{"H":"EventHubLocal","M":"liveEvents","A":[[{"eventType":20}]]}]})",
        R"({"C":"d-1","M":[{"H":"eventhublocal","M":"LiveEvents","A":[{"eventType":20}]}]})"}) {
    const auto frame = parse_frame(text);
    CHECK(frame.event);
    CHECK_FALSE(frame.door_status);
  }
  for (const auto* text :
       {R"({"M":[{"H":"EVENTHUBLOCAL","M":"doorStatusEvents","A":[[{"doorId":1}]]}]})",
        R"({"m":[{"h":"EventHubLocal","m":"DoorStatusEvents","a":[{"deviceId":1}]}]})",
        R"({"M":[{"H":"EventHubLocal","M":"doorEvents","A":[{"doorId":1,"locked":false}]}]})"}) {
    const auto frame = parse_frame(text);
    CHECK_FALSE(frame.event);
    CHECK(frame.door_status);
  }
}

TEST_CASE("Several messages of one frame all ring", "[signalr]") {
  const auto frame =
      parse_frame(R"({"M":[{"H":"EventHubLocal","M":"liveEvents","A":[]},)"
                  R"({"H":"EventHubLocal","M":"doorStatusEvents","A":[]},7,{"H":"other","M":"x"}]})");
  CHECK(frame.event);
  CHECK(frame.door_status);
}

TEST_CASE("A result names its call, and an error says why", "[signalr]") {
  CHECK(parse_frame(R"({"I":"0"})").result_of == "0");
  CHECK(parse_frame(R"({"I":3,"R":null})").result_of == "3");
  const auto error = parse_frame("{\"I\":\"2\",\"E\":\"no such\\nmethod\",\"H\":true}");
  CHECK(error.result_of == "2");
  CHECK(error.error == "no such method");
  CHECK_FALSE(parse_frame(R"({"I":"0","E":null})").error);
}

TEST_CASE("A frame that cannot be read is noise", "[signalr]") {
  for (const auto* text :
       {"", "x", "[]", "7", "{\"M\":", "{\"M\":7}", "{\"M\":[{\"H\":1,\"M\":2}]}", "\xFF"}) {
    const auto frame = parse_frame(text);
    CHECK_FALSE(frame.event);
    CHECK_FALSE(frame.init);
  }
  CHECK_FALSE(parse_frame("{\"M\":").readable);
  CHECK(parse_frame("{}").readable);
  CHECK(parse_frame(R"({"T":1})").reconnect);
}

TEST_CASE("A negotiation gives the connection token and the keep-alive", "[signalr]") {
  const auto full =
      parse_negotiation(R"({"Url":"/signalr","ConnectionToken":"AQ+/==","KeepAliveTimeout":20.0,)"
                        R"("TryWebSockets":true,"ProtocolVersion":"1.5"})");
  REQUIRE(full);
  CHECK(full->connection_token == "AQ+/==");
  CHECK(full->keep_alive == 20s);
  const auto none = parse_negotiation(R"({"connectionToken":"x","KeepAliveTimeout":null})");
  REQUIRE(none);
  CHECK_FALSE(none->keep_alive);
}

TEST_CASE("A server that speaks something else is refused", "[signalr]") {
  const auto core = parse_negotiation(R"({"connectionId":"x","availableTransports":[]})");
  REQUIRE_FALSE(core);
  CHECK(core.error().code == Errc::malformed);
  CHECK_FALSE(parse_negotiation("<html>"));
  CHECK(parse_negotiation(R"({"ConnectionToken":"x","ProtocolVersion":"1.2"})").error().code ==
        Errc::refused);
  CHECK(parse_negotiation(R"({"ConnectionToken":"x","TryWebSockets":false})").error().code == Errc::refused);
}

TEST_CASE("Only \"started\" is a start", "[signalr]") {
  CHECK(is_started(R"({"Response":"started"})"));
  CHECK(is_started(R"({"response":"started"})"));
  CHECK_FALSE(is_started(R"({"Response":"Started"})"));
  CHECK_FALSE(is_started("{}"));
  CHECK_FALSE(is_started("<html>"));
}

TEST_CASE("Calls and targets are written as the server wants them", "[signalr]") {
  CHECK(subscribe_live_call(0) == R"({"H":"eventhublocal","M":"subscribeToLiveEvents","A":[],"I":0})");
  CHECK(subscribe_door_status_call(Net2DoorId(1000001), 3) ==
        R"({"H":"eventhublocal","M":"subscribeToDoorStatusEvents","A":["1000001"],"I":3})");
  CHECK(signalr_target("negotiate", "a.b", "") ==
        "/signalr/"
        "negotiate?clientProtocol=1.5&token=a.b&connectionData=%5B%7B%22name%22%3A%22eventhublocal%22%7D%5D");
  CHECK(signalr_target("start", "a.b", "x+/=") ==
        "/signalr/start?transport=webSockets&clientProtocol=1.5&token=a.b&connectionToken=x%2B%2F%3D"
        "&connectionData=%5B%7B%22name%22%3A%22eventhublocal%22%7D%5D");
}

}  // namespace gatehouse
