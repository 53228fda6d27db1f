#include "daemon/app/housekeeping.hpp"

#include <string>

namespace gatehouse {
namespace {

constexpr std::size_t at_most = 1000;

void tell(Log& log, std::string_view what, const Result<std::size_t>& pruned) {
  if (!pruned)
    log.write(Level::warning, "old " + std::string(what) + " could not be pruned: " + pruned.error().detail);
}

/// There may be more of it.
bool more(Log& log, std::string_view what, const Result<std::size_t>& pruned) {
  tell(log, what, pruned);
  return pruned && *pruned >= at_most;
}

}  // namespace

Task<void> prune_old(HousekeepingParts parts, Retention retention) {
  const auto now = parts.clock.now();
  for (bool again = true; again;) {
    auto events = co_await parts.store.prune_events(now - retention.events, at_most);
    again = more(parts.log, "events", events);
    auto activity = co_await parts.store.prune_activity(now - retention.activity, at_most);
    again = more(parts.log, "activity", activity) || again;
    auto decisions = co_await parts.access.prune_decisions(now - retention.decisions, at_most);
    again = more(parts.log, "decisions", decisions) || again;
    auto commands = co_await parts.access.prune_commands(now, at_most);
    again = more(parts.log, "commands", commands) || again;
    auto audit = co_await parts.audit.prune_audit(now - retention.audit, at_most);
    again = more(parts.log, "audit rows", audit) || again;
  }
}

}  // namespace gatehouse
