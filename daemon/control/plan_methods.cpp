#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {
namespace {

void add_plans(Console* console, std::vector<Method>& methods) {
  methods.push_back({bus_names::plans, "List", "", {}, Permission::view, [console](sdbus::MethodCall&) {
                       return [console](std::string) { return console->plans(); };
                     }});
  methods.push_back({bus_names::plans,
                     "Show",
                     "ssu",
                     {"plan", "after", "limit"},
                     Permission::view,
                     [console](sdbus::MethodCall& call) {
                       auto id = read_name(call, "plan");
                       return [console, id, page = read_page(call)](std::string) {
                         return console->plan(id, page);
                       };
                     }});
  methods.push_back({bus_names::plans,
                     "Apply",
                     "st",
                     {"plan", "confirm"},
                     Permission::administer,
                     [console](sdbus::MethodCall& call) {
                       auto id = read_name(call, "plan");
                       const auto confirm = read_argument<std::uint64_t>(call);
                       return [console, id, confirm](std::string by) {
                         return console->apply_plan(id, confirm, std::move(by));
                       };
                     }});
  methods.push_back(
      {bus_names::plans, "Discard", "s", {"plan"}, Permission::sync, [console](sdbus::MethodCall& call) {
         return [console, id = read_name(call, "plan")](std::string by) {
           return console->discard_plan(id, std::move(by));
         };
       }});
  methods.push_back({bus_names::purge,
                     "Plan",
                     "sbb",
                     {"integration", "all_synced", "keep_enabled"},
                     Permission::administer,
                     [console](sdbus::MethodCall& call) {
                       PurgeAsk ask;
                       bool all_synced = false;
                       call >> ask.integration >> all_synced >> ask.keep_enabled;
                       // A name that was left out by mistake must not come to mean everybody.
                       if (ask.integration.empty() != all_synced)
                         refuse_arguments("either an integration or all_synced must be given, and not both");
                       return
                           [console, ask](std::string by) { return console->plan_purge(ask, std::move(by)); };
                     }});
}

void add_issues(Console* console, std::vector<Method>& methods) {
  methods.push_back(
      {bus_names::issues, "List", "a{ss}", {"filter"}, Permission::view, [console](sdbus::MethodCall& call) {
         return [console, filter = read_issue_filter(call)](std::string) { return console->issues(filter); };
       }});
  methods.push_back(
      {bus_names::issues, "Show", "s", {"issue"}, Permission::view, [console](sdbus::MethodCall& call) {
         return [console, number = read_name(call, "issue")](std::string) { return console->issue(number); };
       }});
  methods.push_back({bus_names::issues,
                     "Fix",
                     "sa{ss}",
                     {"issue", "set"},
                     Permission::sync,
                     [console](sdbus::MethodCall& call) {
                       auto number = read_name(call, "issue");
                       auto set = read_argument<std::map<std::string, std::string>>(call);
                       if (set.empty()) refuse_arguments("nothing is set");
                       return [console, number, set](std::string by) {
                         return console->fix_issue(number, set, std::move(by));
                       };
                     }});
  methods.push_back({bus_names::issues,
                     "Merge",
                     "ss",
                     {"issue", "into"},
                     Permission::sync,
                     [console](sdbus::MethodCall& call) {
                       auto number = read_name(call, "issue");
                       auto into = read_name(call, "into");
                       return [console, number, into](std::string by) {
                         return console->merge_issue(number, into, std::move(by));
                       };
                     }});
  methods.push_back(
      {bus_names::issues, "Skip", "s", {"issue"}, Permission::sync, [console](sdbus::MethodCall& call) {
         return [console, number = read_name(call, "issue")](std::string by) {
           return console->skip_issue(number, std::move(by));
         };
       }});
  methods.push_back(
      {bus_names::issues, "Unskip", "s", {"issue"}, Permission::sync, [console](sdbus::MethodCall& call) {
         return [console, number = read_name(call, "issue")](std::string by) {
           return console->unskip_issue(number, std::move(by));
         };
       }});
}

}  // namespace

std::vector<Method> plan_methods(Console& to) {
  Console* console = &to;
  std::vector<Method> methods;
  add_plans(console, methods);
  add_issues(console, methods);
  methods.push_back({bus_names::activity,
                     "List",
                     "a{ss}su",
                     {"filter", "after", "limit"},
                     Permission::view,
                     [console](sdbus::MethodCall& call) {
                       auto filter = read_activity_filter(call);
                       return [console, filter, page = read_page(call)](std::string) {
                         return console->activity(filter, page);
                       };
                     }});
  return methods;
}

}  // namespace gatehouse
