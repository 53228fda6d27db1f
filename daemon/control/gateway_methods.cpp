#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {

std::vector<Method> gateway_methods(Console& to) {
  Console* console = &to;
  std::vector<Method> methods;
  methods.push_back({bus_names::gateway, "Status", "", {}, Permission::view, [console](sdbus::MethodCall&) {
                       return [console](std::string) { return console->status(); };
                     }});
  methods.push_back({bus_names::outbox,
                     "List",
                     "a{ss}su",
                     {"filter", "after", "limit"},
                     Permission::view,
                     [console](sdbus::MethodCall& call) {
                       auto filter = read_outbox_filter(call);
                       return [console, filter, page = read_page(call)](std::string) {
                         return console->outbox(filter, page);
                       };
                     }});
  methods.push_back(
      {bus_names::outbox, "Retry", "s", {"id"}, Permission::administer, [console](sdbus::MethodCall& call) {
         return [console, id = read_name(call, "id")](std::string by) {
           return console->retry_dead_letter(id, std::move(by));
         };
       }});
  methods.push_back(
      {bus_names::outbox, "Drop", "s", {"id"}, Permission::administer, [console](sdbus::MethodCall& call) {
         return [console, id = read_name(call, "id")](std::string by) {
           return console->drop_dead_letter(id, std::move(by));
         };
       }});
  methods.push_back(
      {bus_names::config, "Effective", "s", {"format"}, Permission::view, [console](sdbus::MethodCall& call) {
         auto format = read_argument<std::string>(call);
         require_one_of(format, "format", {"yaml", "json"});
         return [console, format](std::string) { return console->effective_config(format); };
       }});
  methods.push_back(
      {bus_names::config, "Reload", "", {}, Permission::administer, [console](sdbus::MethodCall&) {
         return [console](std::string) { return console->reload(); };
       }});
  return methods;
}

}  // namespace gatehouse
