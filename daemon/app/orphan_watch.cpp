#include "daemon/app/orphan_watch.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

constexpr std::string_view kind = "integration_orphaned";

/// Ids that no block can have: their people come from elsewhere.
bool is_reserved(const IntegrationId& id) {
  return id.value() == "cloud" || id.value() == "walk_in";
}

}  // namespace

Task<void> OrphanWatch::look(std::vector<Integration> configured) {
  auto people = co_await parts_.queries.count_people();
  if (!people) co_return;
  std::vector<std::string> orphaned;
  for (const auto& of : people->by_integration) {
    if (is_reserved(of.integration) ||
        std::ranges::find(configured, of.integration, &Integration::id) != configured.end())
      continue;
    auto switched = co_await parts_.switches.switch_of(of.integration);
    if (!switched) co_return;
    if (*switched == Switch::removed) continue;
    const auto& id = of.integration.value();
    const auto text = std::to_string(of.people) + " people come from " + id +
                      ", which is not in the configuration any more: they keep what it said last";
    const auto* hint = "put its block back, or decide about its people: gatehouse integration remove";
    orphaned.push_back(id);
    parts_.alerts.raise({.kind = std::string(kind),
                         .subject = id,
                         .detail = "nobody reads this integration any more, and people here come from it",
                         .hint = hint});
    if (logged_.insert(id).second)
      parts_.log.write(Level::warning, text + "; " + hint, {{"INTEGRATION", id}});
  }
  std::erase_if(logged_,
                [&](const std::string& id) { return std::ranges::find(orphaned, id) == orphaned.end(); });
  parts_.alerts.over_but_for(std::string(kind), orphaned);
}

}  // namespace gatehouse
