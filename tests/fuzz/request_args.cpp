// What others ask in JSON: roster.put and access.sign_in (a command's, and the LAN interface's body).

#include "connectors/json/read_roster_args.hpp"
#include "connectors/json/read_sign_in_args.hpp"
#include "tests/fuzz/must.hpp"

using namespace gatehouse;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    const auto args = read_roster_args(text);
    fuzz::must(args.ok() || args.error().code == Errc::invalid, "what is wrong is invalid");
  } else {
    const auto args = read_sign_in_args(text);
    fuzz::must(args.ok() || args.error().code == Errc::invalid, "what is wrong is invalid");
  }
  return 0;
}
