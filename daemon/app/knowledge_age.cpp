#include "daemon/app/knowledge_age.hpp"

#include <algorithm>

namespace gatehouse {

void KnowledgeAges::load(const std::vector<Proof>& proofs) {
  for (const auto& proof : proofs) known_[proof.integration].before = proof.at;
}

void KnowledgeAges::proved(const IntegrationId& integration, Uptime at) {
  auto& known = known_[integration];
  known.here = at;
  known.unsaved = true;
}

KnowledgeAge KnowledgeAges::of(const IntegrationId& integration) const {
  const auto found = known_.find(integration);
  if (found == known_.end()) return {};
  const auto& known = found->second;
  if (known.here) return {.age = std::max(clock_.uptime() - *known.here, Duration{0})};
  // A proof from the future: that clock or this one is wrong, and it proves nothing.
  if (known.before && *known.before > clock_.now()) return {.age = std::nullopt, .by_wall_clock = true};
  if (known.before)
    return {.age = std::max(clock_.now() - *known.before, Duration{0}), .by_wall_clock = true};
  return {};
}

KnowledgeAge KnowledgeAges::of(const std::vector<KnownPerson::Source>& sources) const {
  KnowledgeAge oldest;
  bool untold = false;
  for (const auto& source : sources) {
    if (source.kind == SourceKind::walk_in) continue;  // they said their name once: no proof, nor doubt
    const auto one = of(source.integration);
    if (!one.age && !one.by_wall_clock) return {};
    untold = untold || !one.age;
    oldest.age = std::max(oldest.age.value_or(Duration{0}), one.age.value_or(Duration{0}));
    oldest.by_wall_clock = oldest.by_wall_clock || one.by_wall_clock;
  }
  if (untold) oldest.age.reset();
  return oldest;
}

std::vector<Proof> KnowledgeAges::take_unsaved() {
  std::vector<Proof> unsaved;
  for (auto& [integration, known] : known_) {
    if (!known.unsaved || !known.here) continue;
    known.unsaved = false;
    unsaved.push_back({integration, clock_.now() - (clock_.uptime() - *known.here)});
  }
  return unsaved;
}

void KnowledgeAges::put_back(const std::vector<Proof>& proofs) {
  for (const auto& proof : proofs) known_[proof.integration].unsaved = true;
}

}  // namespace gatehouse
