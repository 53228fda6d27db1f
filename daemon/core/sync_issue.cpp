#include "daemon/core/sync_issue.hpp"

#include <array>
#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr auto issue_kinds = std::to_array<std::pair<IssueKind, std::string_view>>({
    {IssueKind::error, "error"},
    {IssueKind::duplicate, "duplicate"},
    {IssueKind::match, "match"},
});

struct ReasonWords {
  IssueReason reason;
  IssueKind kind;
  std::string_view name;
  std::string_view hint;  ///< {N}: the issue's number
};

constexpr auto issue_reasons = std::to_array<ReasonWords>({
    {IssueReason::missing_required_field, IssueKind::error, "missing_required_field",
     "enter the name at the source, or here: gatehouse issue fix {N} --set FIELD=VALUE; or leave the record "
     "out: "
     "gatehouse issue skip {N}"},
    {IssueReason::invalid_email, IssueKind::error, "invalid_email",
     "correct the e-mail at the source, or here: gatehouse issue fix {N} --set email=ADDRESS; or leave the "
     "record "
     "out: gatehouse issue skip {N}"},
    {IssueReason::multiple_groups, IssueKind::error, "multiple_groups",
     "leave the person in one mapped group at the source, set sync.multiple_groups, or say the type here: "
     "gatehouse "
     "issue fix {N} --set person_type=TYPE"},
    {IssueReason::field_map_suspect, IssueKind::error, "field_map_suspect",
     "most records fail alike: correct sync.fields in the configuration and reload it (gatehouse config "
     "reload)"},
    {IssueReason::identity_changed, IssueKind::error, "identity_changed",
     "this id now has another name and e-mail, so its person is denied. The same person: gatehouse issue fix "
     "{N} "
     "--set person=same. Somebody else who got a used id: gatehouse issue fix {N} --set person=new"},
    {IssueReason::unknown_access_level, IssueKind::error, "unknown_access_level",
     "Net2 has no access level of this name: create it in Net2, or correct sync.export.access_level"},
    {IssueReason::export_uncertain, IssueKind::error, "export_uncertain",
     "look at the user in Net2; the gateway tries again by itself"},
    {IssueReason::export_refused, IssueKind::error, "export_refused",
     "Net2 refused to be written to: correct what is named, in Net2, in the cloud or in sync.export; the "
     "gateway tries "
     "again by itself"},
    {IssueReason::duplicate, IssueKind::duplicate, "duplicate",
     "one person: gatehouse issue merge {N} --into PERSON. Not wanted: gatehouse issue skip {N}. Two people "
     "who "
     "share a name: gatehouse issue fix {N} --set person=new"},
    {IssueReason::email_differs_in_name, IssueKind::match, "email_differs_in_name",
     "same e-mail, other name. The same person: gatehouse issue merge {N} --into PERSON. Somebody else: "
     "gatehouse "
     "issue fix {N} --set person=new"},
    {IssueReason::email_not_unique, IssueKind::match, "email_not_unique",
     "several share this e-mail: gatehouse issue merge {N} --into PERSON, or gatehouse issue fix {N} --set "
     "person=new"},
    {IssueReason::email_not_verified, IssueKind::match, "email_not_verified",
     "the cloud has not verified this e-mail: gatehouse issue merge {N} --into PERSON, or gatehouse issue "
     "fix {N} "
     "--set person=new"},
    {IssueReason::other_source, IssueKind::match, "other_source",
     "agrees with a person of another source: gatehouse issue merge {N} --into PERSON, gatehouse issue fix "
     "{N} --set "
     "person=new, or set sync.match.cross_source: link"},
    {IssueReason::name_only, IssueKind::match, "name_only",
     "only the full name agrees: gatehouse issue merge {N} --into PERSON, or gatehouse issue fix {N} --set "
     "person=new"},
    {IssueReason::no_match, IssueKind::match, "no_match",
     "nobody agrees, and sync.match.none is review: gatehouse issue merge {N} --into PERSON, or gatehouse "
     "issue fix "
     "{N} --set person=new"},
    {IssueReason::recreated, IssueKind::match, "recreated",
     "somebody with this e-mail was deleted at the source and seems to be made anew: gatehouse issue merge "
     "{N} "
     "--into PERSON keeps the person; gatehouse issue fix {N} --set person=new makes another"},
    {IssueReason::type_differs, IssueKind::match, "type_differs",
     "two sources say different types; the first in the order Net2, cloud, feed rules. Make them agree at "
     "the "
     "source, or leave the record out: gatehouse issue skip {N}"},
    {IssueReason::field_differs, IssueKind::match, "field_differs",
     "authority is none for these fields: make the values agree at the sources"},
    {IssueReason::removed_but_kept, IssueKind::match, "removed_but_kept",
     "gone at the source, and sync.on_removed is keep: take the access away yourself if it should go "
     "(gatehouse "
     "people disable PERSON). This stays open until the source has the record again or the person is erased"},
    {IssueReason::decoupled_but_removed, IssueKind::match, "decoupled_but_removed",
     "gone at the source, and the person is decoupled, so nothing was done: gatehouse people couple PERSON "
     "lets the "
     "removal happen"},
});

