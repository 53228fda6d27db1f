#pragma once
// Facts in words for people. Pure, but for the local time zone of the process ($TZ).

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse {

/// "2026-06-01 10:00:00" in the local zone; the text itself where it is no RFC 3339 time.
std::string local_time(std::string_view rfc3339);

/// "45 s", "12 min", "3 h 12 min", "5 d 4 h".
std::string duration_words(std::int64_t seconds);

/// "1,234".
std::string number_words(std::int64_t number);

/// "1 person", "500 people", "1,234 people".
std::string count_words(std::uint64_t count, std::string_view one, std::string_view many);

/// "512 B", "1.5 MiB".
std::string size_words(std::uint64_t bytes);

}  // namespace gatehouse
