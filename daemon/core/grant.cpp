#include "daemon/core/grant.hpp"

#include <array>

namespace gatehouse {

std::string_view to_string(VisitStatus status) {
  constexpr std::array<std::string_view, 4> words{"expected", "cancelled", "on_site", "checked_out"};
  return words[static_cast<std::size_t>(status)];
}

std::optional<VisitStatus> parse_visit_status(std::string_view text) {
  for (const auto status :
       {VisitStatus::expected, VisitStatus::cancelled, VisitStatus::on_site, VisitStatus::checked_out}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

}  // namespace gatehouse
