#pragma once
// Reads the arguments of a D-Bus call. What makes no sense is refused here, by an sdbus::Error, before the
// console hears of it.

#include <initializer_list>
#include <map>
#include <string>

#include <sdbus-c++/Message.h>

#include "daemon/app/access_console.hpp"
#include "daemon/app/console.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

[[noreturn]] void refuse_arguments(const std::string& why);

/// `name`: of the argument, for the refusal. "" among the known ones stands for "not given".
void require_one_of(const std::string& value, const char* name, std::initializer_list<const char*> known);

template <typename T>
T read_argument(sdbus::MethodCall& call) {
  T value{};
  call >> value;
  return value;
}

/// A text that must not be empty.
std::string read_name(sdbus::MethodCall& call, const char* what);

/// The `after` and `limit` behind a filter; 1 to 1000 rows.
Page read_page(sdbus::MethodCall& call);

PeopleFilter read_people_filter(sdbus::MethodCall& call);
EventFilter read_event_filter(sdbus::MethodCall& call);
OutboxFilter read_outbox_filter(sdbus::MethodCall& call);
IssueFilter read_issue_filter(sdbus::MethodCall& call);
ActivityFilter read_activity_filter(sdbus::MethodCall& call);

/// Whom, where, and a filter of at, direction and mode.
AccessAsk read_access_ask(sdbus::MethodCall& call);
/// A filter of exactly one of door, scope and site, with hours, from and until.
GrantAsk read_grant_ask(sdbus::MethodCall& call);
/// A filter of since alone.
std::string read_since(sdbus::MethodCall& call);
/// A filter that knows nothing yet.
void refuse_any_filter(sdbus::MethodCall& call);

}  // namespace gatehouse
