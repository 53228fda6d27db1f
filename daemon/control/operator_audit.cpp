#include "daemon/control/operator_audit.hpp"

#include <algorithm>
#include <array>

#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

struct Row {
  std::string_view interface;
  std::string_view method;
  AuditRule rule;
};

constexpr AuditRule noted(std::string_view action) {
  return {.audited = Audited::here, .action = action, .of_person = false};
}
constexpr AuditRule noted_of_person(std::string_view action) {
  return {.audited = Audited::here, .action = action, .of_person = true};
}
constexpr AuditRule by_itself{.audited = Audited::by_itself, .action = {}, .of_person = false};
constexpr AuditRule changes_nothing{.audited = Audited::not_at_all, .action = {}, .of_person = false};

constexpr auto rules = std::to_array<Row>({
    {bus_names::gateway, "Doctor", changes_nothing},
    {bus_names::config, "Reload", noted("config.reload")},
    {bus_names::config, "Try", noted("config.try")},
    {bus_names::config, "Confirm", noted("config.confirm")},
    {bus_names::config, "Preview", changes_nothing},
    {bus_names::integrations, "Pause", noted("integration.pause")},
    {bus_names::integrations, "Resume", noted("integration.resume")},
    {bus_names::integrations, "Remove", noted("integration.remove")},
    {bus_names::sync, "Run", noted("sync.run")},
    {bus_names::sync, "RunToFile", noted("sync.run")},
    {bus_names::sync, "Start", noted("sync.run")},
    {bus_names::plans, "Apply", noted("plan.apply")},
    {bus_names::plans, "Discard", noted("plan.discard")},
    {bus_names::purge, "Plan", noted("purge.plan")},
    {bus_names::issues, "Fix", noted("issue.fix")},
    {bus_names::issues, "Merge", noted("issue.merge")},
    {bus_names::issues, "Skip", noted("issue.skip")},
    {bus_names::issues, "Unskip", noted("issue.unskip")},
    {bus_names::people, "Decouple", noted_of_person("people.decouple")},
    {bus_names::people, "Couple", noted_of_person("people.couple")},
    {bus_names::people, "Export", noted_of_person("people.export")},
    {bus_names::people, "Erase", by_itself},
    {bus_names::people, "Enable", by_itself},
    {bus_names::people, "Disable", by_itself},
    {bus_names::people, "Tag", by_itself},
    {bus_names::people, "Untag", by_itself},
    {bus_names::people, "Grant", by_itself},
    {bus_names::people, "Revoke", by_itself},
    {bus_names::access, "SignIn", by_itself},
    {bus_names::access, "Replay", changes_nothing},
    {bus_names::doors, "Open", by_itself},
    {bus_names::doors, "Hold", by_itself},
    {bus_names::doors, "Close", by_itself},
    {bus_names::doors, "SetMode", by_itself},
    {bus_names::lockdown, "Set", by_itself},
    {bus_names::clock, "Reset", by_itself},
    {bus_names::state, "Backup", noted("state.backup")},
    {bus_names::state, "AcceptSalvage", by_itself},
    {bus_names::outbox, "Retry", by_itself},
    {bus_names::outbox, "Drop", by_itself},
});

std::string first_argument(const Method& method, sdbus::MethodCall& call) {
  if (method.signature[0] != 's') return {};
  std::string first;
  call.rewind(true);
  call >> first;
  return first;
}

/// {"id":"01J…",… as every document of a person begins; nullopt for any other.
std::optional<PersonId> person_of(std::string_view document) {
  constexpr std::string_view before = R"({"id":")";
  constexpr std::size_t length_of_ulid = 26;
  if (!document.starts_with(before)) return std::nullopt;
  const auto id = document.substr(before.size(), length_of_ulid);
  const bool plain =
      std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
  if (!plain || id.size() != length_of_ulid) return std::nullopt;
  return PersonId(std::string(id));
}

}  // namespace

std::optional<AuditRule> audit_rule(std::string_view interface, std::string_view method) {
  const auto found = std::ranges::find_if(
      rules, [&](const Row& row) { return row.interface == interface && row.method == method; });
  if (found == rules.end()) return std::nullopt;
  return found->rule;
}

std::optional<AuditEntry> audit_entry(const Method& method, sdbus::MethodCall& call) {
  if (method.permission == Permission::view) return std::nullopt;
  const auto rule = audit_rule(method.interface, method.name);
  if (rule && rule->audited != Audited::here) return std::nullopt;
  AuditEntry entry;
  entry.action = rule ? std::string(rule->action) : std::string(method.interface) + '.' + method.name;
  entry.detail = "{}";
  if (rule && !rule->of_person) entry.target = first_argument(method, call);
  return entry;
}

void finish_audit(AuditEntry& entry, const Method& method, const Result<std::string>& answer) {
  entry.outcome = answer ? "done" : std::string(to_string(answer.error().code));
  const auto rule = audit_rule(method.interface, method.name);
  if (!answer || !rule || !rule->of_person) return;
  entry.person = person_of(*answer);
  if (entry.person) entry.target = entry.person->value();
}

}  // namespace gatehouse
