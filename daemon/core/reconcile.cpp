#include "daemon/core/reconcile.hpp"

#include <algorithm>
#include <utility>

#include "daemon/core/source_record.hpp"

namespace gatehouse {
namespace {

auto claim_of(const Pass& pass, Person& person, const std::string& external_id) {
  return std::ranges::find_if(person.sources, [&](const PersonSource& known) {
    return known.integration == pass.integration && known.external_id.value() == external_id;
  });
}

/// Sets this record's word on presence; true if that is news. False, too, where it is not this person's
/// record.
bool set_present(const Pass& pass, Person& person, const std::string& external_id, bool present) {
  auto source = claim_of(pass, person, external_id);
  if (source == person.sources.end()) return false;
  source->badge = pass.badge;
  source->kind = pass.kind;
  return std::exchange(source->present, present) != present;
}

PersonSource new_claim(const Pass& pass, std::string external_id, LinkRule rule, std::string evidence) {
  return {.integration = pass.integration,
          .external_id = ExternalId(std::move(external_id)),
          .badge = pass.badge,
          .present = true,
          .kind = pass.kind,
          .rule = rule,
          .evidence = std::move(evidence),
          .linked = pass.now};
}

MirrorState mirror_of(const RecordFate& fate) {
  return {.external_id = fate.external_id,
          .fingerprint = fate.fingerprint,
          .keys = fate.keys,
          .present = true,
          .absent_since = std::nullopt,
          .skip = fate.skip,
          .name = fate.name};
}

Issue issue_about(const Pass& pass, const RecordFate& fate, const Person& person, IssueReason reason) {
  return {.number = 0,
          .integration = pass.integration,
          .reason = reason,
          .record = fate.number,
          .external_id = external_id_text(fate.number, fate.external_id),
          .name = fate.name,
          .others = {person.id.value()},
          .fields = {},
          .since = pass.now};
}

/// One field of a person, by who may write it.
struct OwnedField {
  std::string_view name;
  std::string PersonFacts::* field;
  Authority FieldAuthority::* authority;
};
constexpr OwnedField owned_fields[] = {
    {"first_name", &PersonFacts::first_name, &FieldAuthority::first_name},
    {"last_name", &PersonFacts::last_name, &FieldAuthority::last_name},
    {"email", &PersonFacts::email, &FieldAuthority::email},
    {"phone", &PersonFacts::phone, &FieldAuthority::phone},
};

/// What the source may write of `theirs` over `ours`; the fields that nobody may write and that differ go to
/// an issue.
PersonFacts with_authority(const Pass& pass, const Person& person, const RecordFate& fate,
                           std::vector<Issue>& issues) {
  PersonFacts facts = *fate.facts;
  const bool in_cloud =
      std::ranges::find(person.sources, SourceKind::cloud, &PersonSource::kind) != person.sources.end();
  Issue differs = issue_about(pass, fate, person, IssueReason::field_differs);
  for (const auto& owned : owned_fields) {
    const auto authority = pass.authority.*owned.authority;
    if (authority == Authority::source || (authority == Authority::cloud && !in_cloud)) continue;
    std::string& theirs = facts.*owned.field;
    const std::string& ours = person.facts.*owned.field;
    if (authority == Authority::none && theirs != ours) differs.fields[std::string(owned.name)] = theirs;
    theirs = ours;
  }
  if (!differs.fields.empty()) issues.push_back(std::move(differs));
  return facts;
}

Reconciled skip(const RecordBefore& before, const RecordFate& fate, SkipReason reason) {
  // A record without a fingerprint is looked at because somebody was decoupled just now.
  const bool just_decoupled =
      reason == SkipReason::decoupled && before.mirror && before.mirror->fingerprint == 0;
  const bool news = !before.mirror || before.mirror->skip != reason || just_decoupled;
  Reconciled result;
  result.mirror = mirror_of(fate);
  result.mirror->skip = reason;
  if (before.person && before.mirror) result.mirror->keys = before.mirror->keys;  // as last applied
  if (news) {
    result.outcome = reason == SkipReason::excluded_by_mode ? Outcome::excluded : Outcome::skipped;
    result.reason = reason;
  }
  return result;
}

/// The record no longer speaks for its person: what the mapping covers has no place for it, or it is not
/// known whose it is.
Reconciled deny(const Pass& pass, RecordBefore before, const RecordFate& fate, SkipReason reason) {
  Reconciled result = skip(before, fate, reason);
  const bool unknown_whose = reason == SkipReason::identity_changed;
  if (unknown_whose && result.outcome) result.outcome = Outcome::failed;
  const auto id = external_id_text(fate.number, fate.external_id);
  if (!before.person || !set_present(pass, *before.person, id, false)) return result;
  before.person->last_synced = pass.now;
  result.person = std::move(before.person);
  result.end = PersonEnd::disabled;
  result.outcome = unknown_whose ? Outcome::failed : Outcome::disabled;
  result.reason = reason;
  result.changed = {"access"};
  if (fate.leaves) result.op = PlanOp::disable;  // a doubt is no removal, and not the guard's
  return result;
}

Reconciled add(const Pass& pass, const RecordFate& fate, PersonId id) {
  Reconciled result;
  Person person;
  person.id = std::move(id);
  person.facts = *fate.facts;
  person.email_verified = fate.email_verified;
  auto claim = new_claim(pass, external_id_text(fate.number, fate.external_id), LinkRule::created, {});
  claim.says = fate.facts->person_type;
  person.sources.push_back(std::move(claim));
  person.last_synced = pass.now;
  result.mirror = mirror_of(fate);
  result.person = std::move(person);
  result.outcome = Outcome::added;
  result.op = PlanOp::add;
  return result;
}

/// Whose e-mail it is says whether it was verified.
bool writes_email(const Pass& pass, const Person& person) {
  if (pass.authority.email == Authority::source) return true;
  const bool in_cloud =
      std::ranges::find(person.sources, SourceKind::cloud, &PersonSource::kind) != person.sources.end();
  return pass.authority.email == Authority::cloud && !in_cloud;
}

/// The fields that the source which rules leaves to the cloud.
void take_clouds_fields(const Pass& pass, const PersonSource& main, Person& person, const RecordFate& fate,
                        Reconciled& result) {
  const auto ruler = pass.rulers.find(main.integration);
  if (pass.kind != SourceKind::cloud || ruler == pass.rulers.end()) return;
  for (const auto& owned : owned_fields) {
    if (ruler->second.*owned.authority != Authority::cloud) continue;
    const std::string& theirs = (*fate.facts).*owned.field;
    std::string& ours = person.facts.*owned.field;
    if (theirs == ours) continue;
    ours = theirs;
    result.changed.emplace_back(owned.name);
  }
  if (ruler->second.email == Authority::cloud) person.email_verified = fate.email_verified;
}

Issue differing_type(const Pass& pass, const Person& person, const RecordFate& fate, PersonType type) {
  Issue issue = issue_about(pass, fate, person, IssueReason::type_differs);
  issue.fields = {{"person_type", std::string(to_string(type))}};
  return issue;
}

/// The source that rules has spoken: does another one say another type?
void compare_types(const Pass& pass, const Person& person, const RecordFate& fate, Reconciled& result) {
  for (const auto& source : person.sources) {
    const bool asked = source.integration != pass.integration && source.present && person.counts(source);
    if (!asked || !source.says || *source.says == person.facts.person_type) continue;
    result.issues.push_back(differing_type(pass, person, fate, *source.says));
    return;
  }
}

/// This record is `person`'s already. Its facts count where it is the source that rules.
void take_facts(const Pass& pass, Person& person, const RecordFate& fate, Reconciled& result) {
  const auto* main = person.main_source();
  const auto id = external_id_text(fate.number, fate.external_id);
  claim_of(pass, person, id)->says = fate.facts->person_type;
  if (main != nullptr && main->integration == pass.integration && main->external_id.value() == id) {
    auto facts = with_authority(pass, person, fate, result.issues);
    result.changed = changed_facts(person.facts, facts);
    person.facts = std::move(facts);
    if (writes_email(pass, person)) person.email_verified = fate.email_verified;
    compare_types(pass, person, fate, result);
    return;
  }
  if (main != nullptr) take_clouds_fields(pass, *main, person, fate, result);
  if (fate.facts->person_type != person.facts.person_type)
    result.issues.push_back(differing_type(pass, person, fate, fate.facts->person_type));
}

Reconciled link(const Pass& pass, RecordBefore before, const RecordFate& fate) {
  Person& person = *before.target;
  const auto id = external_id_text(fate.number, fate.external_id);
  Reconciled result;
  result.mirror = mirror_of(fate);
  // Somebody else has had the id meanwhile, and this person has it back.
  std::erase_if(person.sources, [&](const PersonSource& source) {
    return source.integration == pass.integration && source.external_id.value() == former_id(id, person.id);
  });
  if (fate.link->rule == LinkRule::relinked && fate.link->other_record) {
    // The id under which the source had the person before.
    std::erase_if(person.sources, [&](const PersonSource& source) {
      return source.integration == pass.integration &&
             names_record(source.external_id.value(), *fate.link->other_record);
    });
  }
  person.sources.push_back(new_claim(pass, id, fate.link->rule, fate.link->evidence));
  take_facts(pass, person, fate, result);
  result.changed.emplace_back("sources");
  person.last_synced = pass.now;
  result.person = std::move(person);
  result.outcome = Outcome::updated;
  result.op = PlanOp::link;
  return result;
}

}  // namespace

Reconciled reconcile(const Pass& pass, RecordBefore before, const RecordFate& fate, PersonId if_new) {
  const auto id = external_id_text(fate.number, fate.external_id);
  if (before.person && claim_of(pass, *before.person, id) == before.person->sources.end()) {
    before.person.reset();  // it was given another record in this one's place
  }
  if (before.person && !before.person->tracked) return skip(before, fate, SkipReason::decoupled);
  if (!fate.facts) {
    const auto reason = fate.skip.value_or(SkipReason::out_of_scope);
    if (fate.leaves || fate.denied || reason == SkipReason::identity_changed)
      return deny(pass, std::move(before), fate, reason);
    return skip(before, fate, reason);
  }
  if (replaces(before, fate)) before.person.reset();
  if (!before.person && fate.link) {
    // Whom it was to be linked to has gone meanwhile: the next pass decides anew.
    if (!before.target || claim_of(pass, *before.target, id) != before.target->sources.end())
      return skip(before, fate, SkipReason::ambiguous_match);
    if (!before.target->tracked) return skip(before, fate, SkipReason::decoupled);
    return link(pass, std::move(before), fate);
  }
  if (!before.person) return add(pass, fate, std::move(if_new));

  const bool was_skipped = before.mirror && before.mirror->skip.has_value();
  Person& person = *before.person;
  const bool was_verified = person.email_verified;
  const auto said = claim_of(pass, person, id)->says;
  Reconciled result;
  result.mirror = mirror_of(fate);
  take_facts(pass, person, fate, result);
  if (set_present(pass, person, id, true)) result.changed.emplace_back("access");
  if (result.changed.empty()) {
    // What was told of the record no longer holds, though nothing of the person changed.
    if (was_skipped) result.outcome = Outcome::processed;
    const bool noted = person.email_verified != was_verified || claim_of(pass, person, id)->says != said;
    if (noted) result.person = std::move(person);  // no news to anybody
    return result;
  }
  person.last_synced = pass.now;
  result.person = std::move(person);
  result.outcome = Outcome::updated;
  result.op = PlanOp::update;
  return result;
}

namespace {

/// A record that the source does not have any more.
RecordFate gone_fate(std::int64_t number, const MirrorState& mirror) {
  RecordFate gone;
  gone.number = number;
  gone.external_id = mirror.external_id;
  gone.name = mirror.name;
  return gone;
}

}  // namespace

bool replaces(const RecordBefore& before, const RecordFate& fate) {
  return before.person && before.person->tracked && fate.facts && fate.stranger;
}

std::string former_id(std::string_view external_id, const PersonId& former) {
  return std::string(external_id) + '/' + former.value();
}

Reconciled reconcile_replaced(const Pass& pass, RecordBefore before, const RecordFate& fate) {
  Reconciled result;
  const auto id = external_id_text(fate.number, fate.external_id);
  Person& former = *before.person;
  const auto theirs = former_id(id, former.id);
  // From an earlier time: they had the id back since.
  if (const auto old = claim_of(pass, former, theirs); old != former.sources.end()) former.sources.erase(old);
  const auto claim = claim_of(pass, former, id);
  if (claim == former.sources.end()) return result;
  claim->external_id = ExternalId(theirs);
  former.last_synced = pass.now;
  result.mirror = before.mirror.value_or(MirrorState{});
  result.mirror->external_id = theirs;
  result.mirror->name = former.facts.first_name + ' ' + former.facts.last_name;
  result.mirror->skip.reset();
  if (pass.on_removed == OnRemoved::keep) {
    claim->present = true;  // also where it was doubted until somebody decided
    result.mirror->present = true;
    result.outcome = Outcome::updated;
    result.changed = {"sources"};
    result.op = PlanOp::update;
    const auto about = gone_fate(record_number(theirs), *result.mirror);
    result.issues.push_back(issue_about(pass, about, former, IssueReason::removed_but_kept));
  } else {
    // OnRemoved::erase, too, as with everybody who is gone.
    claim->present = false;
    result.mirror->present = false;
    result.mirror->absent_since = pass.now;
    result.end = PersonEnd::disabled;
    result.outcome = Outcome::disabled;
    result.changed = {"access"};
    result.op = PlanOp::disable;
  }
  result.person = std::move(former);
  return result;
}

Reconciled reconcile_gone(const Pass& pass, RecordBefore before, std::int64_t number,
                          std::optional<SkipReason> why) {
  Reconciled result;
  if (!before.person || !before.mirror) return result;
  const auto id = external_id_text(number, before.mirror->external_id);
  Person& person = *before.person;
  if (claim_of(pass, person, id) == person.sources.end()) return result;  // relinked: forgotten
  result.mirror = before.mirror;
  const RecordFate about = gone_fate(number, *before.mirror);
  // Both of these stay in the mirror as present, so that each pass finds them gone, and the issue stays open.
  if (!person.tracked) {
    result.issues.push_back(issue_about(pass, about, person, IssueReason::decoupled_but_removed));
    // The cloud says it once: the mirror has to remember it until they are coupled again.
    const auto mark = pass.kind == SourceKind::cloud ? SkipReason::guard_withheld : SkipReason::decoupled;
    if (std::exchange(result.mirror->skip, mark) != mark) {
      result.outcome = Outcome::skipped;
      result.reason = SkipReason::decoupled;
    }
    return result;
  }
  if (pass.on_removed == OnRemoved::keep && !why) {
    result.issues.push_back(issue_about(pass, about, person, IssueReason::removed_but_kept));
    return result;
  }
  result.mirror->present = false;
  result.mirror->absent_since = pass.now;
  result.mirror->skip.reset();
  // OnRemoved::erase disables first, too; reconcile_erased() comes later.
  if (!set_present(pass, person, id, false)) return result;
  person.last_synced = pass.now;
  result.person = std::move(person);
  result.end = PersonEnd::disabled;
  result.outcome = Outcome::disabled;
  result.reason = why;
  result.changed = {"access"};
  result.op = PlanOp::disable;
  return result;
}

Reconciled reconcile_withheld(RecordBefore before) {
  Reconciled result;
  result.mirror = before.mirror;
  if (!result.mirror || result.mirror->skip == SkipReason::guard_withheld) return result;
  result.mirror->skip = SkipReason::guard_withheld;
  result.outcome = Outcome::skipped;
  result.reason = SkipReason::guard_withheld;
  return result;
}

Reconciled reconcile_erased(const Pass& pass, RecordBefore before, std::int64_t number, bool by_plan) {
  Reconciled result;
  if (!before.person) return result;
  Person& person = *before.person;
  const auto id = external_id_text(number, before.mirror ? before.mirror->external_id : std::string());
  const auto claim = claim_of(pass, person, id);
  if (claim == person.sources.end()) return result;
  if (!by_plan && person.sources.size() > 1) {
    result.mirror = before.mirror;
    if (result.mirror) result.mirror->absent_since.reset();  // dealt with: it is not overdue any more
    return result;
  }
  person.sources.erase(claim);
  person.last_synced = pass.now;
  result.unlinks = true;
  result.outcome = Outcome::removed;
  if (person.sources.empty()) {
    result.end = PersonEnd::removed;
    result.op = PlanOp::remove;
  } else {
    result.changed = {"sources"};
    result.op = PlanOp::update;
  }
  result.person = std::move(person);
  return result;
}

}  // namespace gatehouse
