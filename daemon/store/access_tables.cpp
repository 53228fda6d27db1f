#include "daemon/store/access_tables.hpp"

#include <algorithm>

#include "daemon/store/fault.hpp"
#include "daemon/store/stored_door.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {

void AccessTables::begin(const AccessBegin& begin) {
  if (begin.command) parts_.commands.take(*begin.command);
  if (begin.walk_in) add(*begin.walk_in);
  if (begin.decision) keep(*begin.decision, begin.basis);
  for (const auto& intent : begin.intents) add(intent);
  if (begin.presence && !parts_.tombstones.covers(begin.presence->person))
    parts_.presence.save(*begin.presence);
  if (begin.hold) parts_.state.begin_hold(*begin.hold);
  if (begin.lockdown) parts_.state.set_lockdown(begin.lockdown->first, begin.lockdown->second);
  parts_.audit.add(begin.audit);
  for (const auto& message : begin.messages) parts_.outbox.append(message);
}

/// What was decided of somebody who was erased meanwhile is kept without them.
void AccessTables::keep(const DecisionRecord& decision, std::string_view basis) {
  if (decision.person && parts_.tombstones.covers(*decision.person)) {
    DecisionRecord nobodys = decision;
    nobodys.person.reset();
    return keep(nobodys, {});
  }
  const auto stored = parts_.decisions.revision(decision.id);
  if (!stored) {
    parts_.decisions.add(decision, basis);
  } else if (*stored <= decision.revision) {
    parts_.decisions.replace(decision);
  }
}

void AccessTables::add(const DoorIntent& intent) {
  const std::string door = to_string(intent.door);
  db_.use("INSERT OR REPLACE INTO door_intent (owner, door, action, at, scheduled) VALUES (?, ?, ?, ?, ?)")
      .bind(intent.owner, door, to_string(intent.action), to_ms(intent.at), intent.scheduled)
      .run();
  if (intent.scheduled) return;
  db_.use("INSERT OR REPLACE INTO door_commanded (door, at) VALUES (?, ?)")
      .bind(door, to_ms(intent.at))
      .run();
}

void AccessTables::add(const WalkIn& walk_in) {
  const IntegrationId integration("walk_in");
  const Instant now = clock_.now();
  parts_.keys.describe(parts_.keys.make(integration), "Walk-in", SourceKind::walk_in);
  Person person;
  person.id = walk_in.person;
  person.facts.first_name = walk_in.first_name;
  person.facts.last_name = walk_in.last_name;
  person.facts.person_type = PersonType::visitor;
  person.facts.site = walk_in.site.value();
  person.facts.sites = {walk_in.site.value()};
  person.sources = {{.integration = integration,
                     .external_id = ExternalId(walk_in.person.value()),
                     .badge = "Walk-in",
                     .present = true,
                     .kind = SourceKind::walk_in,
                     .rule = LinkRule::created,
                     .evidence = {},
                     .linked = now}};
  person.last_synced = now;
  parts_.people.save(person);
  parts_.outbox.append(person_upserted(person, {}, clock_.new_id(), now));
}

void AccessTables::end(const AccessEnd& end) {
  for (const auto& door : end.doors) {
    db_.use("DELETE FROM door_intent WHERE owner = ? AND door = ?").bind(end.owner, to_string(door)).run();
  }
  if (end.decision) keep(*end.decision, {});
  if (end.command) parts_.commands.answer(*end.command);
  if (end.hold_over) parts_.state.end_hold(*end.hold_over);
  parts_.audit.add(end.audit);
  for (const auto& message : end.messages) parts_.outbox.append(message);
}

bool AccessTables::is_open(const std::string& owner, const DoorId& door) {
  Statement row = db_.use("SELECT 1 FROM door_intent WHERE owner = ? AND door = ?");  // the key: one row
  return row.bind(owner, to_string(door)).step();
}

bool AccessTables::has_ended(const AccessEnd& end) {
  if (end.doors.empty() && !end.decision && !end.command && !end.hold_over) return false;
  if (std::ranges::any_of(end.doors, [&](const DoorId& door) { return is_open(end.owner, door); }))
    return false;
  if (end.decision) {
    const auto stored = parts_.decisions.load(end.decision->id);
    if (!stored || stored->decision.revision < end.decision->revision) return false;
    if (stored->decision.revision == end.decision->revision && stored->decision != *end.decision)
      return false;
  }
  if (end.command && !parts_.commands.is_answered(*end.command)) return false;
  // A hold at that door may be a newer one by now, which is not to be ended by what is asked again.
  if (end.decision || end.command) return true;
  return !end.hold_over || !parts_.state.holds(*end.hold_over);
}

std::vector<DoorIntent> AccessTables::intents() {
  std::vector<DoorIntent> found;
  Statement row =
      db_.use("SELECT owner, door, action, at, scheduled FROM door_intent ORDER BY at, owner, door");
  while (row.step()) {
    const auto action = parse_door_action(row.text(2));
    if (!action) throw StoreFault({Errc::storage, "the store's file is damaged: door action " + row.text(2)});
    found.push_back({.owner = row.text(0),
                     .door = stored_door(row.text(1)),
                     .action = *action,
                     .at = from_ms(row.integer(3)),
                     .scheduled = row.yes(4)});
  }
  return found;
}

AccessState AccessTables::state() {
  {
    // Nobody may guess what is in force: every site is locked down until an operator says that it is so.
    Statement doubt = db_.use("SELECT value FROM meta WHERE key = 'doubt'");  // the key: one row
    if (doubt.step()) {
      throw StoreFault(
          {Errc::storage, "the store was salvaged or restored, and " + doubt.text(0) +
                              "; look at it (gatehouse salvage show), then gatehouse salvage accept"});
    }
  }
  return {.lockdown = parts_.state.lockdown(),
          .net2_lockdown = parts_.presence.net2_lockdown(),
          .modes = parts_.state.modes(),
          .holds = parts_.state.holds(),
          .proofs = parts_.state.proofs(),
          .present = parts_.presence.on_site(),
          .commanded = parts_.state.commanded(),
          .people_lost = parts_.people.lost()};
}

}  // namespace gatehouse
