#include "daemon/control/state_methods.hpp"

#include "daemon/control/bus_names.hpp"

namespace gatehouse {

std::vector<Method> state_methods(StateDesk& to) {
  StateDesk* desk = &to;
  std::vector<Method> methods;
  methods.push_back({bus_names::state,
                     "Backup",
                     "",
                     {},
                     Permission::administer,
                     [desk](sdbus::MethodCall&) { return [desk](std::string) { return desk->back_up(); }; },
                     ReplyForm::handed_over});
  methods.push_back({bus_names::state, "Salvage", "", {}, Permission::view, [desk](sdbus::MethodCall&) {
                       return [desk](std::string) { return desk->show(); };
                     }});
  methods.push_back(
      {bus_names::state, "AcceptSalvage", "", {}, Permission::administer, [desk](sdbus::MethodCall&) {
         return [desk](std::string by) { return desk->accept(std::move(by)); };
       }});
  methods.push_back({bus_names::state, "CheckPages", "", {}, Permission::view, [desk](sdbus::MethodCall&) {
                       return [desk](std::string) { return desk->check_pages(); };
                     }});
  return methods;
}

}  // namespace gatehouse
