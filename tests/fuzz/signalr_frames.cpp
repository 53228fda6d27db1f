// What the live feed hears: frames, and the answers before them.

#include "connectors/signalr/signalr_messages.hpp"
#include "tests/fuzz/must.hpp"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto frame = parse_frame(text);
  fuzz::must(frame.readable || !(frame.init || frame.event || frame.door_status || frame.result_of),
             "what cannot be read says nothing");
  const auto negotiated = parse_negotiation(text);
  fuzz::must(!negotiated || !negotiated->connection_token.empty(), "no negotiation without a token");
  (void)is_started(text);
  return 0;
}
