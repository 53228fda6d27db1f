#include "tests/month/model.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "tests/month/judge.hpp"

namespace gatehouse::month {
namespace {

bool found_with_both_sides(IssueReason reason) {
  return reason == IssueReason::type_differs || reason == IssueReason::field_differs ||
         reason == IssueReason::removed_but_kept || reason == IssueReason::decoupled_but_removed;
}

}  // namespace

RecordId former_record(RecordId record, SoulId soul) {
  return -1 - record_number(std::to_string(record) + '/' + std::to_string(soul));
}

std::string former_text(const std::string& external_id) {
  constexpr std::size_t of_person = 26;
  return external_id + '/' + std::string(of_person, 'x');
}

Model::Model(std::vector<Integration> integrations) {
  for (auto& settings : integrations) directories.emplace_back().settings = std::move(settings);
}

bool Model::pass(std::size_t source, const std::vector<SourceRecord>& people, bool full, Instant now) {
  auto& directory = directories[source];
  const auto present = [](const auto& entry) { return entry.second.present; };
  if (people.empty() && std::ranges::any_of(directory.known, present)) return false;
  const auto judgement = judge(source, people, full || directory.look_at_all);
  auto issues = judgement.issues;
  const auto wait = [&](PlanKind kind, std::set<Listed> changes) {
    // What the two sides show together is known when they have met; until then it stays as it was.
    for (const auto& issue : directory.issues) {
      if (found_with_both_sides(issue.first)) issues.insert(issue);
    }
    directory.issues = issues;
    directory.plan = WaitingPlan{.kind = kind, .changes = std::move(changes)};
  };
  if (!directory.complete && directory.settings.sync.first == FirstSync::confirm) {
    wait(PlanKind::first_sync, preview(source, judgement, PlanKind::first_sync, now));
    if (judgement.blockers != 0) directory.plan.reset();
    return true;
  }
  if (directory.complete && (judgement.other_shape || judgement.other_server)) {
    auto changes = preview(source, judgement, PlanKind::mapping_change, now);
    const bool failing = judgement.other_shape && judgement.newly_failing;
    const bool nothing = changes.empty();
    if (!nothing || failing) {
      wait(PlanKind::mapping_change, std::move(changes));
      if (nothing) directory.plan.reset();
      return true;
    }
  }
  settle(source, judgement, now);
  return true;
}

/// A pass that stops at nothing but the guard.
void Model::settle(std::size_t source, const Judgement& judgement, Instant now) {
  auto& directory = directories[source];
  directory.plan.reset();
  found_.clear();
  removed_ = 0;
  std::uint64_t present = 0;
  for (const auto& soul : souls) {
    if (!soul) continue;
    for (const auto& claim : soul->claims) present += claim.source == source && claim.present ? 1 : 0;
  }
  std::vector<const Judged*> last;
  for (const auto& judged : judgement.looked) {
    const bool rests = judged.bond && !judged.bond->soul;
    if (rests || judged.leaves)
      last.push_back(&judged);
    else
      take(source, judged, now);
  }
  for (const auto* judged : last) {
    if (!judged->leaves) take(source, *judged, now);
  }
  std::vector<RecordId> gone;
  for (const auto& [record, memory] : directory.known) {
    if (memory.present && !judgement.here.contains(record) && !judgement.held.contains(record))
      gone.push_back(record);
  }
  const bool keep = directory.settings.sync.on_removed == OnRemoved::keep;
  std::uint64_t wanted = 0;
  for (const auto record : gone) wanted += !keep && takes_access(source, record) ? 1 : 0;
  for (const auto* judged : last) {
    wanted += judged->leaves && takes_access(source, judged->record->number) ? 1 : 0;
  }
  const bool held = guard_trips(source, wanted, present, now);
  if (held) directory.plan = WaitingPlan{PlanKind::guard, preview(source, judgement, PlanKind::guard, now)};
  const auto withhold = [&](RecordId record) {
    const bool takes = held && takes_access(source, record);
    if (takes) directory.known[record].skip = SkipReason::guard_withheld;
    return takes;
  };
  for (const auto* judged : last) {
    if (judged->leaves && !withhold(judged->record->number)) take(source, *judged, now);
  }
  for (const auto record : gone) {
    if (keep || !withhold(record)) depart(source, record, now);
  }
  erase_overdue(source, now);
  if (removed_ != 0) directory.removals.emplace_back(now, removed_);
  for (const auto& judged : judgement.looked) {
    for (const auto& field : judged.reading.healed) directory.mended.erase({judged.record->number, field});
  }
  // Said of one change of identity, not of all to come; a bad record has to wait.
  std::set<RecordId> sound;
  for (const auto& judged : judgement.looked) {
    if (!judged.reading.skip) sound.insert(judged.record->number);
  }
  std::erase_if(directory.wishes, [&](const auto& entry) {
    const auto kind = entry.second.kind;
    const bool once = kind == RecordChoice::Kind::same || kind == RecordChoice::Kind::stranger;
    return once && (sound.contains(entry.first) || !judgement.here.contains(entry.first));
  });
  directory.issues = judgement.issues;
  directory.issues.insert(found_.begin(), found_.end());
  directory.shape = shape_of(directory.settings);
  directory.complete = true;
  directory.look_at_all = false;
}

bool Model::apply_plan(std::size_t source, const std::vector<SourceRecord>& people, Instant now) {
  auto& directory = directories[source];
  if (!directory.plan) return false;
  const auto plan = *directory.plan;
  const auto present = [](const auto& entry) { return entry.second.present; };
  if (people.empty() && std::ranges::any_of(directory.known, present)) return false;
  const auto judgement = judge(source, people, false);
  auto due = PlanKind::guard;
  if (!directory.complete && directory.settings.sync.first == FirstSync::confirm) due = PlanKind::first_sync;
  if (directory.complete && (judgement.other_shape || judgement.other_server)) due = PlanKind::mapping_change;
  if (due != plan.kind || (due == PlanKind::first_sync && judgement.blockers != 0)) return false;
  if (preview(source, judgement, plan.kind, now) != plan.changes) return false;
  std::set<RecordId> listed;
  for (const auto& change : plan.changes) listed.insert(change.record);
  for (const bool resting : {false, true}) {
    for (const auto& judged : judgement.looked) {
      const bool rests = judged.bond && !judged.bond->soul;
      if (listed.contains(judged.record->number) && rests == resting) take(source, judged, now);
    }
  }
  for (const auto record : listed) {
    if (!judgement.here.contains(record)) depart(source, record, now);
  }
  directory.plan.reset();
  directory.shape = shape_of(directory.settings);
  directory.complete = true;
  directory.look_at_all = true;
  return true;
}

/// What would happen, listed; nothing happens.
std::set<Listed> Model::preview(std::size_t source, const Judgement& judgement, PlanKind kind,
                                Instant now) const {
  std::set<Listed> changes;
  Model draft = *this;
  draft.listing_ = &changes;
  draft.first_new_ = souls.size();
  auto& directory = draft.directories[source];
  std::vector<RecordId> gone;
  for (const auto& [record, memory] : directory.known) {
    if (memory.present && !judgement.here.contains(record) && !judgement.held.contains(record))
      gone.push_back(record);
  }
  for (const bool resting : {false, true}) {
    for (const auto& judged : judgement.looked) {
      const bool rests = judged.bond && !judged.bond->soul;
      if (rests != resting || (kind == PlanKind::guard ? !judged.leaves : judged.skip && !judged.leaves))
        continue;
      draft.take(source, judged, now);
    }
  }
  for (const auto record : gone) draft.depart(source, record, now);
  return changes;
}

Model::Judgement Model::judge(std::size_t source, const std::vector<SourceRecord>& people, bool full) const {
  return Judge(*this, source).judge(people, full);
}

Memory& Model::note(std::size_t source, const Judged& judged, std::optional<SkipReason> skip, bool accepted) {
  auto& memory = directories[source].known[judged.record->number];
  memory.said = *judged.record;
  if (accepted || !memory.soul) memory.marks = judged.reading.marks;
  memory.present = true;
  memory.look_again = false;
  memory.absent_since.reset();
  memory.skip = skip;
  return memory;
}

void Model::take(std::size_t source, const Judged& judged, Instant now) {
  const auto number = judged.record->number;
  const auto soul = owner(source, number);
  const auto external_id =
      judged.record->external_id.empty() ? std::to_string(number) : judged.record->external_id;
  if (soul && !souls[static_cast<std::size_t>(*soul)]->tracked) {
    note(source, judged, SkipReason::decoupled, false);
    return;
  }
  if (judged.skip) {
    note(source, judged, judged.skip, false);
    if (!soul || (!judged.leaves && !judged.denied)) return;
    for (auto& claim : souls[static_cast<std::size_t>(*soul)]->claims) {
      if (claim.source != source || claim.record != number || !std::exchange(claim.present, false)) continue;
      if (!judged.leaves) continue;
      ++removed_;
      list(PlanOp::disable, number, soul, {"access"}, nullptr);
    }
    return;
  }
  const auto claim = [&](bool created) {
    return Claim{.source = source,
                 .record = number,
                 .external_id = external_id,
                 .present = true,
                 .created = created,
                 .linked = now,
                 .says = judged.reading.facts.person_type};
  };
  std::optional<SoulId> target;
  if (!soul && judged.bond) {
    target = judged.bond->soul ? judged.bond->soul : owner(source, *judged.bond->other);
    if (!target || !souls[static_cast<std::size_t>(*target)]) {
      note(source, judged, SkipReason::ambiguous_match, false);
      return;
    }
    if (!souls[static_cast<std::size_t>(*target)]->tracked) {
      note(source, judged, SkipReason::decoupled, false);  // an untracked person is skipped whole
      return;
    }
  }
  if (soul && judged.stranger) lose_id(source, *soul, number, now);
  auto& memory = note(source, judged, std::nullopt, true);
  std::set<std::string> changed;
  if (target) {
    if (judged.bond->instead) {
      forget_claim(source, *target, *judged.bond->other);
      directories[source].known.erase(*judged.bond->other);
    }
    forget_claim(source, *target, former_record(number, *target));  // the id is theirs again
    souls[static_cast<std::size_t>(*target)]->claims.push_back(claim(false));
    memory.soul = target;
    take_facts(source, *target, judged, changed);
    changed.insert("sources");
    list(PlanOp::link, number, target, changed, &judged.reading.facts);
    return;
  }
  if (!soul || judged.stranger) {
    souls.push_back(
        Soul{.facts = judged.reading.facts, .tracked = true, .until = {}, .claims = {claim(true)}});
    memory.soul = static_cast<SoulId>(souls.size() - 1);
    list(PlanOp::add, number, std::nullopt, {}, &judged.reading.facts);
    return;
  }
  take_facts(source, *soul, judged, changed);
  for (auto& mine : souls[static_cast<std::size_t>(*soul)]->claims) {
    if (mine.source == source && mine.record == number && !std::exchange(mine.present, true))
      changed.insert("access");
  }
  if (!changed.empty()) list(PlanOp::update, number, soul, changed, &judged.reading.facts);
}

/// The ruling claim's facts count; another that says another type is an issue.
void Model::take_facts(std::size_t source, SoulId id, const Judged& judged, std::set<std::string>& changed) {
  auto& soul = *souls[static_cast<std::size_t>(id)];
  for (auto& claim : soul.claims) {
    if (claim.source == source && claim.record == judged.record->number)
      claim.says = judged.reading.facts.person_type;
  }
  const auto& ruler = ruling(soul);
  PersonFacts facts = judged.reading.facts;
  if (ruler.source != source || ruler.record != judged.record->number) {
    if (facts.person_type != soul.facts.person_type)
      found_.insert({IssueReason::type_differs, judged.record->number});
    return;
  }
  if (directories[source].settings.sync.authority.phone == Authority::none &&
      facts.phone != soul.facts.phone) {
    found_.insert({IssueReason::field_differs, judged.record->number});
    facts.phone = soul.facts.phone;
  }
  changed = differing(soul.facts, facts);
  soul.facts = facts;
  for (const auto& claim : soul.claims) {
    if (claim.source != source && claim.present && claim.says && *claim.says != facts.person_type)
      found_.insert({IssueReason::type_differs, judged.record->number});
  }
}

/// Somebody else has the id now: the record of whoever had it is gone, under another name.
void Model::lose_id(std::size_t source, SoulId id, RecordId record, Instant now) {
  auto& directory = directories[source];
  const bool keep = directory.settings.sync.on_removed == OnRemoved::keep;
  const auto former = former_record(record, id);
  forget_claim(source, id, former);  // from an earlier time
  auto& memory = directory.known[former] = directory.known[record];
  memory.skip.reset();
  for (auto& claim : souls[static_cast<std::size_t>(id)]->claims) {
    if (claim.source != source || claim.record != record) continue;
    claim.record = former;
    claim.external_id = former_text(claim.external_id);
    claim.present = keep;  // also of whom the change had put in doubt
  }
  if (keep) {
    found_.insert({IssueReason::removed_but_kept, former});
    list(PlanOp::update, former, id, {"sources"}, nullptr);
    return;
  }
  memory.present = false;
  memory.absent_since = now;
  list(PlanOp::disable, former, id, {"access"}, nullptr);
}

/// A record that is not in a complete list.
void Model::depart(std::size_t source, RecordId record, Instant now) {
  const auto found = directories[source].known.find(record);
  if (found == directories[source].known.end()) return;  // its person has another in its place
  auto& memory = found->second;
  if (!memory.soul) {
    directories[source].known.erase(found);
    return;
  }
  auto& soul = *souls[static_cast<std::size_t>(*memory.soul)];
  if (!soul.tracked) {
    memory.skip = SkipReason::decoupled;
    found_.insert({IssueReason::decoupled_but_removed, record});
    return;
  }
  if (directories[source].settings.sync.on_removed == OnRemoved::keep) {
    found_.insert({IssueReason::removed_but_kept, record});
    return;
  }
  memory.present = false;
  memory.absent_since = now;
  memory.skip.reset();
  for (auto& claim : soul.claims) {
    if (claim.source != source || claim.record != record || !std::exchange(claim.present, false)) continue;
    ++removed_;
    list(PlanOp::disable, record, memory.soul, {"access"}, nullptr);
  }
}

void Model::forget_claim(std::size_t source, SoulId id, RecordId record) {
  auto& soul = souls[static_cast<std::size_t>(id)];
  std::erase_if(soul->claims,
                [&](const Claim& claim) { return claim.source == source && claim.record == record; });
}

/// on_removed: delete, its second step.
void Model::erase_overdue(std::size_t source, Instant now) {
  auto& directory = directories[source];
  if (directory.settings.sync.on_removed != OnRemoved::erase) return;
  for (auto& [record, memory] : directory.known) {
    if (!memory.absent_since || !memory.soul) continue;
    auto& soul = souls[static_cast<std::size_t>(*memory.soul)];
    if (!soul->tracked || *memory.absent_since >= now - directory.settings.sync.delete_after) continue;
    if (soul->claims.size() > 1) {  // no plan has removed it: the claim stays, absent
      memory.absent_since.reset();
      continue;
    }
    forget_claim(source, *memory.soul, record);
    if (soul->claims.empty()) soul.reset();
    memory.soul.reset();
  }
}

/// Whether its removal would take access from somebody.
bool Model::takes_access(std::size_t source, RecordId record) const {
  const auto id = owner(source, record);
  if (!id) return false;
  const auto& soul = *souls[static_cast<std::size_t>(*id)];
  return soul.tracked && std::ranges::any_of(soul.claims, [&](const Claim& claim) {
           return claim.source == source && claim.record == record && claim.present;
         });
}

bool Model::guard_trips(std::size_t source, std::uint64_t wanted, std::uint64_t present, Instant now) const {
  const auto& directory = directories[source];
  const auto& guard = directory.settings.sync.guard;
  std::uint64_t already = 0;
  for (const auto& [at, count] : directory.removals) already += at >= now - guard.window ? count : 0;
  const auto all = wanted + already;
  if (wanted == 0) return false;
  return all > guard.count ||
         (all > 5 && static_cast<double>(all) * 100 > guard.percent * static_cast<double>(present + already));
}

void Model::list(PlanOp op, RecordId record, std::optional<SoulId> soul, std::set<std::string> fields,
                 const PersonFacts* facts) {
  if (listing_ == nullptr) return;
  std::string text;
  if (soul && static_cast<std::size_t>(*soul) >= first_new_) soul.reset();  // nobody knows them yet
  if (facts != nullptr) text = facts_text(*facts, op == PlanOp::add ? nullptr : &fields);
  listing_->insert(
      {.op = op, .record = record, .soul = soul, .fields = std::move(fields), .facts = std::move(text)});
}

std::optional<SoulId> Model::owner(std::size_t source, RecordId record) const {
  const auto known = directories[source].known.find(record);
  return known == directories[source].known.end() ? std::nullopt : known->second.soul;
}

/// Net2 before a feed; among equals the one that the person came with, then the oldest.
const Claim& Model::ruling(const Soul& soul) const {
  return *std::ranges::min_element(soul.claims, {}, [&](const Claim& claim) {
    const auto& settings = directories[claim.source].settings;
    return std::tuple(settings.kind == IntegrationKind::feed, !claim.created, claim.linked,
                      settings.id.value(), claim.external_id.size(), claim.external_id);
  });
}

void Model::couple(SoulId id) {
  auto& soul = *souls[static_cast<std::size_t>(id)];
  soul.tracked = true;
  soul.until.reset();
  for (const auto& claim : soul.claims) directories[claim.source].known[claim.record].look_again = true;
}

void Model::couple_overdue(Instant now) {
  for (std::size_t i = 0; i < souls.size(); ++i) {
    if (souls[i] && !souls[i]->tracked && souls[i]->until && *souls[i]->until <= now)
      couple(static_cast<SoulId>(i));
  }
}

}  // namespace gatehouse::month
