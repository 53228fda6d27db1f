#pragma once
// What a fuzz target holds to be true of any input.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace gatehouse::fuzz {

/// Ends the program, which keeps the input that did it.
inline void must(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace gatehouse::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
