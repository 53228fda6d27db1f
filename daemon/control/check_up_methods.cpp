#include "daemon/control/check_up_methods.hpp"

#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"

namespace gatehouse {

std::vector<Method> check_up_methods(CheckUp& to) {
  CheckUp* desk = &to;
  std::vector<Method> methods;
  methods.push_back(
      {bus_names::gateway, "Doctor", "s", {"integration"}, Permission::sync, [desk](sdbus::MethodCall& call) {
         auto integration = read_argument<std::string>(call);
         return [desk, integration](std::string) { return desk->examine(integration); };
       }});
  return methods;
}

}  // namespace gatehouse
