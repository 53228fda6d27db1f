#include "daemon/core/record_fate.hpp"

#include <array>
#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

// contract.md §5, in the order of the tests.
constexpr auto skip_reasons = std::to_array<std::pair<SkipReason, std::string_view>>({
    {SkipReason::source_disabled, "source_disabled"},
    {SkipReason::integration_disabled, "integration_disabled"},
    {SkipReason::erased, "erased"},
    {SkipReason::no_site, "no_site"},
    {SkipReason::decoupled, "decoupled"},
    {SkipReason::missing_required_field, "missing_required_field"},
    {SkipReason::invalid_email, "invalid_email"},
    {SkipReason::missing_identifier, "missing_identifier"},
    {SkipReason::group_not_mapped, "group_not_mapped"},
    {SkipReason::multiple_groups, "multiple_groups"},
    {SkipReason::duplicate_pending, "duplicate_pending"},
    {SkipReason::ambiguous_match, "ambiguous_match"},
    {SkipReason::operator_skip, "operator_skip"},
    {SkipReason::excluded_by_mode, "excluded_by_mode"},
    {SkipReason::guard_withheld, "guard_withheld"},
    {SkipReason::no_matching_record, "no_matching_record"},
    {SkipReason::out_of_scope, "out_of_scope"},
    {SkipReason::identity_changed, "identity_changed"},
});

void write_counts(JsonWriter& json, const SyncCounts& counts) {
  json.key("counts").begin_object();
  json.member("seen", counts.seen).member("added", counts.added).member("updated", counts.updated);
  json.member("skipped", counts.skipped).member("disabled", counts.disabled);
  json.member("removed", counts.removed).member("errors", counts.errors);
  json.member("duplicates", counts.duplicates);
  json.end_object();
}

}  // namespace

std::string_view to_string(SkipReason reason) {
  for (const auto& [known, name] : skip_reasons) {
    if (known == reason) return name;
  }
  return "unknown";
}

std::optional<SkipReason> parse_skip_reason(std::string_view text) {
  for (const auto& [known, name] : skip_reasons) {
    if (name == text) return known;
  }
  return std::nullopt;
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::added:
      return "added";
    case Outcome::updated:
      return "updated";
    case Outcome::skipped:
      return "skipped";
    case Outcome::excluded:
      return "excluded";
    case Outcome::disabled:
      return "disabled";
    case Outcome::removed:
      return "removed";
    case Outcome::processed:
      return "processed";
    case Outcome::failed:
      return "failed";
  }
  return "unknown";
}

std::string_view to_string(Trigger trigger) {
  switch (trigger) {
    case Trigger::continuous:
      return "continuous";
    case Trigger::schedule:
      return "schedule";
    case Trigger::manual:
      return "manual";
    case Trigger::cloud:
      return "cloud";
    case Trigger::first:
      return "first";
  }
  return "unknown";
}

std::optional<Trigger> parse_trigger(std::string_view text) {
  for (auto trigger :
       {Trigger::continuous, Trigger::schedule, Trigger::manual, Trigger::cloud, Trigger::first}) {
    if (to_string(trigger) == text) return trigger;
  }
  return std::nullopt;
}

std::string_view remedy(SkipReason reason) {
  switch (reason) {
    case SkipReason::source_disabled:
      return "nobody reads the source: it was switched off, removed, or taken out of the configuration; "
             "gatehouse integration resume (or put its block back) takes it up again, integration remove "
             "decides about its people";
    case SkipReason::integration_disabled:
      return "the integration is off: set enabled: true";
    case SkipReason::erased:
      return "this person was erased on request and stays out";
    case SkipReason::no_site:
      return "no site: set sync.site.default, or a rule for the department";
    case SkipReason::decoupled:
      return "decoupled on purpose: gatehouse people couple lets the source rule again";
    case SkipReason::missing_required_field:
      return "first or last name is missing: enter it at the source, or gatehouse issue fix";
    case SkipReason::invalid_email:
      return "the e-mail is none: correct it at the source, or gatehouse issue fix";
    case SkipReason::missing_identifier:
      return "no e-mail or phone as sync.require_identifier wants: enter it at the source, or relax the rule";
    case SkipReason::group_not_mapped:
      return "the group is not in sync.groups: map it, or move the person";
    case SkipReason::multiple_groups:
      return "in several groups: leave one at the source, or set sync.multiple_groups";
    case SkipReason::duplicate_pending:
      return "looks like somebody who is there already: gatehouse issue list --kind duplicate";
    case SkipReason::ambiguous_match:
      return "may be somebody who is known: gatehouse issue list --kind match";
    case SkipReason::operator_skip:
      return "left out by an operator: gatehouse issue unskip";
    case SkipReason::excluded_by_mode:
      return "sync.import leaves it out";
    case SkipReason::guard_withheld:
      return "more removals than sync.guard allows: gatehouse plan list, then apply or mend the source";
    case SkipReason::no_matching_record:
      return "nobody here is this record's, and match.none is review: gatehouse issue list --kind match";
    case SkipReason::out_of_scope:
      return "its site is not among the integration's sites";
    case SkipReason::identity_changed:
      return "a known id under another name and e-mail; denied until gatehouse issue fix";
  }
  return "";
}

RecordFate erased_fate(std::int64_t number, std::string external_id) {
  RecordFate fate;
  fate.number = number;
  fate.external_id = std::move(external_id);
  fate.skip = SkipReason::erased;
  return fate;
}

Message activity_message(const RunId& run, const IntegrationId& integration, std::string_view external_id,
                         std::string_view name, Outcome outcome, std::optional<SkipReason> reason,
                         const std::vector<std::string>& fields, std::string id, Instant now) {
  JsonWriter json;
  json.begin_object();
  json.member("run", run.value()).member("integration", integration.value());
  json.member("external_id", external_id).member("name", name).member("outcome", to_string(outcome));
  json.key("reason");
  reason ? json.value(to_string(*reason)) : json.null();
  json.key("fields").begin_array();
  for (const auto& field : fields) json.value(field);
  json.end_array();
  json.end_object();
  return Message{.lane = Lane::people,
                 .topic = "up/people",
                 .type = "activity",
                 .id = std::move(id),
                 .time = now,
                 .subject = integration.value() + '/' + std::string(external_id),
                 .data = json.take()};
}

SyncCounts& SyncCounts::operator+=(const SyncCounts& more) {
  seen += more.seen;
  added += more.added;
  updated += more.updated;
  skipped += more.skipped;
  disabled += more.disabled;
  removed += more.removed;
  errors += more.errors;
  duplicates += more.duplicates;
  return *this;
}

std::string sync_run_json(const SyncRun& run) {
  JsonWriter json;
  json.begin_object();
  json.member("run", run.id.value()).member("integration", run.integration.value());
  json.member("trigger", to_string(run.trigger)).member("phase", run.phase).member("outcome", run.outcome);
  write_counts(json, run.counts);
  json.member("started", format_utc(run.started));
  json.key("finished");
  run.finished ? json.value(format_utc(*run.finished)) : json.null();
  if (!run.detail.empty()) json.member("detail", run.detail);
  json.end_object();
  return json.take();
}

Message sync_message(const SyncRun& run, std::string id, Instant now) {
  return Message{.lane = Lane::people,
                 .topic = "up/people",
                 .type = "sync",
                 .id = std::move(id),
                 .time = now,
                 .subject = run.integration.value(),
                 .data = sync_run_json(run)};
}

}  // namespace gatehouse
