// What is asked of decisions, of who is on site, and of the audit.

#include "daemon/control/bus_names.hpp"
#include "daemon/control/call_arguments.hpp"
#include "daemon/control/methods.hpp"

namespace gatehouse {
namespace {

void add_asks(AccessVerbs* verbs, std::vector<Method>& methods) {
  methods.push_back({bus_names::access,
                     "Decide",
                     "ssa{ss}",
                     {"person", "access_point", "with"},
                     Permission::view,
                     [verbs](sdbus::MethodCall& call) {
                       return [verbs, ask = read_access_ask(call)](std::string) {
                         return verbs->decide_access(ask);
                       };
                     }});
  methods.push_back({bus_names::access,
                     "SignIn",
                     "ss",
                     {"person", "access_point"},
                     Permission::open_door,
                     [verbs](sdbus::MethodCall& call) {
                       AccessAsk ask;
                       ask.person = read_name(call, "person");
                       ask.access_point = read_name(call, "access_point");
                       return [verbs, ask](std::string by) { return verbs->sign_in(ask, std::move(by)); };
                     }});
}

void add_decisions(AccessVerbs* verbs, std::vector<Method>& methods) {
  methods.push_back({bus_names::access,
                     "List",
                     "a{ss}su",
                     {"filter", "after", "limit"},
                     Permission::view,
                     [verbs](sdbus::MethodCall& call) {
                       auto since = read_since(call);
                       return [verbs, since, page = read_page(call)](std::string) {
                         return verbs->decisions(since, page);
                       };
                     }});
  methods.push_back(
      {bus_names::access, "Explain", "s", {"decision"}, Permission::view, [verbs](sdbus::MethodCall& call) {
         return [verbs, id = read_name(call, "decision")](std::string) { return verbs->explain(id); };
       }});
  methods.push_back({bus_names::access,
                     "Replay",
                     "ss",
                     {"config", "since"},
                     Permission::administer,
                     [verbs](sdbus::MethodCall& call) {
                       auto config = read_name(call, "config");
                       auto since = read_argument<std::string>(call);
                       return [verbs, config, since](std::string) { return verbs->replay(config, since); };
                     },
                     ReplyForm::file});
}

void add_audit(AccessVerbs* verbs, std::vector<Method>& methods) {
  // The filter is for what may come; it is empty.
  methods.push_back({bus_names::audit,
                     "List",
                     "a{ss}su",
                     {"filter", "after", "limit"},
                     Permission::view,
                     [verbs](sdbus::MethodCall& call) {
                       refuse_any_filter(call);
                       return [verbs, page = read_page(call)](std::string) { return verbs->audit(page); };
                     }});
  methods.push_back({bus_names::audit, "Verify", "", {}, Permission::view, [verbs](sdbus::MethodCall&) {
                       return [verbs](std::string) { return verbs->verify_audit(); };
                     }});
}

}  // namespace

std::vector<Method> access_methods(AccessVerbs& to) {
  AccessVerbs* verbs = &to;
  std::vector<Method> methods;
  add_asks(verbs, methods);
  add_decisions(verbs, methods);
  methods.push_back(
      {bus_names::muster, "List", "s", {"site"}, Permission::view, [verbs](sdbus::MethodCall& call) {
         return [verbs, site = read_argument<std::string>(call)](std::string) { return verbs->muster(site); };
       }});
  add_audit(verbs, methods);
  return methods;
}

}  // namespace gatehouse
