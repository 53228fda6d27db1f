// What the people who look after the directories do meanwhile: each word is said to the engine's store, as
// the issue and plan desks do it, and to the model.

#include <algorithm>

#include "tests/month/month.hpp"

namespace gatehouse::month {

using test::ask;
using test::get;

namespace {

/// Nobody else has it since: the store finds somebody by it.
bool has_its_id(const Claim& claim) {
  return claim.record >= 0;
}

}  // namespace

void Month::visit(std::size_t source) {
  attend(source);
  attend_plan(source);
  if (chance_.one_in(12)) decouple_somebody();
}

/// Some of the open issues; before the first sync all of them, for it waits for that.
void Month::attend(std::size_t source) {
  const bool draft = !model_.directories[source].complete;
  bool said = false;
  for (const auto& issue : desks_[source]->issues()) {
    if (!issue.record || !chance_.one_in(draft ? 1 : 10)) continue;
    said = decide(source, issue) || said;
  }
  auto& wishes = model_.directories[source].wishes;
  std::vector<std::int64_t> left_out;
  for (const auto& [record, wish] : wishes) {
    if (wish.kind == RecordChoice::Kind::skip && chance_.one_in(30)) left_out.push_back(record);
  }
  for (const auto record : left_out) {
    get(world_.store->unsay(settings_[source].id, record));
    wishes.erase(record);
  }
  if (!said && left_out.empty()) return;
  const bool compared = pass(source, !left_out.empty(), false) && !plot_.compare_daily;
  if (compared) compare(source);
}

bool Month::decide(std::size_t source, const Issue& issue) {
  ++figures_.words;
  const auto record = *issue.record;
  if (chance_.one_in(4) && issue.reason != IssueReason::removed_but_kept &&
      issue.reason != IssueReason::decoupled_but_removed) {
    say(source, record, RecordChoice::Kind::skip);
    return true;
  }
  switch (issue.reason) {
    case IssueReason::missing_required_field:
      for (const auto& [field, value] : issue.fields)
        mend(source, record, field, "Mended" + std::to_string(chance_.below(9999)));
      return true;
    case IssueReason::invalid_email:
      mend(source, record, "email", "mended" + std::to_string(record) + "@example.com");
      return true;
    case IssueReason::multiple_groups:
      mend(source, record, "person_type", chance_.one_in(2) ? "visitor" : "employee");
      return true;
    case IssueReason::identity_changed:
      say(source, record, chance_.one_in(2) ? RecordChoice::Kind::same : RecordChoice::Kind::stranger);
      return true;
    case IssueReason::type_differs:
    case IssueReason::field_differs:
    case IssueReason::removed_but_kept:
    case IssueReason::decoupled_but_removed:
    case IssueReason::field_map_suspect:
      return false;
    default:
      if (chance_.one_in(2) && merge(source, issue)) return true;
      say(source, record, RecordChoice::Kind::create);
      return true;
  }
}

/// `issue merge ID --into WHOM`, WHOM being one that the issue names: a person, or a record here.
bool Month::merge(std::size_t source, const Issue& issue) {
  if (issue.others.empty()) return false;
  const auto into = chance_.of(issue.others);
  const auto& id = settings_[source].id;
  Wish wish{.kind = RecordChoice::Kind::link, .soul = std::nullopt, .other = std::nullopt};
  RecordChoice choice{.record = *issue.record, .kind = wish.kind, .person = {}, .other_record = std::nullopt};
  for (const auto& key : {into, id.value() + '/' + into}) {
    const auto found = get(world_.store->find_people(key));
    if (found.empty()) continue;
    choice.person = found.front().id;
    const auto name = name_of(found.front());
    for (std::size_t i = 0; i < model_.souls.size(); ++i) {
      if (model_.souls[i] && name_of(*model_.souls[i], model_) == name) wish.soul = static_cast<SoulId>(i);
    }
    if (!wish.soul) return false;
    break;
  }
  if (!wish.soul) {
    wish.other = settings_[source].kind == IntegrationKind::feed ? record_number(into) : std::stoll(into);
    choice.other_record = wish.other;
    if (wish.other == issue.record) return false;
  }
  get(world_.store->say(id, choice, "root"));
  model_.directories[source].wishes[choice.record] = wish;
  return true;
}

void Month::mend(std::size_t source, std::int64_t record, const std::string& field,
                 const std::string& value) {
  get(world_.store->override_fields(settings_[source].id,
                                    {{.record = record, .field = field, .value = value}}, "root"));
  model_.directories[source].mended[{record, field}] = value;
}

void Month::say(std::size_t source, std::int64_t record, RecordChoice::Kind kind) {
  get(world_.store->say(settings_[source].id,
                        {.record = record, .kind = kind, .person = {}, .other_record = {}}, "root"));
  model_.directories[source].wishes[record] = {.kind = kind, .soul = std::nullopt, .other = std::nullopt};
}

void Month::attend_plan(std::size_t source) {
  for (const auto& plan : desks_[source]->plans()) {
    if (plan.integration != settings_[source].id || plan.state != PlanState::open) continue;
    if (chance_.one_in(10)) {
      get(world_.store->set_plan_state(plan.id, PlanState::discarded));
      model_.directories[source].plan.reset();
      ++figures_.plans_discarded;
    } else if (chance_.one_in(3) || plan.kind == PlanKind::first_sync) {
      apply_plan(source, plan);
    }
  }
}

/// What the source says now decides: it may have been edited since.
void Month::apply_plan(std::size_t source, const Plan& plan) {
  if (chance_.one_in(5)) editor_.edit(source, 1 + chance_.below(3));
  auto answer = editor_.answer(source);
  if (answer.cut || answer.people.empty()) return;
  lists_[source] = answer.people;
  auto& desk = *desks_[source];
  desk.source.people = std::move(answer.people);
  bool applied = false;
  const bool crashes = chance_.one_in(4);
  if (crashes) {
    const auto how =
        chance_.one_in(2) ? test::FailingStore::How::not_made : test::FailingStore::How::answer_lost;
    test::FailingStore failing(*world_.store, static_cast<int>(1 + chance_.below(30)), how);
    desk.make(failing, failing, failing, failing);
    if (ask(desk.sync->load())) (void)desk.try_apply(plan.id);
    figures_.crashes += failing.failed() ? 1 : 0;
    restart();
    applied = get(world_.store->plan(plan.id)).state == PlanState::applied;
    if (applied) model_.apply_plan(source, lists_[source], now());
  } else {
    const auto report = desk.try_apply(plan.id);
    applied = report.ok();
    if (model_.apply_plan(source, lists_[source], now()) != applied) {
      trouble_ += format_utc(now()) + ": plan " + std::string(to_string(plan.kind)) + " of " +
                  settings_[source].id.value() + " which the model " +
                  (applied ? "refuses" : "applies: " + report.error().detail) + '\n';
      throw Difference{};
    }
  }
  (applied ? figures_.plans_applied : figures_.plans_stale) += 1;
  // What the plan has left aside is looked at next; after a crash, all of it.
  if (pass(source, crashes, false) && !plot_.compare_daily) compare(source);
}

void Month::know_anew() {
  for (auto& desk : desks_) get(desk->sync->load());
}

void Month::decouple_somebody() {
  std::vector<SoulId> candidates;
  const bool again = chance_.one_in(3);
  for (std::size_t i = 0; i < model_.souls.size(); ++i) {
    if (!model_.souls[i] || model_.souls[i]->tracked == again) continue;
    if (std::ranges::any_of(model_.souls[i]->claims, has_its_id))
      candidates.push_back(static_cast<SoulId>(i));
  }
  if (candidates.empty()) return;
  const auto id = chance_.of(candidates);
  auto& soul = *model_.souls[static_cast<std::size_t>(id)];
  const auto& claim = *std::ranges::find_if(soul.claims, has_its_id);
  const auto found =
      get(world_.store->find_people(settings_[claim.source].id.value() + '/' + claim.external_id));
  if (found.size() != 1)
    throw std::runtime_error("somebody whom the model has is missing: " + name_of(soul, model_));
  ++figures_.decoupled;
  if (!again) {
    std::optional<Instant> until;
    if (chance_.one_in(2)) until = now() + std::chrono::hours(1 + static_cast<int>(chance_.below(60)));
    get(world_.store->set_tracked(found.front().id, false, "on leave", until));
    soul.tracked = false;
    soul.until = until;
    know_anew();
    return;
  }
  get(world_.store->set_tracked(found.front().id, true, "", std::nullopt));
  model_.couple(id);
  know_anew();
  std::set<std::size_t> sources;
  for (const auto& mine : soul.claims) sources.insert(mine.source);
  for (const auto source : sources) {
    if (pass(source, true, false) && !plot_.compare_daily) compare(source);
  }
}

}  // namespace gatehouse::month
