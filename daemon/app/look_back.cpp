#include "daemon/app/look_back.hpp"

#include <charconv>
#include <cstdint>

namespace gatehouse {

std::optional<Duration> parse_span(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t number = 0;
  const auto* end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), end, number);
  constexpr std::int64_t most = 100'000;
  if (read.ec != std::errc{} || read.ptr != end || number < 0 || number > most) return std::nullopt;
  switch (text.back()) {
    case 's':
      return std::chrono::seconds(number);
    case 'm':
      return std::chrono::minutes(number);
    case 'h':
      return std::chrono::hours(number);
    case 'd':
      return std::chrono::hours(24 * number);
    default:
      return std::nullopt;
  }
}

Result<std::optional<Instant>> parse_look_back(const std::string& text, Instant now) {
  if (text.empty()) return std::optional<Instant>();
  if (auto at = parse_rfc3339(text)) return at;
  if (auto at = parse_rfc3339(text + "T00:00:00Z")) return at;
  if (auto span = parse_span(text)) return std::optional<Instant>(now - *span);
  return Error{Errc::invalid, "\"" + text +
                                  "\" is neither a time (2026-06-01T09:00:00Z), a date, nor a span (90s, 2h, "
                                  "30d)"};
}

Result<std::optional<Instant>> parse_look_ahead(const std::string& text, Instant now) {
  if (text.empty()) return std::optional<Instant>();
  if (auto at = parse_rfc3339(text)) return at;
  if (auto at = parse_rfc3339(text + "T00:00:00Z")) return at;
  if (auto span = parse_span(text)) return std::optional<Instant>(now + *span);
  return Error{Errc::invalid,
               "\"" + text + "\" is neither a time (2026-06-01T09:00:00Z), a date, nor a span (30d)"};
}

}  // namespace gatehouse
