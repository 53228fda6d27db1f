#include "daemon/store/directory_draft.hpp"

#include <utility>

namespace gatehouse {
namespace {

constexpr char new_mark = '+';  // no ULID begins so

bool is_new(const PersonId& person) {
  return person.value().starts_with(new_mark);
}

}  // namespace

std::optional<MirrorRow> DirectoryDraft::record(std::int64_t number) {
  if (const auto changed = records_.find(number); changed != records_.end()) return changed->second;
  return key_ ? stored_.records.load(*key_, number) : std::nullopt;
}

std::optional<Person> DirectoryDraft::person(const PersonId& id) {
  if (const auto changed = people_.find(id); changed != people_.end()) return changed->second;
  return stored_.people.load(id.value());
}

std::optional<PersonId> DirectoryDraft::owner(const std::string& external_id) {
  if (const auto changed = owners_.find(external_id); changed != owners_.end()) return changed->second;
  return key_ ? stored_.people.owner(*key_, external_id) : std::nullopt;
}

PersonId DirectoryDraft::new_person() {
  return PersonId(new_mark + std::to_string(++made_));
}

void DirectoryDraft::disown(const PersonId& id) {
  const auto was = person(id);
  if (!was) return;
  for (const auto& source : was->sources) {
    if (source.integration == integration_) owners_[source.external_id.value()].reset();
  }
}

void DirectoryDraft::save(const Person& person) {
  disown(person.id);
  for (const auto& source : person.sources) {
    if (source.integration == integration_) owners_[source.external_id.value()] = person.id;
  }
  put_in_order((people_[person.id] = person)->sources);
}

void DirectoryDraft::remove(const PersonId& person) {
  disown(person);
  people_[person].reset();
}

std::string DirectoryDraft::name_of(const PassStep& step) const {
  if (step.mirror && !step.mirror->state.name.empty()) return step.mirror->state.name;
  const Person* person = step.after->person ? &*step.after->person : nullptr;
  if (person == nullptr) return {};
  return person->facts.first_name + ' ' + person->facts.last_name;
}

void DirectoryDraft::tell(const PassStep& step) {
  const Reconciled& after = *step.after;
  if (!after.op) return;
  PlanChange change;
  change.op = *after.op;
  change.record = step.number;
  change.external_id = step.external_id;
  const auto whose = after.person && after.op != PlanOp::add ? std::optional(after.person->id) : std::nullopt;
  if (whose && !is_new(*whose)) change.person = *whose;
  change.name = name_of(step);
  change.changed = after.changed;
  if (step.fate != nullptr) change.fate = *step.fate;
  if (step.fate == nullptr && step.why) {
    change.fate.emplace();
    change.fate->number = step.number;
    change.fate->skip = step.why;
  }
  changes_.push_back(std::move(change));
}

}  // namespace gatehouse
