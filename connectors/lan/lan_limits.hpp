#pragma once
// How often somebody on the LAN may ask.

#include <map>
#include <optional>
#include <string>

#include "daemon/core/command_rate.hpp"

namespace gatehouse {

struct LanRates {
  Rate client{40, std::chrono::seconds(2)};       ///< requests of one client
  Rate feed{30, std::chrono::minutes(1)};         ///< snapshots of one client
  Rate stranger{60, std::chrono::minutes(1)};     ///< wrong or missing tokens from one address
  Rate connection{200, std::chrono::seconds(4)};  ///< new connections from one address
};

/// Buckets by name. At most so many names: whoever would be one more shares the last bucket with the others
/// who came too late, until there is room again.
class LanBuckets {
 public:
  explicit LanBuckets(Rate rate, std::size_t most = 1024) : rate_(rate), most_(most) {}

  /// False where there is nothing left: ask again after wait().
  bool take(const std::string& name, Uptime now);
  /// Until there is one again, in whole seconds, at least one.
  Duration wait() const;

 private:
  Rate rate_;
  std::size_t most_;
  std::map<std::string, TokenBucket> buckets_;
  std::map<std::string, Uptime> last_;
  TokenBucket crowd_;
};

}  // namespace gatehouse