const ReasonWords& words(IssueReason reason) {
  for (const auto& known : issue_reasons) {
    if (known.reason == reason) return known;
  }
  return issue_reasons.front();
}

}  // namespace

std::string_view to_string(IssueKind kind) {
  for (const auto& [known, name] : issue_kinds) {
    if (known == kind) return name;
  }
  return "unknown";
}

std::optional<IssueKind> parse_issue_kind(std::string_view text) {
  for (const auto& [known, name] : issue_kinds) {
    if (name == text) return known;
  }
  return std::nullopt;
}

std::string_view to_string(IssueReason reason) {
  return words(reason).name;
}

std::optional<IssueReason> parse_issue_reason(std::string_view text) {
  for (const auto& known : issue_reasons) {
    if (known.name == text) return known.reason;
  }
  return std::nullopt;
}

IssueKind kind_of(IssueReason reason) {
  return words(reason).kind;
}

bool same_issue(const Issue& a, const Issue& b) {
  return a.integration == b.integration && a.reason == b.reason && a.record == b.record;
}

std::string issue_hint(const Issue& issue) {
  std::string hint(words(issue.reason).hint);
  const auto number = std::to_string(issue.number);
  for (std::size_t at = hint.find("{N}"); at != std::string::npos; at = hint.find("{N}", at)) {
    hint.replace(at, 3, number);
  }
  return hint;
}

std::string issue_json(const Issue& issue) {
  JsonWriter json;
  json.begin_object();
  json.member("id", std::to_string(issue.number));
  json.member("kind", to_string(kind_of(issue.reason))).member("reason", to_string(issue.reason));
  json.member("integration", issue.integration.value());
  json.key("external_id");
  issue.record ? json.value(issue.external_id) : json.null();
  json.member("name", issue.name);
  json.key("others").begin_array();
  for (const auto& other : issue.others) json.value(other);
  json.end_array();
  json.key("fields").begin_object();
  for (const auto& [field, value] : issue.fields) json.member(field, value);
  json.end_object();
  json.member("since", format_utc(issue.since)).member("hint", issue_hint(issue));
  json.end_object();
  return json.take();
}

std::string_view to_string(RecordChoice::Kind kind) {
  switch (kind) {
    case RecordChoice::Kind::skip:
      return "skip";
    case RecordChoice::Kind::link:
      return "link";
    case RecordChoice::Kind::create:
      return "create";
    case RecordChoice::Kind::same:
      return "same";
    case RecordChoice::Kind::stranger:
      return "stranger";
  }
  return "unknown";
}

std::optional<RecordChoice::Kind> parse_choice_kind(std::string_view text) {
  using Kind = RecordChoice::Kind;
  for (const auto kind : {Kind::skip, Kind::link, Kind::create, Kind::same, Kind::stranger}) {
    if (to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

}  // namespace gatehouse
