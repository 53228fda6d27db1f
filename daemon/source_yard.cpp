#include "daemon/source_yard.hpp"

#include <algorithm>

#include "daemon/host/zone_database.hpp"

namespace gatehouse {

/// What an operator has switched; where that cannot be read, nothing runs for the integration.
Task<Switch> SourceYard::switch_of(IntegrationId id) {
  auto state = co_await parts_.store.switch_of(id);
  if (state) co_return *state;
  parts_.log.write(Level::error,
                   "what was switched for the integration cannot be read: " + state.error().detail,
                   {{"INTEGRATION", id.value()}});
  co_return Switch::off;
}

Task<void> SourceYard::proceed() {
  for (const auto& integration : std::vector<Integration>(parts_.settings.integrations)) {
    const auto is_it = [&](const auto& source) { return source->settings().id == integration.id; };
    const auto switched = co_await switch_of(integration.id);
    if (std::ranges::any_of(sources_, is_it)) continue;
    auto zone = load_zone(parts_.settings.gateway.timezone);
    if (!zone) {
      parts_.log.write(Level::error,
                       zone.error().detail);  // the configuration was checked: the machine has changed
      continue;
    }
    sources_.push_back(
        std::make_unique<SourceLink>(integration, site_ids(parts_.settings),
                                     SourceLink::Parts{.executor = parts_.executor,
                                                       .worker = parts_.worker,
                                                       .events = parts_.store,
                                                       .directory = parts_.store,
                                                       .issues = parts_.store,
                                                       .plans = parts_.store,
                                                       .people = parts_.store,
                                                       .turn = parts_.turn,
                                                       .exports = parts_.store,
                                                       .audit = parts_.store,
                                                       .zone = *zone,
                                                       .tell_issues = parts_.settings.notify.sync_issues,
                                                       .feeds = parts_.feeds,
                                                       .clock = parts_.clock,
                                                       .log = parts_.log,
                                                       .alerts = parts_.alerts,
                                                       .api_log = parts_.api_log,
                                                       .board = parts_.board,
                                                       .witness = parts_.witness,
                                                       .news = parts_.news,
                                                       .status_changed = parts_.status_changed,
                                                       .tallies = parts_.tallies}));
    sources_.back()->start(switched);
  }
  // As in the configuration, whatever was stopped and started since.
  std::ranges::sort(sources_, {}, [this](const auto& source) { return configured(source->settings().id); });
  parts_.status_changed();
}

const Integration* SourceYard::configured(const IntegrationId& id) const {
  const auto found = std::ranges::find(parts_.settings.integrations, id, &Integration::id);
  return found == parts_.settings.integrations.end() ? nullptr : &*found;
}

PeopleSync* SourceYard::people_of(const IntegrationId& id) {
  for (const auto& source : sources_) {
    if (source->settings().id == id) return source->people();
  }
  return nullptr;
}

IntegrationStatus SourceYard::status_of(const IntegrationId& id) const {
  for (const auto& source : sources_) {
    if (source->settings().id == id) return source->status();
  }
  IntegrationStatus waiting;
  waiting.id = id.value();
  const auto* settings = configured(id);
  if (settings == nullptr) return waiting;
  IntegrationFacts facts;
  facts.enabled = settings->enabled;
  waiting.name = settings->name;
  waiting.kind = settings->kind == IntegrationKind::net2 ? "net2" : "feed";
  waiting.judged = judge(facts);
  return waiting;
}

Task<void> SourceYard::send_off(std::vector<std::unique_ptr<SourceLink>>::iterator source) {
  const auto leaving = leaving_.insert(leaving_.end(), std::move(*source));
  sources_.erase(source);
  co_await (*leaving)->stop();  // where this is cancelled, stop_all() waits for it
  leaving_.erase(leaving);
}

Task<void> SourceYard::halt(std::vector<IntegrationId> ids) {
  for (const auto& id : ids) {
    const auto found =
        std::ranges::find_if(sources_, [&](const auto& source) { return source->settings().id == id; });
    if (found == sources_.end()) continue;
    co_await send_off(found);
  }
}

std::vector<SiteId> SourceYard::site_ids(const Settings& settings) {
  std::vector<SiteId> ids;
  ids.reserve(settings.gateway.sites.size());
  for (const auto& site : settings.gateway.sites) ids.push_back(site.id);
  return ids;
}

Task<void> SourceYard::make_way(const Settings& next) {
  const auto sites = site_ids(next);
  for (std::size_t i = 0; i < sources_.size();) {
    const auto& source = *sources_[i];
    const auto same = std::ranges::find(next.integrations, source.settings());
    const bool keep = same != next.integrations.end() && source.all_sites() == sites && source.current();
    if (keep) {
      ++i;
      continue;
    }
    co_await send_off(sources_.begin() + static_cast<std::ptrdiff_t>(i));
    i = 0;  // the list may be another by now
  }
}

Task<void> SourceYard::stop_all() {
  for (auto& source : sources_) co_await source->stop();
  for (auto& source : leaving_) co_await source->stop();
}

void SourceYard::ring_exports() {
  for (const auto& source : sources_) {
    auto* people = source->people();
    if (people != nullptr && source->settings().sync.to_net2.mode != ExportMode::off) people->ring();
  }
}

void SourceYard::know_anew() {
  if (auto* cloud = parts_.roster()) cloud->know_anew();
  for (const auto& source : sources_) {
    if (auto* people = source->people()) people->know_anew();
  }
}

}  // namespace gatehouse
