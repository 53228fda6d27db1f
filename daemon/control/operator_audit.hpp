#pragma once
// What operators' acts leave in the audit, where no transaction of their own writes it.

#include <optional>
#include <string>
#include <string_view>

#include <sdbus-c++/Message.h>

#include "daemon/control/methods.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Why a method that does more than view leaves no row here.
enum class Audited {
  here,       ///< it leaves one
  by_itself,  ///< a row is written with what it does
  not_at_all  ///< it changes nothing
};

/// How the audit takes a method that does more than view; nullopt for one that nobody has thought of.
struct AuditRule {
  Audited audited = Audited::here;
  std::string_view action;  ///< AuditEntry::action: "plan.apply"
  bool of_person = false;   ///< its first argument names a person, in ways that must not stand in the audit
};
std::optional<AuditRule> audit_rule(std::string_view interface, std::string_view method);

/// The row of a call without its outcome, once its arguments were read and found good. nullopt where it
/// leaves none. One of a method without a rule is called as it is on the bus.
std::optional<AuditEntry> audit_entry(const Method& method, sdbus::MethodCall& call);

/// How it went. A person is taken from what was answered: an id, and no more.
void finish_audit(AuditEntry& entry, const Method& method, const Result<std::string>& answer);

}  // namespace gatehouse
