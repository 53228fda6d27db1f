#include "daemon/store/plan_tables.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "daemon/store/fault.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view plan_columns =
    "plan.number, plan.id, plan.integration, plan.kind, plan.state, plan.count, plan.done, plan.token,"
    " plan.basis, plan.switch_off, plan.people, plan.run, plan.created, plan.expires";

constexpr auto left_people = std::to_array<std::pair<LeftPeople, std::string_view>>({
    {LeftPeople::keep, "keep"},
    {LeftPeople::disable, "disable"},
    {LeftPeople::erase, "delete"},
});

std::string_view word_of(LeftPeople people) {
  for (const auto& [known, word] : left_people) {
    if (known == people) return word;
  }
  return "disable";
}

LeftPeople people_of(std::string_view text) {
  for (const auto& [known, word] : left_people) {
    if (word == text) return known;
  }
  return LeftPeople::disable;
}

bool is_purge(const Plan& plan) {
  return plan.kind == PlanKind::purge || plan.kind == PlanKind::remove_integration;
}

bool has_ended(PlanState state) {
  return state == PlanState::applied || state == PlanState::superseded || state == PlanState::discarded;
}

[[noreturn]] void refuse(const Plan& plan) {
  std::string words = has_ended(plan.state) ? "plan_stale: plan " : "plan ";
  words += plan.id.value() + " is " + std::string(to_string(plan.state));
  throw StoreFault({Errc::refused, std::move(words)});
}

}  // namespace

PlanTables::Stored PlanTables::read(const Statement& row) {
  const auto kind = parse_plan_kind(row.text(3));
  const auto state = parse_plan_state(row.text(4));
  if (!kind || !state) throw StoreFault({Errc::storage, "the store's file is damaged: plan " + row.text(1)});
  Plan plan{.id = PlanId(row.text(1)),
            .integration = std::nullopt,
            .kind = *kind,
            .state = *state,
            .count = static_cast<std::uint64_t>(row.integer(5)),
            .done = static_cast<std::uint64_t>(row.integer(6)),
            .token = row.text(7),
            .basis = static_cast<std::uint64_t>(row.integer(8)),
            .switch_off = row.yes(9),
            .people = people_of(row.text(10)),
            .run = RunId(row.text(11)),
            .created = from_ms(row.integer(12)),
            .expires = from_ms(row.integer(13))};
  if (!row.is_null(2)) plan.integration = parts_.keys.about(row.integer(2)).id;
  return {row.integer(0), std::move(plan)};
}

PlanTables::Stored PlanTables::stored(const PlanId& id) {
  static const std::string sql =
      "SELECT " + std::string(plan_columns) + " FROM plan WHERE id = ?";  // unique: one row
  Statement row = db_.use(sql);
  if (!row.bind(id.value()).step()) throw StoreFault({Errc::not_found, "there is no plan " + id.value()});
  return read(row);
}

std::vector<PlanTables::Stored> PlanTables::where(std::string_view condition) {
  std::vector<Stored> found;
  Statement rows = db_.use("SELECT " + std::string(plan_columns) + " FROM plan WHERE " +
                           std::string(condition) + " ORDER BY created, number");
  while (rows.step()) found.push_back(read(rows));
  return found;
}

