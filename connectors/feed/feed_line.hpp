#pragma once
// One line of a feed (contract.md §7): a person, or the end.

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {

inline constexpr std::size_t max_feed_line = std::size_t{64} * 1024;  ///< bytes without the line's end
inline constexpr std::size_t max_feed_id = 128;                       ///< bytes of an external_id

/// {"end":true,"count":N}
struct FeedEnd {
  std::uint64_t count = 0;
};

using FeedLine = std::variant<SourceRecord, FeedEnd>;

/// A line without its end. `values` of a person are those of `fields`, in that order; of all others nothing
/// is kept. Errc::malformed with what is wrong and what to write instead; which line it was is the caller's
/// to say.
Result<FeedLine> parse_feed_line(std::string_view line, const std::vector<SourceField>& fields);

/// A line of nothing but blanks says nothing.
bool is_blank_line(std::string_view line);

}  // namespace gatehouse
