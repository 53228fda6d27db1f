#include "daemon/host/unicode_fold.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

#include <utf8proc.h>

namespace gatehouse {
namespace {

bool is_blank(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

/// Collects what lies between blanks.
class Words {
 public:
  explicit Words(std::size_t size) { text_.reserve(size); }
  void blank() { pending_ = !text_.empty(); }
  void add(std::string_view bytes) {
    if (pending_) text_ += ' ';
    pending_ = false;
    text_ += bytes;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool pending_ = false;
};

/// Of bytes above 127 nothing is known.
std::string fold_ascii(std::string_view text) {
  Words words(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && is_blank(byte)) {
      words.blank();
      continue;
    }
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    words.add({&lower, 1});
  }
  return words.take();
}

/// nullopt where it is not UTF-8.
std::optional<std::string> trim_blanks(std::string_view text) {
  Words words(text.size());
  while (!text.empty()) {
    utf8proc_int32_t code = -1;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (length <= 0) return std::nullopt;
    const auto bytes = text.substr(0, static_cast<std::size_t>(length));
    is_blank(static_cast<char32_t>(code)) ? words.blank() : words.add(bytes);
    text.remove_prefix(bytes.size());
  }
  return words.take();
}

std::string mapped(const std::string& text, int options) {
  struct Free {
    void operator()(utf8proc_uint8_t* bytes) const { std::free(bytes); }
  };
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): the library's enum is a set of flags
  const auto how = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | options);
  utf8proc_uint8_t* made = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &made, how);
  const std::unique_ptr<utf8proc_uint8_t, Free> bytes(made);
  if (length < 0) throw std::bad_alloc();  // the text is UTF-8, so that no other error is left
  return {reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(length)};
}

}  // namespace

std::string UnicodeFold::fold(std::string_view text) const {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return fold_ascii(text);
  const auto words = trim_blanks(text);
  if (!words) return fold_ascii(text);
  // Composed first: a mark that folds into a letter (U+0345) would stop others from finding their order.
  return mapped(mapped(*words, UTF8PROC_COMPOSE), UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

const TextFold& unicode_fold() {
  static const UnicodeFold fold;
  return fold;
}

}  // namespace gatehouse
