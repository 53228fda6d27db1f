// What administrators say of a person: it can open doors, or close all of them.

#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {
namespace {

Method enable(AccessVerbs* verbs, const char* name, bool yes) {
  return {bus_names::people,
          name,
          "s",
          {"person"},
          Permission::administer,
          [verbs, yes](sdbus::MethodCall& call) {
            return [verbs, yes, person = read_name(call, "person")](std::string by) {
              return verbs->enable_person(person, yes, std::move(by));
            };
          }};
}

Method tag(AccessVerbs* verbs, const char* name, bool on) {
  return {bus_names::people,
          name,
          "ss",
          {"person", "tag"},
          Permission::administer,
          [verbs, on](sdbus::MethodCall& call) {
            auto person = read_name(call, "person");
            auto word = read_name(call, "tag");
            return [verbs, person, word, on](std::string by) {
              return verbs->tag_person(person, word, on, std::move(by));
            };
          }};
}

}  // namespace

std::vector<Method> person_methods(AccessVerbs& to) {
  AccessVerbs* verbs = &to;
  std::vector<Method> methods{enable(verbs, "Enable", true), enable(verbs, "Disable", false),
                              tag(verbs, "Tag", true), tag(verbs, "Untag", false)};
  methods.push_back({bus_names::people,
                     "Grant",
                     "sa{ss}",
                     {"person", "grant"},
                     Permission::administer,
                     [verbs](sdbus::MethodCall& call) {
                       auto person = read_name(call, "person");
                       return [verbs, person, ask = read_grant_ask(call)](std::string by) {
                         return verbs->grant(person, ask, std::move(by));
                       };
                     }});
  methods.push_back({bus_names::people,
                     "Revoke",
                     "ss",
                     {"person", "grant"},
                     Permission::administer,
                     [verbs](sdbus::MethodCall& call) {
                       auto person = read_name(call, "person");
                       auto grant = read_name(call, "grant");
                       return [verbs, person, grant](std::string by) {
                         return verbs->revoke(person, grant, std::move(by));
                       };
                     }});
  return methods;
}

}  // namespace gatehouse
