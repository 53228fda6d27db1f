#include "daemon/cli/terminal_text.hpp"

#include <clocale>
#include <cwchar>
#include <optional>

namespace gatehouse {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct Character {
  char32_t code;
  std::size_t length;  ///< bytes
};

// The first character; nullopt where the bytes are no UTF-8 (also overlong forms and surrogates).
std::optional<Character> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return Character{lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return std::nullopt;
  char32_t code = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
  return Character{code, length};
}

bool is_harmful(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0)              // C0, DEL, C1
         || code == 0x061C || code == 0x200E || code == 0x200F     // direction marks
         || (code >= 0x2028 && code <= 0x202E)                     // separators, embeddings, overrides
         || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;  // isolates, byte order mark
}

// The C library knows the widths of the whole of Unicode, whatever the user's own locale is.
std::size_t width_of(char32_t code) {
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (unicode == nullptr) return 1;
  const locale_t before = uselocale(unicode);
  const int width = wcwidth(static_cast<wchar_t>(code));
  uselocale(before);
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto next = first_character(text);
    width += !next ? 1 : next->code < 0x7F ? 1 : width_of(next->code);
    text.remove_prefix(next ? next->length : 1);
  }
  return width;
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto next = first_character(text);
    if (!next) {
      out += replacement;
    } else if (next->code == '\n' || next->code == '\r' || next->code == '\t') {
      out += ' ';
    } else if (is_harmful(next->code)) {
      out += replacement;
    } else {
      out += text.substr(0, next->length);
    }
    text.remove_prefix(next ? next->length : 1);
  }
  return out;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t used = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const auto next = first_character(text.substr(bytes));
    const std::size_t wide = next ? width_of(next->code) : 1;
    if (used + wide > width - 1) break;
    used += wide;
    bytes += next ? next->length : 1;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

}  // namespace gatehouse
