#include "daemon/app/issue_desk.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/core/mapping.hpp"
#include "daemon/core/roster_rules.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t longest_value = 256;

/// The external id of a record as its number: Net2's are numbers, others' are texts.
std::int64_t record_of(std::string_view external_id, IntegrationKind kind) {
  std::int64_t number = 0;
  const auto* end = external_id.data() + external_id.size();
  const auto read = std::from_chars(external_id.data(), end, number);
  const bool is_number = read.ec == std::errc{} && read.ptr == end;
  return kind == IntegrationKind::net2 && is_number ? number : record_number(external_id);
}

Result<void> acceptable(const std::string& field, const std::string& value) {
  if (value.empty() || value.size() > longest_value)
    return Error{Errc::invalid, field + " needs a value of 1 to " + std::to_string(longest_value) + " bytes"};
  if (field == "email" && !looks_like_email(value))
    return Error{Errc::invalid, "\"" + value + "\" is no e-mail address"};
  if (field == "person_type" && !parse_person_type(value))
    return Error{Errc::invalid,
                 "person_type is employee, visitor, contractor or member, not \"" + value + "\""};
  const bool control =
      std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (control) return Error{Errc::invalid, field + " must be one line"};
  return {};
}

bool can_be_set(const std::string& field) {
  return field == "first_name" || field == "last_name" || field == "email" || field == "phone" ||
         field == "person_type";
}

}  // namespace

Task<Result<Issue>> IssueDesk::about_a_record(std::int64_t number) {
  auto issue = co_await parts_.issues.open_issue(number);
  if (!issue) co_return issue.error();
  if (!issue->record) {
    co_return Error{Errc::refused,
                    "this issue is about the configuration, not about a record: " + issue_hint(*issue)};
  }
  auto order = in_order(*issue);
  if (!order) co_return order.error();
  co_return issue;
}

/// Before the first sync duplicates wait until no error is open: finding them needs good fields.
Result<void> IssueDesk::in_order(const Issue& issue) const {
  auto* people = parts_.desk.people_of(issue.integration);
  if (people == nullptr || !people->facts().draft || kind_of(issue.reason) != IssueKind::duplicate) return {};
  const auto errors = std::ranges::count_if(people->sync().open_issues(), [](const Issue& open) {
    return kind_of(open.reason) == IssueKind::error;
  });
  if (errors == 0) return {};
  return Error{Errc::refused, "issue_order_violation: " + std::to_string(errors) +
                                  " errors are open and come first (gatehouse issue list --kind error)"};
}

Task<Result<IssueOutcome>> IssueDesk::fix(std::int64_t number, std::map<std::string, std::string> set,
                                          std::string by) {
  auto issue = co_await about_a_record(number);
  if (!issue) co_return issue.error();
  if (set.empty()) co_return Error{Errc::invalid, "say what to set: --set FIELD=VALUE"};
  if (const auto person = set.find("person"); person != set.end()) {
    if (set.size() != 1) co_return Error{Errc::invalid, "person=… stands alone"};
    const bool identity = issue->reason == IssueReason::identity_changed;
    RecordChoice choice;
    choice.record = *issue->record;
    if (person->second == "new") {
      choice.kind = identity ? RecordChoice::Kind::stranger : RecordChoice::Kind::create;
    } else if (person->second == "same" && identity) {
      choice.kind = RecordChoice::Kind::same;
    } else {
      co_return Error{Errc::invalid,
                      identity ? "person is same or new" : "person=new, or gatehouse issue merge"};
    }
    const bool decidable = kind_of(issue->reason) != IssueKind::error || identity;
    if (!decidable)
      co_return Error{Errc::refused, "it is not in doubt whose record this is: " + issue_hint(*issue)};
    auto outcome = co_await decide(std::move(*issue), choice, std::move(by));
    co_return outcome;
  }
  std::vector<FieldOverride> fields;
  for (const auto& [field, value] : set) {
    if (!can_be_set(field)) {
      co_return Error{Errc::invalid, "unknown field \"" + field +
                                         "\": first_name, last_name, email, phone, person_type or person"};
    }
    auto good = acceptable(field, value);
    if (!good) co_return good.error();
    fields.push_back({.record = *issue->record, .field = field, .value = value});
  }
  auto kept = co_await parts_.issues.override_fields(issue->integration, std::move(fields), by);
  if (!kept) co_return within("keep the fix", kept.error());
  journal(*issue, "fixed", by);
  auto outcome = co_await look_again(std::move(*issue), false);
  co_return outcome;
}

Task<Result<RecordChoice>> IssueDesk::choice_to_link(const Issue& issue, const std::string& into) {
  RecordChoice choice;
  choice.record = *issue.record;
  choice.kind = RecordChoice::Kind::link;
  const std::string here = issue.integration.value() + '/';
  const std::string as_record = here + into;
  for (const auto& key : {into, as_record}) {
    auto found = co_await parts_.queries.find_people(key);
    if (!found) co_return found.error();
    if (found->size() > 1)
      co_return Error{Errc::refused, "several people are \"" + into + "\": name one by its id"};
    if (found->empty()) continue;
    choice.person = found->front().id;
    co_return choice;
  }
  // A record that is nobody's yet, with or without its integration.
  const std::string record = into.starts_with(here) ? into.substr(here.size()) : into;
  const bool named = std::ranges::find(issue.others, record) != issue.others.end();
  const auto* integration = parts_.desk.configured(issue.integration);
  const bool of_cloud = parts_.desk.roster() != nullptr && issue.integration == cloud_integration_id;
  if (!named || (integration == nullptr && !of_cloud)) {
    co_return Error{Errc::not_found, "nobody is \"" + into + "\": see gatehouse issue show " +
                                         std::to_string(issue.number) + " for whom it may be"};
  }
  choice.other_record = of_cloud ? record_number(record) : record_of(record, integration->kind);
  if (choice.other_record == issue.record)
    co_return Error{Errc::invalid, "a record cannot be merged into itself"};
  co_return choice;
}

