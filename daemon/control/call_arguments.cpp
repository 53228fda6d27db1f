#include "daemon/control/call_arguments.hpp"

#include <utility>

#include <sdbus-c++/Error.h>

#include "daemon/control/error_names.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t largest_page = 1000;

using Filter = std::map<std::string, std::string>;

// Takes a member out of a filter; empty where it is not there.
std::string take_out(Filter& filter, const char* name) {
  auto found = filter.extract(name);
  return found ? std::move(found.mapped()) : std::string();
}

void refuse_rest(const Filter& filter, const char* known) {
  if (filter.empty()) return;
  refuse_arguments("unknown filter '" + filter.begin()->first + "'; known are: " + known);
}

}  // namespace

void refuse_arguments(const std::string& why) {
  throw sdbus::Error(bus_error_name(Errc::invalid), why);
}

void require_one_of(const std::string& value, const char* name, std::initializer_list<const char*> known) {
  std::string list;
  for (const char* one : known) {
    if (value == one) return;
    if (*one != '\0') list += (list.empty() ? "" : ", ") + std::string(one);
  }
  refuse_arguments(std::string(name) + " '" + value + "' is none of: " + list);
}

std::string read_name(sdbus::MethodCall& call, const char* what) {
  auto name = read_argument<std::string>(call);
  if (name.empty()) refuse_arguments(std::string(what) + " is missing");
  return name;
}

Page read_page(sdbus::MethodCall& call) {
  Page page;
  call >> page.after >> page.limit;
  if (page.limit < 1 || page.limit > largest_page) refuse_arguments("limit must be 1 to 1000");
  return page;
}

PeopleFilter read_people_filter(sdbus::MethodCall& call) {
  auto given = read_argument<Filter>(call);
  PeopleFilter filter;
  filter.search = take_out(given, "search");
  filter.integration = take_out(given, "integration");
  filter.person_type = take_out(given, "type");
  filter.site = take_out(given, "site");
  filter.access = take_out(given, "access");
  refuse_rest(given, "search, integration, type, site, access");
  require_one_of(filter.access, "access", {"", "yes", "no"});
  return filter;
}

EventFilter read_event_filter(sdbus::MethodCall& call) {
  auto given = read_argument<Filter>(call);
  EventFilter filter;
  filter.since = take_out(given, "since");
  filter.integration = take_out(given, "integration");
  refuse_rest(given, "since, integration");
  return filter;
}

OutboxFilter read_outbox_filter(sdbus::MethodCall& call) {
  auto given = read_argument<Filter>(call);
  OutboxFilter filter;
  const auto dead = take_out(given, "dead");
  require_one_of(dead, "dead", {"", "true", "false"});
  filter.dead = dead == "true";
  filter.lane = take_out(given, "lane");
  refuse_rest(given, "dead, lane");
  return filter;
}

IssueFilter read_issue_filter(sdbus::MethodCall& call) {
  auto given = read_argument<Filter>(call);
  IssueFilter filter;
  filter.kind = take_out(given, "kind");
  filter.integration = take_out(given, "integration");
  refuse_rest(given, "kind, integration");
  require_one_of(filter.kind, "kind", {"", "error", "duplicate", "match"});
  return filter;
}

ActivityFilter read_activity_filter(sdbus::MethodCall& call) {
  auto given = read_argument<Filter>(call);
  ActivityFilter filter;
  filter.outcome = take_out(given, "outcome");
  filter.reason = take_out(given, "reason");
  filter.integration = take_out(given, "integration");
  filter.search = take_out(given, "search");
  filter.since = take_out(given, "since");
  refuse_rest(given, "outcome, reason, integration, search, since");
  require_one_of(
      filter.outcome, "outcome",
      {"", "added", "updated", "skipped", "excluded", "disabled", "removed", "processed", "failed"});
  return filter;
}

AccessAsk read_access_ask(sdbus::MethodCall& call) {
  AccessAsk ask;
  ask.person = read_name(call, "person");
  ask.access_point = read_name(call, "access_point");
  auto given = read_argument<Filter>(call);
  ask.at = take_out(given, "at");
  ask.direction = take_out(given, "direction");
  ask.mode = take_out(given, "mode");
  refuse_rest(given, "at, direction, mode");
  require_one_of(ask.direction, "direction", {"", "in", "out"});
  require_one_of(ask.mode, "mode", {"", "kiosk", "mobile", "qr", "web"});
  return ask;
}

GrantAsk read_grant_ask(sdbus::MethodCall& call) {
  auto given = read_argument<Filter>(call);
  GrantAsk ask;
  ask.door = take_out(given, "door");
  ask.scope = take_out(given, "scope");
  ask.site = take_out(given, "site");
  ask.hours = take_out(given, "hours");
  ask.from = take_out(given, "from");
  ask.until = take_out(given, "until");
  refuse_rest(given, "door, scope, site, hours, from, until");
  const int targets = (ask.door.empty() ? 0 : 1) + (ask.scope.empty() ? 0 : 1) + (ask.site.empty() ? 0 : 1);
  if (targets != 1) refuse_arguments("a grant is for exactly one of door, scope and site");
  return ask;
}

std::string read_since(sdbus::MethodCall& call) {
  auto given = read_argument<Filter>(call);
  auto since = take_out(given, "since");
  refuse_rest(given, "since");
  return since;
}

void refuse_any_filter(sdbus::MethodCall& call) {
  const auto given = read_argument<Filter>(call);
  if (!given.empty()) refuse_arguments("unknown filter '" + given.begin()->first + "'; none is known");
}

}  // namespace gatehouse
