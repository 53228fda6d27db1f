#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {
namespace {

const std::vector<std::string> list_arguments{"filter", "after", "limit"};

void add_people(Console* console, std::vector<Method>& methods) {
  methods.push_back({bus_names::people, "List", "a{ss}su", list_arguments, Permission::view,
                     [console](sdbus::MethodCall& call) {
                       auto filter = read_people_filter(call);
                       return [console, filter, page = read_page(call)](std::string) {
                         return console->people(filter, page);
                       };
                     }});
  methods.push_back(
      {bus_names::people, "Show", "s", {"person"}, Permission::view, [console](sdbus::MethodCall& call) {
         return
             [console, key = read_argument<std::string>(call)](std::string) { return console->person(key); };
       }});
  methods.push_back(
      {bus_names::people, "Why", "s", {"person"}, Permission::view, [console](sdbus::MethodCall& call) {
         return [console, key = read_name(call, "person")](std::string) { return console->why(key); };
       }});
  methods.push_back({bus_names::people,
                     "Decouple",
                     "sss",
                     {"person", "reason", "until"},
                     Permission::administer,
                     [console](sdbus::MethodCall& call) {
                       auto person = read_name(call, "person");
                       auto reason = read_argument<std::string>(call);
                       auto until = read_argument<std::string>(call);
                       return [console, person, reason, until](std::string by) {
                         return console->decouple(person, reason, until, std::move(by));
                       };
                     }});
  methods.push_back({bus_names::people,
                     "Couple",
                     "s",
                     {"person"},
                     Permission::administer,
                     [console](sdbus::MethodCall& call) {
                       return [console, person = read_name(call, "person")](std::string by) {
                         return console->couple(person, std::move(by));
                       };
                     }});
}

}  // namespace

std::vector<Method> people_methods(Console& to) {
  Console* console = &to;
  std::vector<Method> methods;
  add_people(console, methods);
  methods.push_back({bus_names::events, "List", "a{ss}su", list_arguments, Permission::view,
                     [console](sdbus::MethodCall& call) {
                       auto filter = read_event_filter(call);
                       return [console, filter, page = read_page(call)](std::string) {
                         return console->events(filter, page);
                       };
                     }});
  return methods;
}

}  // namespace gatehouse
