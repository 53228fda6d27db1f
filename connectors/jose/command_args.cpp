#include "connectors/jose/command_args.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <boost/json/serialize.hpp>

#include "connectors/json/read_sign_in_args.hpp"
#include "connectors/json/strict_json.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;
constexpr std::size_t max_id = 256;
constexpr std::size_t max_text = 1024;
constexpr std::size_t max_tag = 64;
constexpr std::size_t max_tags = 64;
constexpr std::size_t max_grants = 200;
constexpr std::int64_t most_open_seconds = 60;
constexpr std::int64_t most_hold_seconds = 12 * 60 * 60;

Error wrong(std::string_view name, std::string_view what) {
  return {Errc::invalid, "\"" + std::string(name) + "\" " + std::string(what)};
}

/// nullptr where it is not there, or is null.
const json::value* given(const json::object& args, std::string_view name) {
  const auto* value = args.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<std::optional<bool>> optional_bool(const json::object& args, std::string_view name) {
  const auto* value = args.if_contains(name);
  if (value == nullptr) return std::optional<bool>();
  if (!value->is_bool()) return wrong(name, "is neither true nor false");
  return std::optional(value->get_bool());
}

Result<bool> required_bool(const json::object& args, std::string_view name) {
  auto value = optional_bool(args, name);
  if (!value) return value.error();
  if (!*value) return wrong(name, "is missing");
  return **value;
}

Result<std::string> optional_text(const json::object& args, std::string_view name, std::size_t most) {
  if (given(args, name) == nullptr) return std::string();
  return required_text(args, name, most);
}

Result<std::int64_t> required_whole(const json::object& args, std::string_view name, std::int64_t least,
                                    std::int64_t most) {
  const auto* value = args.if_contains(name);
  if (value == nullptr) return wrong(name, "is missing");
  std::int64_t number = -1;
  if (value->is_int64()) {
    number = value->get_int64();
  } else {
    return wrong(name, "is no whole number in range");
  }
  if (number < least || number > most)
    return wrong(name, "must be " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

Result<std::optional<Instant>> optional_instant(const json::object& args, std::string_view name) {
  const auto* value = given(args, name);
  if (value == nullptr) return std::optional<Instant>();
  const auto at = value->is_string() ? parse_rfc3339(std::string_view(value->get_string())) : std::nullopt;
  if (!at) return wrong(name, "is no RFC 3339 date and time");
  return at;
}

Result<Instant> required_instant(const json::object& args, std::string_view name) {
  auto at = optional_instant(args, name);
  if (!at) return at.error();
  if (!*at) return wrong(name, "is missing");
  return **at;
}

Result<DoorId> required_door(const json::object& args) {
  auto text = required_text(args, "door", max_id);
  if (!text) return text.error();
  auto door = parse_door_id(*text);
  if (!door) return wrong("door", "is no INTEGRATION/DOORID");
  return *door;
}

Result<CommandArgs> door_args(DoorAction action, const json::value& value) {
  const bool timed = action != DoorAction::close;
  auto error = timed ? unexpected_member(value, {"door", "seconds", "reason"})
                     : unexpected_member(value, {"door", "reason"});
  if (error) return *error;
  const auto& args = value.get_object();
  DoorArgs door;
  door.action = action;
  auto id = required_door(args);
  if (!id) return id.error();
  door.door = std::move(*id);
  if (timed && (action == DoorAction::hold || args.contains("seconds"))) {
    auto seconds = required_whole(args, "seconds", 1,
                                  action == DoorAction::hold ? most_hold_seconds : most_open_seconds);
    if (!seconds) return seconds.error();
    door.seconds = std::chrono::seconds(*seconds);
  }
  auto reason = required_words(args, "reason", max_text);
  if (!reason) return reason.error();
  door.reason = std::move(*reason);
  return CommandArgs(std::move(door));
}

Result<CommandArgs> lockdown_args(const json::value& value) {
  if (auto error = unexpected_member(value, {"site", "on"})) return *error;
  auto site = required_text(value.get_object(), "site", max_id);
  if (!site) return site.error();
  auto on = required_bool(value.get_object(), "on");
  if (!on) return on.error();
  return CommandArgs(LockdownArgs{.site = SiteId(std::move(*site)), .on = *on});
}

Result<CommandArgs> sync_args(const json::value& value) {
  if (auto error = unexpected_member(value, {"integration", "full"})) return *error;
  auto integration = optional_text(value.get_object(), "integration", max_id);
  if (!integration) return integration.error();
  auto full = optional_bool(value.get_object(), "full");
  if (!full) return full.error();
  return CommandArgs(SyncRunArgs{.integration = std::move(*integration), .full = full->value_or(false)});
}

Result<CommandArgs> plan_args(bool apply, const json::value& value) {
  if (auto error = unexpected_member(value, {"plan", "token", "confirm"})) return *error;
  const auto& args = value.get_object();
  PlanArgs plan;
  plan.apply = apply;
  auto id = required_text(args, "plan", max_id);
  if (!id) return id.error();
  plan.plan = std::move(*id);
  auto token = required_text(args, "token", max_id);
  if (!token) return token.error();
  plan.token = std::move(*token);
  if (apply || args.contains("confirm")) {
    auto confirm = required_whole(args, "confirm", 0, std::numeric_limits<std::int64_t>::max());
    if (!confirm) return confirm.error();
    plan.confirm = static_cast<std::uint64_t>(*confirm);
  }
  return CommandArgs(std::move(plan));
}

Result<CommandArgs> issue_args(const json::value& value) {
  if (auto error = unexpected_member(value, {"issue", "action", "set", "into"})) return *error;
  const auto& args = value.get_object();
  IssueArgs issue;
  const auto* number = args.if_contains("issue");
  if (number != nullptr && number->is_int64() && number->get_int64() > 0) {
    issue.issue = std::to_string(number->get_int64());
  } else {
    auto text = required_text(args, "issue", max_id);
    if (!text) return text.error();
    issue.issue = std::move(*text);
  }
  auto action = required_text(args, "action", max_id);
  if (!action) return action.error();
  const bool fix = *action == "fix";
  const bool merge = *action == "merge";
  if (!fix && !merge && *action != "skip") return wrong("action", "is none of fix, merge, skip");
  if (!fix && args.contains("set")) return wrong("set", "belongs to fix only");
  if (!merge && args.contains("into")) return wrong("into", "belongs to merge only");
  issue.action = fix ? IssueArgs::Action::fix : merge ? IssueArgs::Action::merge : IssueArgs::Action::skip;
  if (merge) {
    auto into = required_text(args, "into", max_id);
    if (!into) return into.error();
    issue.into = std::move(*into);
  }
  if (!fix) return CommandArgs(std::move(issue));
  const auto* set = args.if_contains("set");
  if (set == nullptr || !set->is_object() || set->get_object().empty())
    return wrong("set", "is no object of fields");
  for (const auto& field : set->get_object()) {
    const std::string name(field.key());
    auto text = required_words(set->get_object(), name, max_text);
    if (!text) return within("\"set\"", text.error());
    issue.set.emplace(name, std::move(*text));
  }
  return CommandArgs(std::move(issue));
}

Result<Grant> grant_of(const json::value& value) {
  if (auto error = unexpected_member(value, {"id", "door", "scope", "site", "hours", "from", "until"}))
    return *error;
  const auto& object = value.get_object();
  Grant grant;
  auto id = optional_text(object, "id", max_tag);
  if (!id) return id.error();
  grant.id = std::move(*id);
  if (given(object, "door") != nullptr) {
    auto door = required_door(object);
    if (!door) return door.error();
    grant.door = std::move(*door);
  }
  auto scope = optional_text(object, "scope", max_id);
  auto site = optional_text(object, "site", max_id);
  auto hours = optional_text(object, "hours", max_id);
  auto from = optional_instant(object, "from");
  auto until = optional_instant(object, "until");
  if (!scope) return scope.error();
  if (!site) return site.error();
  if (!hours) return hours.error();
  if (!from) return from.error();
  if (!until) return until.error();
  if (!scope->empty()) grant.scope = ScopeId(std::move(*scope));
  if (!site->empty()) grant.site = SiteId(std::move(*site));
  if (!hours->empty()) grant.hours = ScheduleId(std::move(*hours));
  grant.from = *from;
  grant.until = *until;
  if (int(grant.door.has_value()) + int(grant.scope.has_value()) + int(grant.site.has_value()) != 1)
    return wrong("grants", "has one that names not exactly one of door, scope and site");
  if (grant.from && grant.until && *grant.until <= *grant.from)
    return wrong("grants", "has one that ends before it begins");
  return grant;
}

Result<std::vector<Grant>> grants_of(const json::value& value) {
  if (!value.is_array() || value.get_array().size() > max_grants)
    return wrong("grants", "is no list of at most " + std::to_string(max_grants));
  std::vector<Grant> grants;
  std::set<std::string> ids;
  for (const auto& item : value.get_array()) {
    auto grant = grant_of(item);
    if (!grant) return within("\"grants\"", grant.error());
    if (!grant->id.empty() && !ids.insert(grant->id).second) return wrong("grants", "has the same id twice");
    grants.push_back(std::move(*grant));
  }
  return grants;
}

Result<std::vector<std::string>> tags_of(const json::value& value) {
  if (!value.is_array() || value.get_array().size() > max_tags)
    return wrong("custom_tags", "is no list of at most " + std::to_string(max_tags));
  std::vector<std::string> tags;
  for (const auto& item : value.get_array()) {
    const json::object one{{"custom_tags", item}};
    auto tag = required_words(one, "custom_tags", max_tag);
    if (!tag) return tag.error();
    if (std::ranges::find(tags, *tag) == tags.end()) tags.push_back(std::move(*tag));
  }
  return tags;
}

Result<CommandArgs> person_args(const json::value& value) {
  if (auto error = unexpected_member(value, {"person", "admin_enabled", "tracked", "custom_tags", "grants"}))
    return *error;
  const auto& args = value.get_object();
  PersonSetArgs set;
  auto person = required_text(args, "person", max_id);
  if (!person) return person.error();
  set.person = PersonId(std::move(*person));
  auto enabled = optional_bool(args, "admin_enabled");
  if (!enabled) return enabled.error();
  set.admin_enabled = *enabled;
  auto tracked = optional_bool(args, "tracked");
  if (!tracked) return tracked.error();
  set.tracked = *tracked;
  if (const auto* tags = args.if_contains("custom_tags")) {
    auto list = tags_of(*tags);
    if (!list) return list.error();
    set.custom_tags = std::move(*list);
  }
  if (const auto* grants = args.if_contains("grants")) {
    auto list = grants_of(*grants);
    if (!list) return list.error();
    set.grants = std::move(*list);
  }
  if (args.size() == 1) return wrong("person", "stands alone: nothing is to be set");
  return CommandArgs(std::move(set));
}

Result<CommandArgs> invited_args(const json::value& value) {
  if (auto error = unexpected_member(value, {"person", "ok"})) return *error;
  auto person = required_text(value.get_object(), "person", max_id);
  if (!person) return person.error();
  auto ok = required_bool(value.get_object(), "ok");
  if (!ok) return ok.error();
  return CommandArgs(PersonInvitedArgs{.person = PersonId(std::move(*person)), .ok = *ok});
}

Result<CommandArgs> events_args(const json::value& value) {
  if (auto error = unexpected_member(value, {"integration", "from", "to"})) return *error;
  const auto& args = value.get_object();
  auto integration = required_text(args, "integration", max_id);
  if (!integration) return integration.error();
  auto from = required_instant(args, "from");
  if (!from) return from.error();
  auto to = required_instant(args, "to");
  if (!to) return to.error();
  if (*to <= *from) return wrong("to", "is not after \"from\"");
  return CommandArgs(
      EventsResendArgs{.integration = IntegrationId(std::move(*integration)), .from = *from, .to = *to});
}

template <typename Args>
Result<CommandArgs> no_args(const json::value& value) {
  if (auto error = unexpected_member(value, {})) return *error;
  return CommandArgs(Args{});
}

}  // namespace

Result<CommandArgs> read_command_args(Command command, const json::value& args) {
  switch (command) {
    case Command::access_sign_in: {
      auto read = read_sign_in_args(args);
      if (!read) return read.error();
      return CommandArgs(std::move(*read));
    }
    case Command::door_open:
      return door_args(DoorAction::open, args);
    case Command::door_hold_open:
      return door_args(DoorAction::hold, args);
    case Command::door_close:
      return door_args(DoorAction::close, args);
    case Command::lockdown_set:
      return lockdown_args(args);
    case Command::sync_run:
      return sync_args(args);
    case Command::plan_apply:
      return plan_args(true, args);
    case Command::plan_discard:
      return plan_args(false, args);
    case Command::issue_resolve:
      return issue_args(args);
    case Command::person_set:
      return person_args(args);
    case Command::person_invited:
      return invited_args(args);
    case Command::people_resend:
      return no_args<PeopleResendArgs>(args);
    case Command::events_resend:
      return events_args(args);
    case Command::roster_put:
      if (!args.is_object()) return Error{Errc::invalid, "it is no object"};
      return CommandArgs(RosterPutArgs{.text = json::serialize(args)});
    case Command::status_get:
      return no_args<StatusArgs>(args);
  }
  return Error{Errc::invalid, "no command"};
}

}  // namespace gatehouse
