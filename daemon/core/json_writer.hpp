#pragma once
// Writes JSON text straight into a string, for the messages and documents that we make by the thousand.
// Reading JSON is Boost.JSON's work, behind the adapters.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that what we
/// send is always valid (RFC 8259 §8.1), whatever a source gave us.
void append_json_string(std::string& out, std::string_view text);

/// Commas and braces kept right while members are named one after the other:
///   JsonWriter json; json.begin_object(); json.member("door", id); json.end_object(); json.take()
/// Nesting is the caller's duty; a wrong nesting gives wrong text, never a crash.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool yes);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(double number);
  JsonWriter& null();
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);
  template <typename T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }

  template <typename T>
  JsonWriter& member(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void separate();

  std::string out_;
  bool need_comma_ = false;
};

}  // namespace gatehouse
