#include "daemon/core/certificate_term.hpp"

namespace gatehouse {
namespace {

constexpr Duration day = std::chrono::hours(24);

std::string days_text(Duration left) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(left).count();
  if (hours < 48) return std::to_string(hours) + (hours == 1 ? " hour" : " hours");
  return std::to_string(hours / 24) + " days";
}

}  // namespace

std::string_view to_string(CertificateStage stage) {
  switch (stage) {
    case CertificateStage::good:
      return "good";
    case CertificateStage::thirty_days:
      return "30d";
    case CertificateStage::seven_days:
      return "7d";
    case CertificateStage::one_day:
      return "1d";
    case CertificateStage::ended:
      break;
  }
  return "ended";
}

CertificateStage certificate_stage(Instant not_after, Instant now) {
  const Duration left = not_after - now;
  if (left <= Duration{0}) return CertificateStage::ended;
  if (left <= day) return CertificateStage::one_day;
  if (left <= 7 * day) return CertificateStage::seven_days;
  if (left <= 30 * day) return CertificateStage::thirty_days;
  return CertificateStage::good;
}

std::string certificate_detail(std::string_view what, Instant not_after, Instant now) {
  const auto at = format_utc(not_after);  // 2026-12-01T10:00:00Z
  const std::string when = at.substr(0, 10) + " at " + at.substr(11, 5) + " UTC";
  const Duration left = not_after - now;
  if (left <= Duration{0}) return std::string(what) + " ended on " + when;
  return std::string(what) + " ends on " + when + ", in " + days_text(left);
}

std::string certificate_hint(CertificateStage stage) {
  const std::string how = "; put the new one in its place, then: gatehouse config reload";
  switch (stage) {
    case CertificateStage::good:
      return {};
    case CertificateStage::thirty_days:
      return "renew it: 30 days or less are left" + how;
    case CertificateStage::seven_days:
      return "renew it this week: 7 days or less are left" + how;
    case CertificateStage::one_day:
      return "renew it today: 1 day or less is left" + how;
    case CertificateStage::ended:
      break;
  }
  return "renew it now: whoever checks it refuses it" + how + " (decisions and buffering go on meanwhile)";
}

}  // namespace gatehouse
