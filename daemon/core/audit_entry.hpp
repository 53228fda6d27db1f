#pragma once
// One thing that happened at a door, by a command, to the configuration, or by an operator: for the auditor.

#include <optional>
#include <string>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

/// What a row of the audit says. Personal data stands in `detail` only, which an erasure takes away while the
/// chain stays valid: the chain holds a salted digest of it.
struct AuditEntry {
  std::string actor;    ///< "key cloud-1", "lan reception", "uid 1000 (olga)", "gateway"
  std::string action;   ///< "decision", "door.open", "command.refused", "config.reload", "plan.apply", …
  std::string target;   ///< a door, an access point, a site, a plan; never a person's name
  std::string outcome;  ///< "allow", "deny", "sent", "expired", "done", …
  std::string detail = "{}";         ///< a JSON object
  std::optional<PersonId> person{};  ///< whom it is about: their erasure takes `detail` away

  bool operator==(const AuditEntry&) const = default;
};

struct AuditRow {
  std::int64_t number = 0;  ///< contiguous from 1
  Instant at{};
  AuditEntry entry;  ///< without detail where it was erased
  bool erased = false;
  std::string hash;  ///< "sha256:…" of the row before, this row's columns, and the digest of its detail
};

struct AuditHead {
  std::int64_t number = 0;  ///< 0: nothing yet
  std::string hash;
  bool operator==(const AuditHead&) const = default;
};

struct AuditFinding {
  std::int64_t rows = 0;                     ///< looked at
  AuditHead head;                            ///< of what is stored
  std::optional<std::int64_t> first_broken;  ///< the number of the first row that does not fit
  std::string why;                           ///< for a person
};

}  // namespace gatehouse
