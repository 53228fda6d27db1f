#pragma once
// Decisions as they were made and as they stand now, with what they rested on.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class DecisionRows {
 public:
  explicit DecisionRows(Database& db) : db_(db) {}

  std::optional<DecisionRow> load(std::string_view id);
  /// Since a moment, by id.
  std::vector<DecisionRow> since(Instant moment, std::string_view after, std::size_t at_most);
  /// 0 is one that was not told yet.
  std::optional<std::uint32_t> revision(std::string_view id);
  /// Within a transaction.
  void add(const DecisionRecord& decision, std::string_view basis);
  /// A newer revision of what is there, whose basis stays; within a transaction.
  void replace(const DecisionRecord& decision);
  bool any_before(Instant moment);
  /// Within a transaction. How many.
  std::size_t prune(Instant before, std::size_t at_most);

 private:
  Database& db_;
};

}  // namespace gatehouse
