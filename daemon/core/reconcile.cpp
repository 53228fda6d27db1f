#include "daemon/core/reconcile.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {
namespace {

ExternalId external_id(std::int64_t number) {
  return ExternalId(std::to_string(number));
}

/// Sets this record's word on presence; true if that is news.
bool set_present(const Pass& pass, Person& person, ExternalId id, bool present) {
  auto source = std::ranges::find_if(person.sources, [&](const PersonSource& known) {
    return known.integration == pass.integration && known.external_id == id;
  });
  if (source == person.sources.end()) {
    person.sources.push_back({pass.integration, std::move(id), pass.badge, present});
    return true;
  }
  source->badge = pass.badge;
  return std::exchange(source->present, present) != present;
}

Reconciled skip(RecordBefore before, const RecordFate& fate, SkipReason reason) {
  const bool news = !before.mirror || before.mirror->skip != reason;
  Reconciled result;
  result.mirror = MirrorState{fate.fingerprint, true, reason, fate.name};
  if (news) {
    result.outcome = reason == SkipReason::excluded_by_mode ? Outcome::excluded : Outcome::skipped;
    result.reason = reason;
  }
  return result;
}

Reconciled add(const Pass& pass, const RecordFate& fate, PersonId id) {
  Person person;
  person.id = std::move(id);
  person.facts = *fate.facts;
  person.sources.push_back({pass.integration, external_id(fate.number), pass.badge, true});
  person.last_synced = pass.now;
  return {.mirror = MirrorState{fate.fingerprint, true, std::nullopt, fate.name},
          .person = std::move(person),
          .outcome = Outcome::added,
          .reason = std::nullopt,
          .changed = {}};
}

}  // namespace

Reconciled reconcile(const Pass& pass, RecordBefore before, const RecordFate& fate, PersonId if_new) {
  if (before.person && !before.person->tracked) return skip(std::move(before), fate, SkipReason::decoupled);
  if (!fate.facts) return skip(std::move(before), fate, fate.skip.value_or(SkipReason::out_of_scope));
  if (!before.person) return add(pass, fate, std::move(if_new));

  const bool was_skipped = before.mirror && before.mirror->skip.has_value();
  Person& person = *before.person;
  Reconciled result;
  result.mirror = MirrorState{fate.fingerprint, true, std::nullopt, fate.name};
  result.changed = changed_facts(person.facts, *fate.facts);
  if (set_present(pass, person, external_id(fate.number), true)) result.changed.emplace_back("access");
  if (result.changed.empty()) {
    // What was told of the record no longer holds, though nothing of the person changed.
    if (was_skipped) result.outcome = Outcome::processed;
    return result;
  }
  person.facts = *fate.facts;
  person.last_synced = pass.now;
  result.person = std::move(person);
  result.outcome = Outcome::updated;
  return result;
}

Reconciled reconcile_gone(const Pass& pass, RecordBefore before, std::int64_t number, OnRemoved on_removed) {
  Reconciled result;
  if (!before.person) return result;
  result.mirror = before.mirror.value_or(MirrorState{});
  result.mirror->present = false;
  if (!before.person->tracked) {
    if (result.mirror->skip != SkipReason::decoupled) {
      result.mirror->skip = SkipReason::decoupled;
      result.outcome = Outcome::skipped;
      result.reason = SkipReason::decoupled;
    }
    return result;
  }
  if (on_removed == OnRemoved::keep) return result;
  // OnRemoved::erase disables first, too; what is erased later is not this pass's concern.
  if (!set_present(pass, *before.person, external_id(number), false)) return result;
  before.person->last_synced = pass.now;
  result.person = std::move(before.person);
  result.outcome = Outcome::disabled;
  result.changed = {"access"};
  return result;
}

}  // namespace gatehouse
