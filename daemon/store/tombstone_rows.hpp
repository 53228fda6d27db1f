#pragma once
// What is kept of erased people: keyed digests by which they are known again.

#include <memory>
#include <string_view>

#include "daemon/core/ids.hpp"
#include "daemon/core/tombstones.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// A digest is HMAC-SHA256 of a mark; the key is 32 random bytes of this store, made with its first erasure.
class TombstoneRows {
 public:
  explicit TombstoneRows(Database& db) : db_(db) {}

  /// All of them as they are now, read when something has changed. Never null.
  std::shared_ptr<const Tombstones> all();
  bool covers(std::string_view mark);
  bool covers(const IntegrationId& integration, std::string_view external_id);
  bool covers(const PersonId& person);
  /// Within a transaction. True where it was not there before.
  bool add(std::string_view mark, std::int64_t at_ms);
  /// The transaction did not happen, or the rows may be others for another reason.
  void forget() { loaded_.reset(); }

 private:
  class Keyed;
  std::string key();

  Database& db_;
  std::shared_ptr<const Keyed> loaded_;
};

}  // namespace gatehouse
