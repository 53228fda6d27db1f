#include "daemon/app/sync_console.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "daemon/app/look_back.hpp"
#include "daemon/app/purge_toll.hpp"
#include "daemon/app/sync_json.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

Result<std::int64_t> issue_number(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end && number > 0) return number;
  return Error{Errc::invalid, "\"" + text + "\" is no issue's number (gatehouse issue list)"};
}

std::string outcome_json(const Result<IssueOutcome>& outcome) {
  JsonWriter json;
  json.begin_object();
  json.member("issue", std::to_string(outcome->issue)).member("resolved", outcome->resolved);
  json.member("integration", outcome->integration.value()).key("again");
  outcome->again ? json.value(std::to_string(*outcome->again)) : json.null();
  json.member("open_issues", static_cast<std::uint64_t>(outcome->open));
  json.end_object();
  return json.take();
}

Result<std::string> answer(const Result<IssueOutcome>& outcome) {
  if (!outcome) return outcome.error();
  return outcome_json(outcome);
}

/// One that failed beside others, so that theirs are told as well.
PassReport failed_run(const IntegrationId& id, const Error& error, Instant now) {
  PassReport report;
  report.run.integration = id;
  report.run.trigger = Trigger::manual;
  report.run.phase = "done";
  report.run.outcome = "failed";
  report.run.started = now;
  report.run.finished = now;
  report.run.detail = error.detail;
  return report;
}

}  // namespace

SyncConsole::SyncConsole(Parts parts)
    : parts_(std::move(parts)),
      plan_desk_({.plans = parts_.plans,
                  .desk = parts_.desk,
                  .clock = parts_.clock,
                  .log = parts_.log,
                  .news = parts_.news}),
      issue_desk_(
          {.issues = parts_.issues, .queries = parts_.queries, .desk = parts_.desk, .log = parts_.log}) {}

Result<IntegrationId> SyncConsole::known(const std::string& id) const {
  IntegrationId integration(id);
  if (parts_.desk.configured(integration) != nullptr) return integration;
  return Error{Errc::not_found, "no integration \"" + id + "\" (gatehouse integration list)"};
}

std::string SyncConsole::integration_json(const IntegrationId& id) const {
  return integration_status_json(parts_.desk.status_of(id));
}

// --- runs

Task<Result<std::string>> SyncConsole::run_sync(SyncAsk ask, std::string by) {
  std::vector<IntegrationId> ids;
  if (!ask.integration.empty()) {
    auto one = known(ask.integration);
    if (!one) co_return one.error();
    if (parts_.desk.people_of(*one) == nullptr) {
      const auto status = parts_.desk.status_of(*one);
      co_return Error{Errc::refused, "nothing runs for " + ask.integration + ": it is " +
                                         std::string(to_string(status.judged.state)) + "; " +
                                         status.judged.hint};
    }
    ids.push_back(*one);
  } else {
    for (const auto& integration : parts_.desk.all_configured()) {
      if (parts_.desk.people_of(integration.id) != nullptr) ids.push_back(integration.id);
    }
    if (ids.empty()) co_return Error{Errc::refused, "no integration is enabled (gatehouse integration list)"};
  }
  std::string runs;
  for (const auto& id : ids) {
    auto* people = parts_.desk.people_of(id);
    if (people == nullptr) continue;
    parts_.log.write(Level::info,
                     std::string(ask.dry_run ? "a dry run" : "a run") + " was asked for by " + by,
                     {{"INTEGRATION", id.value()}});
    PassAsk pass;
    pass.trigger = ask.by_cloud ? Trigger::cloud : Trigger::manual;
    pass.full = ask.full;
    pass.dry_run = ask.dry_run;
    auto report = co_await people->run(std::move(pass));
    if (!report && ids.size() == 1) co_return within("sync " + id.value(), report.error());
    if (!report) report = failed_run(id, report.error(), parts_.clock.now());
    runs += (runs.empty() ? "" : ",") + report_json(*report, ask.dry_run);
  }
  co_return R"({"runs":[)" + runs + "]}";
}

Task<Result<std::string>> SyncConsole::progress() {
  JsonWriter json;
  json.begin_object().key("progress").begin_array();
  for (const auto& integration : parts_.desk.all_configured()) {
    const auto* people = parts_.desk.people_of(integration.id);
    if (people == nullptr || people->progress().phase.empty()) continue;
    json.begin_object();
    json.member("integration", integration.id.value()).member("phase", people->progress().phase);
    json.member("done", people->progress().done).member("all", people->progress().all);
    json.end_object();
  }
  json.end_array().end_object();
  co_return json.take();
}

// --- plans

Task<Result<std::string>> SyncConsole::plans() {
  auto live = co_await parts_.plans.live_plans();
  if (!live) co_return live.error();
  JsonWriter json;
  json.begin_object().key("plans").begin_array();
  for (const auto& plan : *live) json.raw(plan_json(plan));
  json.end_array().end_object();
  co_return json.take();
}

