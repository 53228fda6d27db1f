#include "daemon/control/config_methods.hpp"

#include <cstdint>

#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t least_trial = 10;  ///< seconds; a shorter one cannot be confirmed by hand
constexpr std::uint32_t most_trial = 24 * 3600;

}  // namespace

std::vector<Method> config_methods(ConfigVerbs& to) {
  ConfigVerbs* verbs = &to;
  std::vector<Method> methods;
  methods.push_back({bus_names::config,
                     "Preview",
                     "s",
                     {"config"},
                     Permission::administer,
                     [verbs](sdbus::MethodCall& call) {
                       return [verbs, config = read_name(call, "config")](std::string) {
                         return verbs->preview(config);
                       };
                     },
                     ReplyForm::file});
  methods.push_back(
      {bus_names::config, "Try", "u", {"seconds"}, Permission::administer, [verbs](sdbus::MethodCall& call) {
         const auto seconds = read_argument<std::uint32_t>(call);
         if (seconds < least_trial || seconds > most_trial) refuse_arguments("a trial takes 10 s to 24 h");
         return [verbs, within = std::chrono::seconds(seconds)](std::string) {
           return verbs->try_files(within);
         };
       }});
  methods.push_back(
      {bus_names::config, "Confirm", "", {}, Permission::administer, [verbs](sdbus::MethodCall&) {
         return [verbs](std::string) { return verbs->confirm(); };
       }});
  return methods;
}

}  // namespace gatehouse
