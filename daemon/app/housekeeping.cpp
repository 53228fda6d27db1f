#include "daemon/app/housekeeping.hpp"

#include <string>

namespace gatehouse {
namespace {

constexpr std::size_t at_most = 1000;

void tell(Log& log, std::string_view what, const Result<std::size_t>& pruned) {
  if (!pruned)
    log.write(Level::warning, "old " + std::string(what) + " could not be pruned: " + pruned.error().detail);
}

}  // namespace

Task<void> prune_old(HousekeepingParts parts, Retention retention, Pulse& pulse) {
  const auto now = parts.clock.now();
  for (;;) {
    auto events = co_await parts.store.prune_events(now - retention.events, at_most);
    tell(parts.log, "events", events);
    if (!events || *events < at_most) break;
    pulse.expect_within(std::chrono::seconds(60));
  }
  auto activity = co_await parts.store.prune_activity(now - retention.activity, at_most);
  tell(parts.log, "activity", activity);
  auto decisions = co_await parts.access.prune_decisions(now - retention.decisions, at_most);
  tell(parts.log, "decisions", decisions);
  auto commands = co_await parts.access.prune_commands(now, at_most);
  tell(parts.log, "commands", commands);
  auto audit = co_await parts.audit.prune_audit(now - retention.audit, at_most);
  tell(parts.log, "audit rows", audit);
}

}  // namespace gatehouse