Task<Result<IssueOutcome>> IssueDesk::merge(std::int64_t number, std::string into, std::string by) {
  auto issue = co_await about_a_record(number);
  if (!issue) co_return issue.error();
  if (kind_of(issue->reason) == IssueKind::error) {
    co_return Error{Errc::refused, "an error is mended, not merged: " + issue_hint(*issue)};
  }
  auto choice = co_await choice_to_link(*issue, into);
  if (!choice) co_return choice.error();
  auto outcome = co_await decide(std::move(*issue), *choice, std::move(by));
  co_return outcome;
}

Task<Result<IssueOutcome>> IssueDesk::skip(std::int64_t number, std::string by) {
  auto issue = co_await about_a_record(number);
  if (!issue) co_return issue.error();
  RecordChoice choice;
  choice.record = *issue->record;
  auto outcome = co_await decide(std::move(*issue), choice, std::move(by));
  co_return outcome;
}

Task<Result<IssueOutcome>> IssueDesk::unskip(std::int64_t number, std::string by) {
  auto issue = co_await parts_.issues.any_issue(number);
  if (!issue) co_return issue.error();
  if (!issue->record) co_return Error{Errc::refused, "this issue is not about a record"};
  auto taken_back = co_await parts_.issues.unsay(issue->integration, *issue->record);
  if (!taken_back) co_return taken_back.error();
  if (!*taken_back) co_return Error{Errc::refused, "nothing was decided about this record"};
  journal(*issue, "no longer skipped", by);
  auto outcome = co_await look_again(std::move(*issue), true);
  if (outcome) outcome->resolved = true;
  co_return outcome;
}

Task<Result<IssueOutcome>> IssueDesk::decide(Issue issue, RecordChoice choice, std::string by) {
  auto said = co_await parts_.issues.say(issue.integration, choice, by);
  if (!said) co_return within("keep the decision", said.error());
  journal(issue, "decided (" + std::string(to_string(choice.kind)) + ")", by);
  auto outcome = co_await look_again(std::move(issue), false);
  co_return outcome;
}

Task<Result<IssueOutcome>> IssueDesk::look_again(Issue issue, bool full) {
  if (issue.integration == cloud_integration_id) {
    auto outcome = co_await look_at_roster(std::move(issue), full);
    co_return outcome;
  }
  auto* people = parts_.desk.people_of(issue.integration);
  if (people == nullptr) {
    co_return Error{Errc::refused, "it is kept, and is looked at when the integration runs again"};
  }
  PassAsk ask;
  ask.trigger = Trigger::manual;
  ask.full = full;
  auto report = co_await people->run(std::move(ask), true);
  if (!report) {
    co_return within("it is kept, and is looked at when the source can be read again", report.error());
  }
  people = parts_.desk.people_of(issue.integration);
  if (people == nullptr) co_return outcome_of(issue, {}, full);
  co_return outcome_of(issue, people->sync().open_issues(), full);
}

/// The people of the cloud are told, not read.
Task<Result<IssueOutcome>> IssueDesk::look_at_roster(Issue issue, bool full) {
  auto* roster = parts_.desk.roster();
  if (roster == nullptr) {
    co_return Error{Errc::refused, "it is kept, and is looked at when a cloud is configured again"};
  }
  auto open = co_await roster->look_again(*issue.record);
  if (!open) co_return open.error();
  co_return outcome_of(issue, *open, full);
}

/// `taken_back`: a word, so that the issue may well be open again.
Result<IssueOutcome> IssueDesk::outcome_of(const Issue& issue, const std::vector<Issue>& open,
                                           bool taken_back) {
  IssueOutcome outcome{.issue = issue.number,
                       .integration = issue.integration,
                       .resolved = true,
                       .open = open.size(),
                       .again = std::nullopt};
  const auto still = std::ranges::find_if(open, [&](const Issue& other) { return same_issue(other, issue); });
  outcome.resolved = still == open.end();
  if (!outcome.resolved) outcome.again = still->number;
  if (!outcome.resolved && !taken_back)
    return Error{Errc::refused, "it is kept, but the issue is still open: " + issue_hint(*still)};
  return outcome;
}

void IssueDesk::journal(const Issue& issue, const std::string& what, const std::string& by) const {
  parts_.log.write(Level::info,
                   "issue " + std::to_string(issue.number) + " (" + std::string(to_string(issue.reason)) +
                       ", record " + issue.external_id + ") was " + what + " by " + by,
                   {{"INTEGRATION", issue.integration.value()}});
}

}  // namespace gatehouse
