#include "daemon/control/clock_methods.hpp"

#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"

namespace gatehouse {

std::vector<Method> clock_methods(ClockDesk& to) {
  ClockDesk* desk = &to;
  std::vector<Method> methods;
  methods.push_back({bus_names::clock, "Show", "", {}, Permission::view, [desk](sdbus::MethodCall&) {
                       return [desk](std::string) -> Task<Result<std::string>> { co_return desk->show(); };
                     }});
  methods.push_back(
      {bus_names::clock, "Reset", "s", {"reason"}, Permission::administer, [desk](sdbus::MethodCall& call) {
         auto reason = read_name(call, "reason");
         return [desk, reason](std::string by) { return desk->reset(reason, std::move(by)); };
       }});
  return methods;
}

}  // namespace gatehouse
