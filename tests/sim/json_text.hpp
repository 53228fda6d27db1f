#pragma once
// JSON written straight into a string: a list of 100,000 people never becomes a tree first.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::sim {

/// Appends JSON to a string the caller owns. Commas are placed by itself; nesting is the caller's promise.
/// Text is escaped but its UTF-8 is passed on as it is, invalid bytes too (a fault one may want to inject).
class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  JsonText& open_object();
  JsonText& close_object();
  JsonText& open_array();
  JsonText& close_array();
  JsonText& key(std::string_view name);  ///< `name` must need no escaping

  JsonText& value(std::string_view text);
  JsonText& value(const char* text) { return value(std::string_view(text)); }
  JsonText& value(const std::string& text) { return value(std::string_view(text)); }
  JsonText& value(const std::optional<std::string>& text) {
    return text ? value(std::string_view(*text)) : value(nullptr);
  }
  JsonText& value(std::int64_t number);
  JsonText& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonText& value(std::uint64_t number) { return value(static_cast<std::int64_t>(number)); }
  JsonText& value(double number);
  JsonText& value(bool flag);
  JsonText& value(std::nullptr_t);
  JsonText& raw(std::string_view json);  ///< one value, already JSON

  template <typename T>
  JsonText& member(std::string_view name, const T& what) {
    key(name);
    return value(what);
  }

 private:
  void separate();

  std::string& out_;
  bool comma_ = false;
};

/// The text between quotes, escaped.
void append_escaped(std::string& out, std::string_view text);

/// The same JSON with every member name beginning with a capital (the style of Paxton's printed examples,
/// net2-api.md §3). Text values are left alone.
std::string with_pascal_keys(std::string_view json);

}  // namespace gatehouse::sim