std::vector<Plan> PlanTables::live() {
  std::vector<Plan> plans;
  for (auto& [number, plan] : where("state IN ('open', 'applying')")) {
    if (plan.state == PlanState::applying || clock_.now() <= plan.expires) plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<PlanChange> PlanTables::changes(const PlanId& id, std::uint64_t after, std::size_t at_most) {
  return changes_.list(stored(id).number, after, at_most);
}

std::vector<PlanChange> PlanTables::purge(const std::optional<IntegrationId>& integration,
                                          LeftPeople people) {
  if (!integration) return changes_.purge(std::nullopt, people);
  const auto key = parts_.keys.find(*integration);
  return key ? changes_.purge(key, people) : std::vector<PlanChange>{};
}

std::uint64_t PlanTables::purge_basis(const std::optional<IntegrationId>& integration) {
  if (!integration) return changes_.purge_basis(std::nullopt);
  const auto key = parts_.keys.find(*integration);
  return key ? changes_.purge_basis(key) : 0;
}

void PlanTables::write(std::optional<std::int64_t> number, const Plan& plan) {
  std::optional<std::int64_t> integration;
  if (plan.integration) integration = parts_.keys.make(*plan.integration);
  db_.use(
         "INSERT OR REPLACE INTO plan (number, id, integration, kind, state, count, done, token, basis,"
         " switch_off, people, run, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(number, plan.id.value(), integration, to_string(plan.kind), to_string(plan.state), plan.count)
      .bind(plan.done, plan.token, plan.basis, plan.switch_off, word_of(plan.people), plan.run.value())
      .bind(to_ms(plan.created), to_ms(plan.expires))
      .run();
}

void PlanTables::begin(const Plan& plan) {
  for (const auto& [number, other] : where("state = 'making'")) {
    if (other.integration == plan.integration && other.kind == plan.kind) drop(number);
  }
  Plan making = plan;
  making.state = PlanState::making;
  making.done = 0;
  write(std::nullopt, making);
}

void PlanTables::add(const PlanId& id, const std::vector<PlanChange>& changes) {
  const auto [number, plan] = stored(id);
  if (plan.state != PlanState::making) refuse(plan);
  std::optional<std::int64_t> integration;
  if (plan.integration) integration = parts_.keys.make(*plan.integration);
  changes_.add(number, integration, changes);
}

void PlanTables::offer(Plan plan) {
  const auto [number, making] = stored(plan.id);
  if (making.state != PlanState::making) refuse(making);
  if (plan.count != changes_.count(number)) {
    throw StoreFault(
        {Errc::invalid, "plan " + plan.id.value() + " does not have the changes that it counts"});
  }
  // One that is being applied goes on to its end.
  for (const auto& [other, old] : where("state = 'open'")) {
    if (old.integration == plan.integration && old.kind == plan.kind) finish(other, PlanState::superseded);
  }
  plan.state = PlanState::open;
  plan.done = 0;
  write(number, plan);
  parts_.outbox.append(plan_message(plan, clock_.new_id(), clock_.now()));
}

void PlanTables::set_state(const PlanId& id, PlanState state) {
  const auto [number, plan] = stored(id);
  if (plan.state == state) return;
  if (state == PlanState::applying) {
    if (plan.state != PlanState::open) refuse(plan);
    db_.use("UPDATE plan SET state = ? WHERE number = ?").bind(to_string(state), number).run();
    return;
  }
  const bool by_word = state == PlanState::superseded || state == PlanState::discarded;
  if (!by_word || has_ended(plan.state)) refuse(plan);
  finish(number, state);
}

void PlanTables::renew(const PlanId& id, Instant expires) {
  const auto [number, plan] = stored(id);
  if (plan.state != PlanState::open) refuse(plan);
  db_.use("UPDATE plan SET expires = ? WHERE number = ?").bind(to_ms(expires), number).run();
}

PlanProgress PlanTables::apply(const PlanId& id, const DirectoryCommit& settings, std::size_t at_most) {
  const auto [number, plan] = stored(id);
  if (plan.state != PlanState::applying) refuse(plan);
  PlanProgress progress{.report = {}, .done = plan.done, .count = plan.count};
  const auto batch = changes_.next(number, plan.done, at_most);
  carry_out(progress, settings, batch, is_purge(plan) ? "purge" : "");
  progress.done += batch.size();
  if (batch.empty()) progress.done = plan.count;
  db_.use("UPDATE plan SET done = ? WHERE number = ?").bind(progress.done, number).run();
  return progress;
}

/// Each integration's changes under its own name; the report's records are those of the integration that
/// `settings` names.
void PlanTables::carry_out(PlanProgress& progress, const DirectoryCommit& settings,
                           const std::vector<PlannedChange>& batch, std::string_view reason) {
  std::map<std::int64_t, std::vector<PlanChange>> changes;
  for (const auto& planned : batch) changes[planned.integration].push_back(planned.change);
  for (const auto& [key, list] : changes) {
    const KnownIntegration known = parts_.keys.about(key);
    DirectoryCommit commit = settings;
    if (!reason.empty()) commit.on_removed = OnRemoved::disable;  // whatever is said of ordinary removals
    if (commit.integration != known.id) {
      commit.integration = known.id;
      commit.badge = known.badge;
      commit.kind = known.kind;
    }
    DirectoryReport report = parts_.directory.apply(commit, list, reason);
    progress.report.counts += report.counts;
    std::ranges::move(report.issues, std::back_inserter(progress.report.issues));
    if (known.id != settings.integration) continue;
    progress.report.records = std::move(report.records);
    progress.report.forgotten = std::move(report.forgotten);
  }
}

void PlanTables::finish(std::int64_t number, PlanState state) {
  changes_.clear(number);
  db_.use("UPDATE plan SET state = ? WHERE number = ?").bind(to_string(state), number).run();
}

void PlanTables::drop(std::int64_t number) {
  changes_.clear(number);
  db_.use("DELETE FROM plan WHERE number = ?").bind(number).run();
}

void PlanTables::end(const PlanEnd& end) {
  const auto [number, plan] = stored(end.plan);
  if (plan.state == PlanState::applied) return;           // asked again, for the answer was lost
  const bool elsewhere = plan.kind == PlanKind::to_net2;  // its changes are made in Net2, not in the registry
  if (plan.state != PlanState::applying || (plan.done != plan.count && !elsewhere)) refuse(plan);
  finish(number, PlanState::applied);
  if (end.run) {
    parts_.runs.save(*end.run);
    parts_.outbox.append(sync_message(*end.run, clock_.new_id(), clock_.now()));
  }
  if (end.mapping && plan.integration) parts_.directory.save_mapping(*plan.integration, *end.mapping);
  for (const auto& integration : end.switched_off) parts_.keys.set_switch(integration, Switch::off);
  if (end.forget_integration && plan.integration) forget(*plan.integration);
}

void PlanTables::forget(const IntegrationId& integration) {
  const std::int64_t key = parts_.keys.make(integration);
  // The numbering of events goes on where it was left, should the integration come back: an event's id never
  // names two different ones.
  db_.use(
         "INSERT OR REPLACE INTO meta (key, value)"
         " SELECT 'generation/' || ?2, generation + 1 FROM event_cursor WHERE integration = ?1")
      .bind(key, integration.value())
      .run();
  for (const auto* table : {"record", "event_cursor", "door", "choice", "override", "removal"}) {
    db_.use("DELETE FROM " + std::string(table) + " WHERE integration = ?").bind(key).run();
  }
  db_.use("DELETE FROM meta WHERE key = 'mapping/' || ?").bind(integration.value()).run();
  parts_.presence.forget_net2_lockdown(key);
  parts_.state.forget_proof(integration);
  parts_.issues.close_all(key, "the integration was removed");
  for (const auto& [number, plan] : where("state IN ('making', 'open')")) {
    if (plan.integration == integration) finish(number, PlanState::superseded);
  }
  parts_.keys.set_switch(integration, Switch::removed);
  parts_.people.note_linked(key);
}

bool PlanTables::any_unfinished() {
  return !where("state = 'making'").empty();
}

void PlanTables::drop_unfinished() {
  for (const auto& [number, plan] : where("state = 'making'")) drop(number);
}

void PlanTables::prune(Instant before) {
  for (const auto& [number, plan] : where("state NOT IN ('making', 'applying')")) {
    const Instant over = std::max(plan.created, plan.expires);
    if (over < before) drop(number);
  }
}

}  // namespace gatehouse
