#include "daemon/core/command_scope.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

template <typename T>
bool within_list(const std::optional<std::vector<T>>& allowed, const std::vector<T>& touched) {
  if (!allowed) return true;
  return !touched.empty() && std::ranges::all_of(touched, [&](const T& one) {
    return std::ranges::find(*allowed, one) != allowed->end();
  });
}

}  // namespace

bool covers(const CommandScope& scope, std::string_view cmd, const ScopeTarget& target) {
  return scope.cmd == cmd && within_list(scope.sites, target.sites) && within_list(scope.doors, target.doors);
}

bool covered(const std::vector<CommandScope>& scopes, std::string_view cmd, const ScopeTarget& target) {
  return std::ranges::any_of(scopes, [&](const CommandScope& scope) { return covers(scope, cmd, target); });
}

bool mentioned(const std::vector<CommandScope>& scopes, std::string_view cmd) {
  return std::ranges::any_of(scopes, [&](const CommandScope& scope) { return scope.cmd == cmd; });
}

}  // namespace gatehouse
