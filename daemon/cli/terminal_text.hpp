#pragma once
// Text as a terminal shows it.

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse {

/// Columns that a text takes on a terminal: 0 for combining marks, 2 for wide East Asian characters.
/// `text` must be harmless() already.
std::size_t display_width(std::string_view text);

/// The same text without what could move the cursor, change colours or reverse the line: control characters,
/// bidirectional controls and bytes that are not UTF-8 become U+FFFD; a line break becomes a blank.
/// Names come from other systems, and a terminal obeys what it is sent.
std::string harmless(std::string_view text);

/// At most so many columns; the last one is "…" where something was cut off.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace gatehouse
