#pragma once
// The audit: rows that are chained by their hashes, so that a row that was changed, taken out or cut off is
// found.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/store/digest.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// How far a proof of the chain has come, between two portions of it.
struct AuditProof {
  bool begun = false;
  bool done = false;
  std::int64_t last = 0;  ///< the row that was looked at last
  std::string hash;       ///< its hash, 32 bytes
  AuditFinding finding;
};

/// A row's hash is SHA-256 over: the hash before it, number, time in milliseconds, actor, action, target,
/// outcome, digest; the digest over: 16 random bytes, detail, person ("" for none). Each field has its length
/// before it.
class AuditTables {
 public:
  AuditTables(Database& db, Clock& clock) : db_(db), clock_(clock) {}

  /// Within a transaction.
  void add(const AuditEntry& entry);
  void add(const std::vector<AuditEntry>& entries);
  std::vector<AuditRow> rows(std::int64_t before, std::size_t at_most);
  AuditHead head();
  /// The next rows of the chain; again until `done`.
  void verify(AuditProof& proof, std::size_t at_most);
  /// What stands of a person goes; the digests stay, and with them the chain. Within a transaction. How many.
  std::size_t erase(const PersonId& person);
  /// How many rows at the front may go. 0: nothing to prune.
  std::size_t prunable(Instant before, std::size_t at_most);
  /// So many rows from the front; within a transaction.
  void prune(std::size_t rows);

 private:
  struct Ends {
    std::int64_t head = 0;
    std::string head_hash;
    std::int64_t pruned = 0;
    std::string pruned_hash;
  };
  Ends ends();

  Database& db_;
  Clock& clock_;
  Digest digest_;
};

}  // namespace gatehouse
