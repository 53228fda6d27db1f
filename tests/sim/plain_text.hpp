#pragma once
// Small things done with text: case, blanks, numbers, percent and base64 encoding.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::sim {

std::string lower(std::string_view text);                ///< ASCII only
bool same_word(std::string_view a, std::string_view b);  ///< equal but for ASCII case
std::string_view trimmed(std::string_view text);
std::optional<std::int64_t> to_integer(std::string_view text);  ///< the whole text, decimal, sign allowed

/// "%20" and, for a query or form, "+" as a blank. A broken escape stays as written.
std::string percent_decoded(std::string_view text, bool plus_is_blank);

using Fields = std::vector<std::pair<std::string, std::string>>;
/// "a=1&b=2", decoded; used for queries and form bodies alike.
Fields parse_form(std::string_view text);
/// First value by name in any case; nullptr where it is missing.
const std::string* find_field(const Fields& fields, std::string_view name);

enum class Base64 { standard, url };  ///< url: "-_" and no padding
std::string base64(std::string_view bytes, Base64 alphabet);
/// nullopt where it is not base64. Blanks and line ends are skipped.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace gatehouse::sim
