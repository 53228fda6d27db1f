#include "daemon/app/access_asks.hpp"

#include <algorithm>

#include "daemon/core/settings_names.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t most_named = 8;
constexpr std::size_t longest_tag = 64;

/// "no site "x" in the configuration; there is: hq, annex".
Error no_such(std::string_view kind, const std::string& text, const std::vector<std::string>& known,
              std::string_view see = {}) {
  std::string words = "no " + std::string(kind) + " \"" + text + "\" in the configuration; there is ";
  if (known.empty()) words += "none";
  for (std::size_t i = 0; i < known.size() && i < most_named; ++i) words += (i == 0 ? "" : ", ") + known[i];
  if (known.size() > most_named) words += " and " + std::to_string(known.size() - most_named) + " more";
  if (!see.empty()) words += " (" + std::string(see) + ")";
  return {Errc::not_found, std::move(words)};
}

Result<ScopeId> known_scope(const std::string& text, const Settings& settings) {
  std::vector<std::string> known;
  for (const auto& scope : settings.scopes) {
    if (scope.id.value() == text) return scope.id;
    known.push_back(scope.id.value());
  }
  return no_such("scope", text, known);
}

Result<ScheduleId> known_schedule(const std::string& text, const Settings& settings) {
  std::vector<std::string> known;
  for (const auto& [id, schedule] : settings.schedules) {
    if (id.value() == text) return id;
    known.push_back(id.value());
  }
  return no_such("schedule", text, known);
}

Result<void> read_target(const GrantAsk& ask, const Settings& settings, Grant& grant) {
  const int given = (ask.door.empty() ? 0 : 1) + (ask.scope.empty() ? 0 : 1) + (ask.site.empty() ? 0 : 1);
  if (given != 1) return Error{Errc::invalid, "a grant is for exactly one of door, scope and site"};
  if (!ask.door.empty()) {
    auto door = known_door(ask.door, settings);
    if (!door) return door.error();
    grant.door = *door;
  } else if (!ask.scope.empty()) {
    auto scope = known_scope(ask.scope, settings);
    if (!scope) return scope.error();
    grant.scope = *scope;
  } else {
    auto site = known_site(ask.site, settings);
    if (!site) return site.error();
    grant.site = *site;
  }
  return {};
}

/// The length of the character that begins here; 0 where it is no UTF-8, or a control character.
std::size_t character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x20 || first == 0x7f) return 0;
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  char32_t code = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return 0;
    code = (code << 6) | (next & 0x3fu);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool control = code < 0xa0;  // C1
  // What turns the line round, and line and paragraph separators: invisible, so two tags would look alike.
  const bool invisible = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                         (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
  return overlong || surrogate || control || invisible || code > 0x10ffff ? 0 : length;
}

}  // namespace

Result<SignIn> sign_in_of(const AccessAsk& ask, const AccessPolicy& policy) {
  SignIn asked;
  asked.access_point = AccessPointId(ask.access_point);
  if (!ask.direction.empty()) {
    const auto direction = parse_name<Direction>(ask.direction);
    if (!direction) return Error{Errc::invalid, "direction is in or out, not \"" + ask.direction + "\""};
    asked.direction = *direction;
  }
  if (!ask.mode.empty()) {
    const auto mode = parse_name<SignInMode>(ask.mode);
    if (!mode) return Error{Errc::invalid, "mode is kiosk, mobile, qr or web, not \"" + ask.mode + "\""};
    asked.mode = *mode;
  } else if (const auto* point = policy.access_point(asked.access_point)) {
    if (!point->settings.open_modes.empty()) asked.mode = point->settings.open_modes.front();
  }
  return asked;
}

Error no_zone() {
  return {Errc::invalid,
          "this machine does not know the gateway's time zone (gateway.timezone; package tzdata)"};
}

Result<std::optional<Instant>> local_moment(const std::string& text, const TimeZone& zone) {
  if (text.empty()) return std::optional<Instant>();
  const auto local = parse_local_time(text);
  if (!local) {
    return Error{Errc::invalid,
                 "\"" + text + "\" is no local time in the gateway's zone, such as 2026-06-01T10:00"};
  }
  return std::optional(zone.first_instant_of(*local));
}

Result<std::optional<Instant>> grant_moment(const std::string& text, const TimeZone& zone) {
  if (text.empty()) return std::optional<Instant>();
  if (auto at = parse_rfc3339(text)) return at;
  auto local = parse_local_time(text);
  if (!local) local = parse_local_time(text + "T00:00");
  if (local) return std::optional(zone.first_instant_of(*local));
  return Error{Errc::invalid,
               "\"" + text +
                   "\" is neither a time (2026-06-01T09:00:00Z), a local time in the gateway's "
                   "zone (2026-06-01T10:00), nor a date (2026-06-01)"};
}

Result<Grant> grant_of(const GrantAsk& ask, const Settings& settings, const TimeZone& zone, Instant now) {
  Grant grant;
  auto target = read_target(ask, settings, grant);
  if (!target) return target.error();
  if (!ask.hours.empty()) {
    auto hours = known_schedule(ask.hours, settings);
    if (!hours) return hours.error();
    grant.hours = *hours;
  }
  auto from = grant_moment(ask.from, zone);
  if (!from) return within("from", from.error());
  auto until = grant_moment(ask.until, zone);
  if (!until) return within("until", until.error());
  if (*until && **until <= now) return Error{Errc::invalid, "until lies in the past"};
  if (*from && *until && **until <= **from) return Error{Errc::invalid, "until does not lie after from"};
  grant.from = *from;
  grant.until = *until;
  return grant;
}

bool same_grant(const Grant& a, const Grant& b) {
  Grant other = b;
  other.id = a.id;
  return a == other;
}

Result<DoorId> known_door(const std::string& text, const Settings& settings) {
  std::vector<std::string> known;
  for (const auto& door : settings.doors) {
    if (to_string(door.id) == text) return door.id;
    known.push_back(to_string(door.id));
  }
  return no_such("door", text, known, "gatehouse door list");
}

Result<SiteId> known_site(const std::string& text, const Settings& settings) {
  std::vector<std::string> known;
  for (const auto& site : settings.gateway.sites) {
    if (site.id.value() == text) return site.id;
    known.push_back(site.id.value());
  }
  return no_such("site", text, known);
}

Result<std::optional<DoorMode>> door_mode_of(const std::string& text) {
  if (text == "config") return std::optional<DoorMode>();
  if (auto mode = parse_name<DoorMode>(text)) return mode;
  return Error{Errc::invalid,
               "mode is normal, blocked, force_closed, force_open or config, not \"" + text + "\""};
}

Result<void> check_tag(std::string_view tag) {
  if (tag.empty()) return Error{Errc::invalid, "a tag must not be empty"};
  if (tag.front() == ' ' || tag.back() == ' ')
    return Error{Errc::invalid, "a tag must not begin or end with a blank"};
  std::size_t characters = 0;
  for (auto rest = tag; !rest.empty(); ++characters) {
    const auto length = character(rest);
    if (length == 0)
      return Error{Errc::invalid, "a tag is UTF-8 without control characters and invisible ones"};
    rest.remove_prefix(length);
  }
  if (characters > longest_tag)
    return Error{Errc::invalid, "a tag has at most 64 characters, not " + std::to_string(characters)};
  return {};
}

}  // namespace gatehouse