Task<Result<std::string>> SyncConsole::plan(std::string id, Page page) {
  const PlanId wanted(id);
  auto plan = co_await parts_.plans.plan(wanted);
  if (!plan) co_return plan.error();
  std::uint64_t after = 0;
  const auto* end = page.after.data() + page.after.size();
  if (!page.after.empty()) {
    const auto read = std::from_chars(page.after.data(), end, after);
    if (read.ec != std::errc{} || read.ptr != end) co_return Error{Errc::invalid, "no such page"};
  }
  const std::size_t limit = std::clamp<std::size_t>(page.limit, 1, 1000);
  auto changes = co_await parts_.plans.plan_changes(wanted, after, limit);
  if (!changes) co_return changes.error();
  std::string text = plan_with_changes_json(*plan, *changes);
  if (changes->size() == limit && after + limit < plan->count) {
    text.pop_back();
    text += R"(,"next":")" + std::to_string(after + limit) + R"("})";
  }
  co_return text;
}

Task<Result<std::string>> SyncConsole::apply_plan(std::string id, std::uint64_t confirm, std::string by) {
  auto plan = co_await plan_desk_.apply(PlanId(id), confirm, std::move(by));
  if (!plan) co_return plan.error();
  JsonWriter json;
  json.begin_object();
  json.member("plan", plan->id.value()).member("applied", plan->count);
  json.end_object();
  co_return json.take();
}

Task<Result<std::string>> SyncConsole::discard_plan(std::string id, std::string by) {
  auto plan = co_await plan_desk_.discard(PlanId(id), std::move(by));
  if (!plan) co_return plan.error();
  co_return R"({"plan":")" + plan->id.value() + R"(","discarded":true})";
}

Task<Result<std::string>> SyncConsole::plan_with_sample(Plan plan) {
  constexpr std::size_t sample = 10;
  auto changes = co_await parts_.plans.plan_changes(plan.id, 0, sample);
  if (!changes) co_return changes.error();
  auto toll = co_await purge_toll(plan.id, parts_.plans, parts_.queries);
  if (!toll) co_return toll.error();
  JsonWriter json;
  json.begin_object();
  json.member("with_grants", toll->with_grants).member("decoupled", toll->decoupled);
  json.key("sample").begin_array();
  for (const auto& change : *changes) json.raw(plan_change_json(change));
  json.end_array().end_object();
  std::string text = plan_json(plan);
  text.pop_back();
  co_return text + ',' + json.take().substr(1);
}

Task<Result<std::string>> SyncConsole::plan_purge(PurgeAsk ask, std::string by) {
  std::optional<IntegrationId> integration;
  if (!ask.integration.empty()) {
    auto known = co_await known_or_left(std::move(ask.integration));
    if (!known) co_return known.error();
    integration = std::move(*known);
  }
  auto plan = co_await plan_desk_.plan_purge(integration, !ask.keep_enabled);
  if (!plan) co_return plan.error();
  parts_.log.write(Level::info, "a purge of " + std::to_string(plan->count) + " people was planned by " + by,
                   {{"PLAN", plan->id.value()}});
  auto text = co_await plan_with_sample(std::move(*plan));
  co_return text;
}

// --- issues

Task<Result<std::string>> SyncConsole::issues(IssueFilter filter) {
  if (!filter.kind.empty() && !parse_issue_kind(filter.kind))
    co_return Error{Errc::invalid, "unknown kind \"" + filter.kind + "\": error, duplicate or match"};
  auto open = co_await parts_.queries.list_issues(std::move(filter));
  if (!open) co_return open.error();
  JsonWriter json;
  json.begin_object().key("issues").begin_array();
  for (const auto& issue : *open) json.raw(issue_json(issue));
  json.end_array().end_object();
  co_return json.take();
}

Task<Result<std::string>> SyncConsole::issue(std::string number) {
  auto wanted = issue_number(number);
  if (!wanted) co_return wanted.error();
  auto issue = co_await parts_.issues.open_issue(*wanted);
  if (!issue) co_return issue.error();
  co_return issue_json(*issue);
}

Task<Result<std::string>> SyncConsole::fix_issue(std::string number, std::map<std::string, std::string> set,
                                                 std::string by) {
  auto wanted = issue_number(number);
  if (!wanted) co_return wanted.error();
  auto outcome = co_await issue_desk_.fix(*wanted, std::move(set), std::move(by));
  co_return answer(outcome);
}

Task<Result<std::string>> SyncConsole::merge_issue(std::string number, std::string into, std::string by) {
  auto wanted = issue_number(number);
  if (!wanted) co_return wanted.error();
  auto outcome = co_await issue_desk_.merge(*wanted, std::move(into), std::move(by));
  co_return answer(outcome);
}

Task<Result<std::string>> SyncConsole::skip_issue(std::string number, std::string by) {
  auto wanted = issue_number(number);
  if (!wanted) co_return wanted.error();
  auto outcome = co_await issue_desk_.skip(*wanted, std::move(by));
  co_return answer(outcome);
}

