#pragma once
// Which commands were taken, and from when on a target's commands count.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class CommandTables {
 public:
  explicit CommandTables(Database& db) : db_(db) {}

  /// Uses the id up and raises the floor of its target; throws StoreFault (refused, "replayed") where it is
  /// used up already. Within a transaction.
  void take(const TakenCommand& command);
  /// What the sender gets; one that was never taken is, by that. Within a transaction.
  void answer(const TakenCommand& command);
  /// True where this is its answer already.
  bool is_answered(const TakenCommand& command);

  /// Those that must not be taken again, and those without an answer, oldest end first.
  std::vector<TakenCommand> taken(Instant now);
  std::map<std::string, std::int64_t> floors();
  bool any_to_prune(Instant now);
  /// Within a transaction. How many.
  std::size_t prune(Instant now, std::size_t at_most);

 private:
  bool insert(const TakenCommand& command);

  Database& db_;
};

}  // namespace gatehouse
