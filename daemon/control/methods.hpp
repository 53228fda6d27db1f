#pragma once
// What can be asked over D-Bus, noun by noun (contract §1, §6): one row a method.
//
// Who may: view what only looks; sync what runs, pauses, discards or settles an issue; open door what moves
// one door, or signs somebody in; administer what takes people out of the sync's hands, what lets somebody in
// or out from then on (grants, tags, door modes, lockdown: off lifts a denial), what hands the daemon a
// configuration to look at, and what carries a plan out: any plan, because only its kind tells a purge from a
// first sync, and a plan applied cannot be taken back.

#include <functional>
#include <string>
#include <vector>

#include <sdbus-c++/Message.h>

#include "daemon/app/access_console.hpp"
#include "daemon/app/console.hpp"
#include "daemon/app/task.hpp"
#include "daemon/control/admission.hpp"

namespace gatehouse {

/// A question with its arguments. `by`: who asks, "uid 1000 (olga)"; empty where permission is view.
using Ask = std::function<Task<Result<std::string>>(std::string by)>;

/// Reads the arguments of a call and makes the question of them. Throws sdbus::Error on bad arguments.
using ReadCall = std::function<Ask(sdbus::MethodCall&)>;

enum class ReplyForm {
  document,     ///< the JSON document as a string
  file,         ///< as a descriptor of a sealed file in memory, for what may be longer than a message can be
  handed_over,  ///< likewise, of the file whose path the answer is: it is opened and removed
  started,      ///< {"started":true} as soon as it is under way; what goes wrong at once is answered, later
                ///< logged
};

struct Method {
  const char* interface;
  const char* name;
  const char* signature;               ///< of the arguments
  std::vector<std::string> arguments;  ///< their names
  Permission permission;
  ReadCall read;
  ReplyForm form = ReplyForm::document;
};

/// The console must outlive the methods.
std::vector<Method> gateway_methods(Console& console);      ///< the gateway, its configuration and its outbox
std::vector<Method> people_methods(Console& console);       ///< people, events
std::vector<Method> integration_methods(Console& console);  ///< integrations, sync, what was asked of Net2
std::vector<Method> plan_methods(Console& console);         ///< plans, purge, issues, activity
std::vector<Method> access_methods(AccessVerbs& verbs);     ///< decisions, who is on site, the audit
std::vector<Method> door_methods(AccessVerbs& verbs);       ///< doors and lockdown
std::vector<Method> person_methods(AccessVerbs& verbs);     ///< what administrators say of a person

}  // namespace gatehouse
