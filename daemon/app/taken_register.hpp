#pragma once
// Which commands are used up, and what was applied last to what: in memory what the store has on disk, so
// that two copies of one command never both run.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/app/access_ports.hpp"

namespace gatehouse {

/// On one thread.
class TakenRegister {
 public:
  void load(const std::vector<TakenCommand>& taken, std::map<std::string, std::int64_t> floors);

  bool taken(const std::string& issuer, const std::string& id) const;
  /// The first outcome; empty while there is none.
  std::string answer(const std::string& issuer, const std::string& id) const;
  /// `iat` of the latest that was applied to it, or is under way; at least that of the target "*", which a
  /// salvage or a restore of the store sets.
  std::optional<std::int64_t> floor(const std::string& target) const;

  /// From now on its id is used up, and its target has its floor: for good once it is answered. `keep`: at
  /// least so long, whatever the wall clock says.
  void take(const TakenCommand& command, Uptime keep);
  /// Nothing of it has happened: its id may come again.
  void release(const TakenCommand& command);
  /// It was applied, and this is its outcome.
  void answered(const TakenCommand& command);
  /// Its id stays used up with this outcome, and its target has the floor of before: it was not applied.
  void refused(const TakenCommand& command);
  /// No floor is later than this, of what is under way neither: `iat` of a time that nobody could check.
  void cap_floors(std::int64_t latest);
  /// Forgets those whose time is over by both clocks. How many.
  std::size_t prune(Instant now, Uptime uptime);
  std::size_t size() const { return taken_.size(); }

 private:
  struct Entry {
    std::string answer;
    Instant until{};
    Uptime keep{};
    std::string target;       ///< while it is under way, and has one
    std::int64_t issued = 0;  ///< likewise
  };
  void drop_floor(Entry& entry);
  std::map<std::pair<std::string, std::string>, Entry> taken_;  ///< by issuer and id
  std::map<std::string, std::int64_t> floors_;                  ///< of what was applied
  std::map<std::string, std::multiset<std::int64_t>> pending_;  ///< of what is under way, by target
};

}  // namespace gatehouse
