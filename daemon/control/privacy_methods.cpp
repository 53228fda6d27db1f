#include "daemon/control/privacy_methods.hpp"

#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"

namespace gatehouse {

std::vector<Method> privacy_methods(PrivacyDesk& to, PrivacyStore& of) {
  PrivacyDesk* desk = &to;
  PrivacyStore* store = &of;
  std::vector<Method> methods;
  methods.push_back(
      {bus_names::gateway, "StoreFigures", "", {}, Permission::sync, [store](sdbus::MethodCall&) {
         return [store](std::string) { return store->store_figures(); };
       }});
  methods.push_back({bus_names::people,
                     "Export",
                     "s",
                     {"person"},
                     Permission::administer,
                     [desk](sdbus::MethodCall& call) {
                       auto person = read_name(call, "person");
                       return [desk, person](std::string) { return desk->export_person(person); };
                     },
                     ReplyForm::file});
  methods.push_back(
      {bus_names::people, "Erase", "s", {"person"}, Permission::administer, [desk](sdbus::MethodCall& call) {
         auto person = read_name(call, "person");
         return [desk, person](std::string by) { return desk->erase_person(person, std::move(by)); };
       }});
  return methods;
}

}  // namespace gatehouse
