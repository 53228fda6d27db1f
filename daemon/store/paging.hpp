#pragma once
// Pages of a list: where one begins, and what it is looked for by.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/app/queries.hpp"
#include "daemon/store/fault.hpp"

namespace gatehouse {

inline std::size_t limit_of(const Page& page) {
  return std::clamp<std::size_t>(page.limit, 1, 1000);
}

/// The parts of a key "1/2/3"; zeros where it is empty. Throws StoreFault (invalid) where it is no key.
template <std::size_t count>
std::array<std::int64_t, count> parse_after(const Page& page) {
  std::array<std::int64_t, count> parts{};
  const char* at = page.after.data();
  const char* const end = at + page.after.size();
  if (at == end) return parts;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [stop, failed] = std::from_chars(at, end, parts[i]);
    const bool last = i + 1 == count;
    if (failed != std::errc{} || (last ? stop != end : stop == end || *stop != '/')) {
      throw StoreFault({Errc::invalid, "no page goes on after '" + page.after + "'"});
    }
    at = stop + 1;
  }
  return parts;
}

/// One row more than asked for was read, to know whether there are more.
template <typename T>
bool cut(Listing<T>& listing, const Page& page) {
  if (listing.rows.size() <= limit_of(page)) return false;
  listing.rows.resize(limit_of(page));
  return true;
}

/// A LIKE pattern for text that contains this, with '\' as the escape.
std::string pattern_containing(std::string_view text);

}  // namespace gatehouse
