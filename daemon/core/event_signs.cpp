#include "daemon/core/event_signs.hpp"

namespace gatehouse {
namespace {

constexpr Duration repeated_hour = std::chrono::hours(1);
constexpr Duration moment = std::chrono::seconds(5);    ///< one poll that failed, and its repetition
constexpr Duration long_ago = std::chrono::minutes(2);  ///< whatever was wrong: a controller was offline

}  // namespace

bool is_known_event(Instant known, Instant given) {
  const Duration apart = given - known;
  return apart == Duration{0} || apart == repeated_hour || apart == -repeated_hour;
}

bool is_read_late(Duration age, Duration interrupted) {
  if (age > long_ago) return true;
  if (interrupted <= moment) return false;
  return age > moment || age < -moment;
}

}  // namespace gatehouse