Task<Result<std::string>> SyncConsole::unskip_issue(std::string number, std::string by) {
  auto wanted = issue_number(number);
  if (!wanted) co_return wanted.error();
  auto outcome = co_await issue_desk_.unskip(*wanted, std::move(by));
  co_return answer(outcome);
}

// --- people

/// Where what a source says of its records reaches nobody: that comes before any other reason.
std::optional<SkipReason> SyncConsole::nobody_reads(const PersonSource& source) const {
  if (source.kind != SourceKind::net2 && source.kind != SourceKind::feed) return std::nullopt;
  const auto* settings = parts_.desk.configured(source.integration);
  if (settings == nullptr) return SkipReason::source_disabled;
  if (!settings->enabled) return SkipReason::integration_disabled;
  const bool off = parts_.desk.status_of(source.integration).judged.state == IntegrationState::disabled;
  return off ? std::optional(SkipReason::source_disabled) : std::nullopt;
}

Task<Result<std::string>> SyncConsole::why(Person person) {
  constexpr std::size_t newest = 20;
  auto links = co_await parts_.queries.links_of(person.id);
  if (!links) co_return links.error();
  auto rows = co_await parts_.queries.activity_of(person.id, newest);
  if (!rows) co_return rows.error();
  JsonWriter json;
  json.begin_object();
  json.key("person").raw(person_json(person));
  json.key("links").begin_array();
  for (auto& link : *links) {
    if (const auto off = nobody_reads(link.source)) link.skip = off;
    json.raw(link_json(link));
  }
  json.end_array();
  if (!person.tracked) {
    json.key("decoupled").begin_object().member("reason", person.decoupled_reason);
    json.key("until");
    person.decoupled_until ? json.value(format_utc(*person.decoupled_until)) : json.null();
    json.end_object();
  }
  json.key("activity").begin_array();
  for (const auto& row : *rows) json.raw(activity_json(row));
  json.end_array();
  json.end_object();
  co_return json.take();
}

Task<Result<std::string>> SyncConsole::decouple(Person person, std::string reason, std::string until,
                                                std::string by) {
  auto moment = parse_look_ahead(until, parts_.clock.now());
  if (!moment) co_return moment.error();
  if (*moment && **moment <= parts_.clock.now()) co_return Error{Errc::invalid, "--until lies in the past"};
  auto changed = co_await parts_.people.set_tracked(person.id, false, std::move(reason), *moment);
  if (!changed) co_return changed.error();
  parts_.news();
  parts_.log.write(Level::info, "person " + person.id.value() + " was decoupled by " + by,
                   {{"PERSON", person.id.value()}});
  parts_.desk.look_anew_at(*changed);
  co_return person_json(*changed);
}

/// The source rules again, and says at once what it has.
Task<Result<std::string>> SyncConsole::couple(Person person, std::string by) {
  auto changed = co_await parts_.people.set_tracked(person.id, true, "", std::nullopt);
  if (!changed) co_return changed.error();
  parts_.news();
  parts_.log.write(Level::info, "person " + person.id.value() + " was coupled again by " + by,
                   {{"PERSON", person.id.value()}});
  std::set<IntegrationId> ids;
  for (const auto& source : changed->sources) ids.insert(source.integration);
  parts_.desk.look_anew_at(*changed);
  for (const auto& id : ids) {
    auto* people = parts_.desk.people_of(id);
    if (people == nullptr) continue;
    PassAsk ask;
    ask.trigger = Trigger::manual;
    ask.full = true;
    auto report = co_await people->run(std::move(ask), true);
    if (!report)
      co_return within("the person is coupled; the source is read again when it answers", report.error());
  }
  auto now = co_await parts_.queries.find_people(person.id.value());
  if (!now) co_return now.error();
  co_return person_json(now->empty() ? *changed : now->front());
}

// --- looking back

Task<Result<std::string>> SyncConsole::activity(ActivityFilter filter, Page page) {
  auto since = parse_look_back(filter.since, parts_.clock.now());
  if (!since) co_return since.error();
  auto listing = co_await parts_.queries.list_activity(std::move(filter), *since, std::move(page));
  if (!listing) co_return listing.error();
  JsonWriter json;
  json.begin_object().key("activity").begin_array();
  for (const auto& row : listing->rows) json.raw(activity_json(row));
  json.end_array();
  if (!listing->next.empty()) json.member("next", listing->next);
  json.end_object();
  co_return json.take();
}

Task<Result<std::string>> SyncConsole::api_log(std::string since) {
  auto from = parse_look_back(since, parts_.clock.now());
  if (!from) co_return from.error();
  JsonWriter json;
  json.begin_object().key("calls").begin_array();
  for (const auto& call : parts_.api_log.since(*from)) {
    json.begin_object();
    json.member("at", format_utc(call.at)).member("integration", call.integration.value());
    json.member("verb", call.verb).member("path", call.path).member("status", call.status);
    json.member("ms", static_cast<std::int64_t>(call.took.count())).member("bytes", call.bytes);
    json.key("error");
    call.error.empty() ? json.null() : json.value(call.error);
    json.end_object();
  }
  json.end_array().end_object();
  co_return json.take();
}

}  // namespace gatehouse
