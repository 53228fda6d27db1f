#pragma once
// How often: budgets that fill up again with time (contract.md §2 cloud.rate), and how many refusals are
// told.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/core/door_id.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// `count` at once, and `count` in each `per` after that.
class TokenBucket {
 public:
  bool has_one(const Rate& rate, Uptime now);
  void take() { left_ -= 1.0; }
  void give_back(const Rate& rate);

 private:
  double left_ = -1.0;  ///< below zero: it was never asked
  Uptime at_{};
};

/// Commands by key, openings by door. Only what was verified comes here.
class CommandLimits {
 public:
  void use(CommandRates rates) { rates_ = rates; }
  /// One command of this key, which opens these doors for certain: taken from all the budgets, or from none.
  bool take(const std::string& kid, const std::vector<DoorId>& opens, Uptime now);
  /// One opening of a door that a decision has allowed.
  bool take_opening(const DoorId& door, Uptime now);
  /// The door was not opened after all.
  void give_back(const DoorId& door);

 private:
  CommandRates rates_;
  std::map<std::string, TokenBucket> keys_;
  std::map<DoorId, TokenBucket> doors_;
};

/// So many a minute are told one by one; the others are counted and told as one.
class RefusalMeter {
 public:
  explicit RefusalMeter(std::uint32_t most) : most_(most) {}
  /// True where this one is told by itself.
  bool tell(Uptime now);
  /// What was only counted in a minute that is over; 0: nothing. `all`: of the minute that runs, too.
  std::uint64_t take_counted(Uptime now, bool all = false);

 private:
  std::uint32_t most_;
  std::uint32_t told_ = 0;
  std::uint64_t counted_ = 0;
  Uptime began_{};
};

}  // namespace gatehouse
