#include "daemon/control/call_arguments.hpp"

#include <utility>

#include <sdbus-c++/Error.h>

#include "daemon/control/error_names.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t largest_page = 1000;

/// A filter's names and values, taken out one by one. What nobody took is refused, with the names that are
/// known.
class GivenFilter {
 public:
  explicit GivenFilter(sdbus::MethodCall& call)
      : given_(read_argument<std::map<std::string, std::string>>(call)) {}

  /// Empty where it is not there. `allowed`: none, or its values.
  std::string take(const char* name, std::initializer_list<const char*> allowed = {}) {
    known_ += (known_.empty() ? "" : ", ") + std::string(name);
    auto found = given_.extract(name);
    auto value = found ? std::move(found.mapped()) : std::string();
    if (allowed.size() != 0 && !value.empty()) require_one_of(value, name, allowed);
    return value;
  }

  void refuse_rest() const {
    if (given_.empty()) return;
    refuse_arguments("unknown filter '" + given_.begin()->first + "'; " +
                     (known_.empty() ? "none is known" : "known are: " + known_));
  }

 private:
  std::map<std::string, std::string> given_;
  std::string known_;
};

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
  GivenFilter given(call);
  PeopleFilter filter;
  filter.search = given.take("search");
  filter.integration = given.take("integration");
  filter.person_type = given.take("type");
  filter.site = given.take("site");
  filter.access = given.take("access", {"yes", "no"});
  given.refuse_rest();
  return filter;
}

EventFilter read_event_filter(sdbus::MethodCall& call) {
  GivenFilter given(call);
  EventFilter filter;
  filter.since = given.take("since");
  filter.integration = given.take("integration");
  given.refuse_rest();
  return filter;
}

OutboxFilter read_outbox_filter(sdbus::MethodCall& call) {
  GivenFilter given(call);
  OutboxFilter filter;
  filter.dead = given.take("dead", {"true", "false"}) == "true";
  filter.lane = given.take("lane");
  given.refuse_rest();
  return filter;
}

IssueFilter read_issue_filter(sdbus::MethodCall& call) {
  GivenFilter given(call);
  IssueFilter filter;
  filter.kind = given.take("kind", {"error", "duplicate", "match"});
  filter.integration = given.take("integration");
  given.refuse_rest();
  return filter;
}

ActivityFilter read_activity_filter(sdbus::MethodCall& call) {
  GivenFilter given(call);
  ActivityFilter filter;
  filter.outcome = given.take(
      "outcome", {"added", "updated", "skipped", "excluded", "disabled", "removed", "processed", "failed"});
  filter.reason = given.take("reason");
  filter.integration = given.take("integration");
  filter.search = given.take("search");
  filter.since = given.take("since");
  given.refuse_rest();
  return filter;
}

AccessAsk read_access_ask(sdbus::MethodCall& call) {
  AccessAsk ask;
  ask.person = read_name(call, "person");
  ask.access_point = read_name(call, "access_point");
  GivenFilter given(call);
  ask.at = given.take("at");
  ask.direction = given.take("direction", {"in", "out"});
  ask.mode = given.take("mode", {"kiosk", "mobile", "qr", "web"});
  given.refuse_rest();
  return ask;
}

GrantAsk read_grant_ask(sdbus::MethodCall& call) {
  GivenFilter given(call);
  GrantAsk ask;
  ask.door = given.take("door");
  ask.scope = given.take("scope");
  ask.site = given.take("site");
  ask.hours = given.take("hours");
  ask.from = given.take("from");
  ask.until = given.take("until");
  given.refuse_rest();
  const int targets = (ask.door.empty() ? 0 : 1) + (ask.scope.empty() ? 0 : 1) + (ask.site.empty() ? 0 : 1);
  if (targets != 1) refuse_arguments("a grant is for exactly one of door, scope and site");
  return ask;
}

std::string read_since(sdbus::MethodCall& call) {
  GivenFilter given(call);
  auto since = given.take("since");
  given.refuse_rest();
  return since;
}

void refuse_any_filter(sdbus::MethodCall& call) {
  GivenFilter(call).refuse_rest();
}

}  // namespace gatehouse
