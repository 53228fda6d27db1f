#pragma once
// Values as a few bytes, for memory and for columns that only we read. Numbers have as many bytes as they
// need.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/core/instant.hpp"

namespace gatehouse {

class Packer {
 public:
  Packer& number(std::uint64_t value);
  Packer& flag(bool yes) { return number(yes ? 1 : 0); }
  Packer& text(std::string_view value);
  Packer& signed_number(std::int64_t value);
  Packer& instant(Instant at) { return signed_number(at.time_since_epoch().count()); }
  template <typename E>
    requires std::is_enum_v<E>
  Packer& one_of(E value) {
    return number(static_cast<std::uint64_t>(value));
  }
  /// One of these methods, or a lambda, for what is there.
  template <typename T, typename Write>
  Packer& maybe(const std::optional<T>& value, Write write) {
    flag(value.has_value());
    if (value) write(*value);
    return *this;
  }
  template <typename List, typename Write>
  Packer& list(const List& items, Write write) {
    number(items.size());
    for (const auto& item : items) write(item);
    return *this;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads in the same order. Bytes that Packer did not make turn good() false, for ever: what is read then is
/// zero or empty, never beyond the end.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : left_(bytes) {}

  std::uint64_t number();
  bool flag() { return below(2) == 1; }
  std::string text();
  std::int64_t signed_number();
  Instant instant() { return Instant(Duration(signed_number())); }
  /// `count`: how many values the enum has.
  template <typename E>
  E one_of(std::uint64_t count) {
    return static_cast<E>(below(count));
  }
  template <typename Read>
  auto maybe(Read read) {
    std::optional<decltype(read())> value;
    if (flag()) value.emplace(read());
    return value;
  }
  template <typename Read>
  auto list(Read read) {
    std::vector<decltype(read())> items;
    // Each item has a byte at least, so a count that lies cannot take memory.
    const auto count = below(left_.size() + 1);
    items.reserve(count);
    for (std::uint64_t i = 0; i < count && good_; ++i) items.push_back(read());
    return items;
  }

  bool good() const { return good_; }
  /// How many bytes have not been read yet.
  std::size_t left() const { return left_.size(); }
  /// Good, and nothing is left.
  bool ended() const { return good_ && left_.empty(); }

 private:
  std::uint64_t below(std::uint64_t limit);

  std::string_view left_;
  bool good_ = true;
};

}  // namespace gatehouse
