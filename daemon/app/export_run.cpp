#include "daemon/app/export_run.hpp"

#include <utility>

#include "daemon/core/crash_point.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t people_named = 10;  ///< in an issue

}  // namespace

bool passes_by_itself(Errc code) {
  return code == Errc::timeout || code == Errc::unreachable || code == Errc::busy || code == Errc::tls ||
         code == Errc::cancelled || code == Errc::unauthenticated || code == Errc::mfa_required ||
         code == Errc::storage || code == Errc::storage_full;
}

Issue export_issue(const IntegrationId& integration, IssueReason reason, Instant now) {
  Issue issue;
  issue.integration = integration;
  issue.reason = reason;
  issue.since = now;
  return issue;
}

Task<Result<void>> ExportRun::carry_out(ExportWork work) {
  for (auto& one : work.links) {
    auto done = co_await finish_and_link(std::move(one));
    if (!done) co_return done;
  }
  for (auto& one : work.updates) {
    auto done = co_await update(std::move(one));
    if (!done) co_return done;
  }
  for (auto& one : work.creates) {
    auto done = co_await create(std::move(one));
    if (!done) co_return done;
  }
  co_return Result<void>{};
}

Task<Result<void>> ExportRun::create(ExportCreate create) {
  auto change = plan_change_of(create);
  auto what = note_of(0, std::move(change.name), std::move(change.changed));
  if (create.access_level) what.fields.emplace_back("access_level");
  NewNet2User user;
  user.owner = owner(create.person);
  for (const auto target : exported_fields) {
    const auto& value = field_of(create.fields, target);
    if (!value.empty()) user.fields.emplace_back(settings_.sync.fields.at(target), value);
  }
  user.valid_from = create.valid_from;
  user.valid_until = create.valid_until;
  if (create.access_level) user.access_level = create.access_level->number;
  if (create.department) user.department = create.department->number;
  auto made = co_await parts_.writer.create_user(std::move(user));
  if (!made) {
    auto judged = co_await judge_failure(std::move(what), create.person, made.error());
    co_return judged;
  }
  crash_point("export.created");
  const auto number = made->value();
  auto linked = co_await link(number, create.person);
  if (!linked) co_return linked;
  crash_point("export.linked");
  ++report_.created;
  tell("user " + std::to_string(number) + " was made in Net2 for person " + create.person.value(),
       create.person);
  what.record = number;
  what.external_id = std::to_string(number);
  auto noted = co_await note(std::move(what));
  co_return noted;
}

/// Made, and cut short before it was linked.
Task<Result<void>> ExportRun::finish_and_link(ExportLink one) {
  std::optional<std::int64_t> level, department;
  if (one.access_level) level = one.access_level->number;
  if (one.department) department = one.department->number;
  auto finished =
      co_await parts_.writer.finish_user(Net2UserId(one.number), owner(one.person), level, department);
  if (!finished) {
    auto what = note_of(one.number, {}, {"access_level", "department"});
    auto judged = co_await judge_failure(std::move(what), one.person, finished.error());
    co_return judged;
  }
  auto linked = co_await link(one.number, one.person);
  if (!linked) co_return linked;
  ++report_.linked;
  tell("user " + std::to_string(one.number) + " of Net2 carries our mark and is person " + one.person.value(),
       one.person);
  co_return Result<void>{};
}

Task<Result<void>> ExportRun::update(ExportUpdate update) {
  auto what = note_of(update.number, update.name, plan_change_of(update).changed);
  std::vector<Net2FieldWrite> writes;
  for (const auto& field : update.fields)
    writes.push_back({settings_.sync.fields.at(field.field), field.before, field.after});
  auto written =
      co_await parts_.writer.update_user(Net2UserId(update.number), owner(update.person), std::move(writes));
  if (!written) {
    auto judged = co_await judge_failure(std::move(what), update.person, written.error());
    co_return judged;
  }
  ++report_.updated;
  std::string names;
  for (const auto& name : what.fields) names += (names.empty() ? "" : ", ") + name;
  tell("user " + std::to_string(update.number) + " was brought up to date in Net2: " + names, update.person);
  auto noted = co_await note(std::move(what));
  co_return noted;
}

/// The word by which the next pass finds no stranger, but the person.
Task<Result<void>> ExportRun::link(std::int64_t number, PersonId person) {
  RecordChoice choice;
  choice.record = number;
  choice.kind = RecordChoice::Kind::link;
  choice.person = std::move(person);
  auto said = co_await parts_.issues.say(settings_.id, std::move(choice), "export");
  if (!said) co_return within("link the user that was made", said.error());
  co_return Result<void>{};
}

Task<Result<void>> ExportRun::note(ExportNote note) {
  auto noted = co_await parts_.store.note_export(std::move(note));
  if (!noted) co_return within("journal a write into Net2", noted.error());
  parts_.news();
  co_return Result<void>{};
}

Task<Result<void>> ExportRun::judge_failure(ExportNote what, PersonId person, Error why) {
  if (passes_by_itself(why.code)) co_return why;
  const bool unknown = why.code == Errc::incomplete || why.code == Errc::malformed;
  const auto reason = unknown ? IssueReason::export_uncertain : IssueReason::export_refused;
  auto& issue =
      issues_.try_emplace(reason, export_issue(settings_.id, reason, parts_.clock.now())).first->second;
  if (issue.others.size() < people_named) {
    issue.others.push_back(person.value());
    issue.fields[person.value()] = why.detail;
  }
  ++report_.failed;
  auto& told = told_[person];
  if (std::exchange(told, why.detail) != why.detail) {
    parts_.log.write(Level::warning, "export of person " + person.value() + ": " + why.detail,
                     {{"INTEGRATION", settings_.id.value()}, {"PERSON", person.value()}});
    what.outcome = Outcome::failed;
    auto noted = co_await note(std::move(what));
    if (!noted) co_return noted;
  }
  if (why.code == Errc::forbidden) co_return why;
  co_return Result<void>{};
}

std::vector<Issue> ExportRun::take_issues() {
  std::vector<Issue> found;
  for (auto& [reason, issue] : issues_) found.push_back(std::move(issue));
  issues_.clear();
  return found;
}

ExportNote ExportRun::note_of(std::int64_t number, std::string name, std::vector<std::string> fields) const {
  return {.integration = settings_.id,
          .run = run_,
          .record = number,
          .external_id = number == 0 ? std::string() : std::to_string(number),
          .name = std::move(name),
          .outcome = Outcome::processed,
          .fields = std::move(fields)};
}

Ownership ExportRun::owner(const PersonId& person) const {
  return {settings_.sync.to_net2.owner_field, owner_mark(person)};
}

/// It went well: what was said of a failure before is over.
void ExportRun::tell(std::string words, const PersonId& person) {
  told_.erase(person);
  parts_.log.write(Level::info, words, {{"INTEGRATION", settings_.id.value()}, {"PERSON", person.value()}});
}

}  // namespace gatehouse
