#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {
namespace {

const std::vector<std::string> run_arguments{"integration", "full", "dry_run"};

Ask read_run(Console* console, sdbus::MethodCall& call) {
  SyncAsk ask;
  call >> ask.integration >> ask.full >> ask.dry_run;
  return [console, ask](std::string by) { return console->run_sync(ask, std::move(by)); };
}

void add_integrations(Console* console, std::vector<Method>& methods) {
  methods.push_back(
      {bus_names::integrations, "List", "", {}, Permission::view, [console](sdbus::MethodCall&) {
         return [console](std::string) { return console->integrations(); };
       }});
  methods.push_back(
      {bus_names::integrations, "Show", "s", {"id"}, Permission::view, [console](sdbus::MethodCall& call) {
         return [console, id = read_argument<std::string>(call)](std::string) {
           return console->integration(id);
         };
       }});
  methods.push_back(
      {bus_names::integrations, "Pause", "s", {"id"}, Permission::sync, [console](sdbus::MethodCall& call) {
         return [console, id = read_name(call, "id")](std::string by) {
           return console->pause_integration(id, std::move(by));
         };
       }});
  methods.push_back(
      {bus_names::integrations, "Resume", "s", {"id"}, Permission::sync, [console](sdbus::MethodCall& call) {
         return [console, id = read_name(call, "id")](std::string by) {
           return console->resume_integration(id, std::move(by));
         };
       }});
  methods.push_back({bus_names::integrations,
                     "Remove",
                     "ss",
                     {"id", "people"},
                     Permission::administer,
                     [console](sdbus::MethodCall& call) {
                       auto id = read_name(call, "id");
                       auto people = read_argument<std::string>(call);
                       require_one_of(people, "people", {"keep", "disable", "delete"});
                       return [console, id, people](std::string by) {
                         return console->remove_integration(id, people, std::move(by));
                       };
                     }});
}

void add_sync(Console* console, std::vector<Method>& methods) {
  const auto run = [console](sdbus::MethodCall& call) { return read_run(console, call); };
  methods.push_back({bus_names::sync, "Run", "sbb", run_arguments, Permission::sync, run});
  methods.push_back(
      {bus_names::sync, "RunToFile", "sbb", run_arguments, Permission::sync, run, ReplyForm::file});
  methods.push_back({bus_names::sync,
                     "Start",
                     "sb",
                     {"integration", "full"},
                     Permission::sync,
                     [console](sdbus::MethodCall& call) {
                       SyncAsk ask;
                       call >> ask.integration >> ask.full;
                       return
                           [console, ask](std::string by) { return console->run_sync(ask, std::move(by)); };
                     },
                     ReplyForm::started});
  methods.push_back({bus_names::sync, "Progress", "", {}, Permission::view, [console](sdbus::MethodCall&) {
                       return [console](std::string) { return console->progress(); };
                     }});
  methods.push_back(
      {bus_names::sync, "Log", "s", {"integration"}, Permission::view, [console](sdbus::MethodCall& call) {
         return [console, id = read_argument<std::string>(call)](std::string) { return console->runs(id); };
       }});
}

}  // namespace

std::vector<Method> integration_methods(Console& to) {
  Console* console = &to;
  std::vector<Method> methods;
  add_integrations(console, methods);
  add_sync(console, methods);
  methods.push_back(
      {bus_names::log, "Api", "s", {"since"}, Permission::view, [console](sdbus::MethodCall& call) {
         return [console, since = read_argument<std::string>(call)](std::string) {
           return console->api_log(since);
         };
       }});
  return methods;
}

}  // namespace gatehouse
