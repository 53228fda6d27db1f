#include "daemon/core/mapping_suspicion.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

constexpr std::size_t enough = 5;
constexpr std::size_t longest_shown = 256;  ///< of a value; also the longest name that is one

struct Suspect {
  IssueReason reason;
  FieldTarget target;
  const char* field;
};
constexpr Suspect suspects[] = {
    {IssueReason::missing_required_field, FieldTarget::first_name, "first_name"},
    {IssueReason::missing_required_field, FieldTarget::last_name, "last_name"},
    {IssueReason::invalid_email, FieldTarget::email, "email"},
};

/// A name is empty, or so long that it is none.
void note_name(Issue& issue, const std::string& field, const std::string& value) {
  if (value.empty()) issue.fields[field] = "";
  if (value.size() > longest_shown) issue.fields[field] = std::to_string(value.size()) + " characters";
}

}  // namespace

Issue issue_of(const SourceRecord& record, const Mapping& mapping, const IntegrationId& integration,
               IssueReason reason, Instant now) {
  return {.number = 0,
          .integration = integration,
          .reason = reason,
          .record = record.number,
          .external_id = external_id_text(record.number, record.external_id),
          .name = record_name(record, mapping).substr(0, longest_shown),
          .others = {},
          .fields = {},
          .since = now};
}

std::optional<Issue> error_of(const Mapped& mapped, Issue about) {
  if (mapped.fate.skip == SkipReason::missing_required_field) {
    about.reason = IssueReason::missing_required_field;
    note_name(about, "first_name", mapped.facts.first_name);
    note_name(about, "last_name", mapped.facts.last_name);
    return about;
  }
  if (mapped.fate.skip == SkipReason::invalid_email) {
    about.reason = IssueReason::invalid_email;
    about.fields["email"] = mapped.facts.email.substr(0, longest_shown);
    return about;
  }
  if (mapped.fate.skip == SkipReason::multiple_groups) {
    about.reason = IssueReason::multiple_groups;
    about.fields["groups"] = mapped.groups;
    return about;
  }
  return std::nullopt;
}

void suspect_the_mapping(std::vector<Issue>& issues, std::size_t in_scope, const Mapping& mapping,
                         const IntegrationId& integration, Instant now) {
  Issue suspicion;
  suspicion.integration = integration;
  suspicion.reason = IssueReason::field_map_suspect;
  suspicion.since = now;
  std::vector<Suspect> guilty;
  const auto is_about = [](const Suspect& suspect) {
    return [&suspect](const Issue& issue) {
      return issue.reason == suspect.reason && issue.fields.contains(suspect.field);
    };
  };
  for (const auto& suspect : suspects) {
    const auto about_it = is_about(suspect);
    const auto alike = static_cast<std::size_t>(std::ranges::count_if(issues, about_it));
    const auto source = mapping.rules.fields.find(suspect.target);
    const bool unmapped = source == mapping.rules.fields.end();
    const bool most = alike >= enough && alike * 2 > in_scope;
    if (alike == 0 || (!unmapped && !most)) continue;
    guilty.push_back(suspect);
    suspicion.fields[suspect.field] = unmapped ? "nothing is mapped to it" : source->second;
  }
  for (const auto& suspect : guilty) std::erase_if(issues, is_about(suspect));
  if (!suspicion.fields.empty()) issues.push_back(std::move(suspicion));
}

}  // namespace gatehouse
