#include "daemon/core/config_trial.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

std::string seconds_text(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

const TrialHealth::Source* find(const std::vector<TrialHealth::Source>& sources, const std::string& id) {
  const auto found = std::ranges::find(sources, id, &TrialHealth::Source::id);
  return found == sources.end() ? nullptr : &*found;
}

}  // namespace

bool ConfigTrial::away(const std::string& what, bool here, Uptime at, Duration limit) {
  if (here) {
    away_since_.erase(what);
    return false;
  }
  return at - away_since_.try_emplace(what, at).first->second >= limit;
}

std::optional<std::string> ConfigTrial::lost(const TrialHealth& now, Uptime at) {
  for (const auto& was : before_.sources) {
    const auto* is = find(now.sources, was.id);
    if (!was.connected || is == nullptr) continue;
    if (is->refused) return was.id + " was connected and is refused now: " + is->detail;
    if (away("source " + was.id, is->connected, at)) {
      return was.id + " was connected and has not come back for " + seconds_text(patience) +
             (is->detail.empty() ? "" : ": " + is->detail);
    }
  }
  const bool had_cloud = before_.cloud_connected && now.cloud_configured;
  if (had_cloud && away("cloud", now.cloud_connected, at))
    return "the cloud was connected and has not come back for " + seconds_text(patience);
  const auto begins_with_loop = [](const auto& one) { return one.first.starts_with("loop "); };
  if (now.late_loops.empty()) std::erase_if(away_since_, begins_with_loop);
  for (const auto& loop : now.late_loops) {
    const bool before = std::ranges::find(before_.late_loops, loop) != before_.late_loops.end();
    if (!before && away("loop " + loop, false, at, patience_with_loops))
      return "the loop \"" + loop + "\" stands still";
  }
  if (at >= ends_) return "nobody has confirmed it within " + seconds_text(within_);
  return std::nullopt;
}

}  // namespace gatehouse
