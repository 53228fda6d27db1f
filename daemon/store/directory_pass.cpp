#include "daemon/store/directory_pass.hpp"

#include <utility>

namespace gatehouse {
namespace {

/// The source's own text, where it is one: of a number nothing has to be kept.
std::string source_text(std::int64_t number, const std::string& external_id) {
  return external_id == std::to_string(number) ? std::string() : external_id;
}

}  // namespace

void DirectoryPass::carry_out(const DirectoryCommit& commit) {
  for (const auto& fate : commit.fates) take(fate);
  for (const auto& gone : commit.gone) depart(gone);
  for (const std::int64_t number : commit.withheld) withhold(number);
  for (const std::int64_t number : commit.erased) erase(number, {}, false);
}

void DirectoryPass::take(const RecordFate& given) {
  // A pass or a plan may have read the record while its person was being erased.
  const bool out = given.skip != SkipReason::erased && is_erased(given);
  const RecordFate substitute = out ? erased_fate(given.number, given.external_id) : RecordFate{};
  const RecordFate& fate = out ? substitute : given;
  Known now = known(fate.number, external_id_text(fate.number, fate.external_id));
  if (!now.row) now.before.mirror.reset();
  now.text = fate.external_id;
  if (replaces(now.before, fate)) {
    replace(now, fate);
    now.before.person.reset();
    now.person.reset();
  }
  PersonId if_new;
  if (fate.facts && !now.before.person) if_new = side_.new_person();
  if (fate.link && !now.before.person) now.before.target = target(*fate.link);
  Reconciled after = reconcile(pass_, std::move(now.before), fate, if_new);
  if (fate.skip == SkipReason::erased && after.mirror) after.mirror->external_id.clear();  // told, not kept
  const bool is_new = after.person && !if_new.value().empty() && after.person->id == if_new;
  if (is_new && side_.doubts(if_new)) after.person->admin_enabled = false;
  PassStep step;
  step.number = fate.number;
  step.fate = &fate;
  write(std::move(step), now, after);
  if (after.op == PlanOp::link && fate.link->rule == LinkRule::relinked && fate.link->other_record)
    forget_former(*fate.link->other_record);
}

bool DirectoryPass::is_erased(const RecordFate& fate) {
  const auto external_id = external_id_text(fate.number, fate.external_id);
  return side_.erased(external_id) && !side_.owner(external_id);
}

/// Whoever had the record goes first, for it belongs to one person at a time.
void DirectoryPass::replace(Known former, const RecordFate& fate) {
  const Reconciled after = reconcile_replaced(pass_, std::move(former.before), fate);
  if (!after.mirror) return;
  former.row.reset();  // the record's own stays with the record
  former.text = fate.external_id;
  PassStep step;
  step.number = record_number(after.mirror->external_id);
  step.replaced = true;
  step.external_id = external_id_text(fate.number, fate.external_id);
  write(std::move(step), former, after);
}

/// The id under which the source had the person before is nobody's any more: whoever comes with it is new.
void DirectoryPass::forget_former(std::int64_t number) {
  const Known former = known(number, {});
  if (!former.row) return;
  PassStep step;
  step.number = number;
  write(std::move(step), former, Reconciled{});
}

void DirectoryPass::depart(const Departure& gone, const std::string& external_id) {
  Known now = known(gone.record, external_id);
  const Reconciled after = reconcile_gone(pass_, std::move(now.before), gone.record, gone.why);
  PassStep step;
  step.number = gone.record;
  step.why = gone.why;
  write(std::move(step), now, after);
}

void DirectoryPass::withhold(std::int64_t number) {
  Known now = known(number, {});
  const Reconciled after = reconcile_withheld(std::move(now.before));
  PassStep step;
  step.number = number;
  write(std::move(step), now, after);
}

void DirectoryPass::erase(std::int64_t number, const std::string& external_id, bool by_plan) {
  Known now = known(number, external_id);
  const Reconciled after = reconcile_erased(pass_, std::move(now.before), number, by_plan);
  PassStep step;
  step.number = number;
  step.erased = true;
  write(std::move(step), now, after);
}

/// The mirror's row, and the person who has the record. A record that a removed integration left with its
/// person has no row: `before.mirror` then knows no more than its name.
DirectoryPass::Known DirectoryPass::known(std::int64_t number, const std::string& external_id) {
  Known now;
  now.row = side_.record(number);
  if (now.row) {
    now.before.mirror = now.row->state;
  } else if (!external_id.empty()) {
    now.before.mirror.emplace().external_id = source_text(number, external_id);
  }
  if (now.before.mirror) now.text = now.before.mirror->external_id;
  now.person = side_.owner(external_id_text(number, now.text));
  if (now.person) now.before.person = side_.person(*now.person);
  return now;
}

std::optional<Person> DirectoryPass::target(const RecordLink& link) {
  if (!link.person.value().empty()) return side_.person(link.person);
  if (!link.other_record) return std::nullopt;
  const auto other = side_.record(*link.other_record);
  const auto id = side_.owner(external_id_text(*link.other_record, other ? other->state.external_id : ""));
  return id ? side_.person(*id) : std::nullopt;
}

void DirectoryPass::write(PassStep step, const Known& known, const Reconciled& after) {
  const bool removed = after.end == PersonEnd::removed;
  if (after.person) removed ? side_.remove(after.person->id) : side_.save(*after.person);

  if (after.mirror) {
    std::optional<PersonId> person = known.person;
    if (after.person) person = after.person->id;
    if (after.unlinks || removed) person.reset();
    step.mirror = MirrorRow{*after.mirror, std::move(person)};
    if (step.mirror != known.row) side_.save(step.number, *step.mirror);
  } else if (known.row) {
    side_.forget(step.number);
  }
  if (!step.replaced) step.external_id = external_id_text(step.number, known.text);
  step.person = known.person;
  step.after = &after;
  side_.tell(step);
}

}  // namespace gatehouse
