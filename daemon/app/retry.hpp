#pragma once
// How long a loop waits before it tries a source again.

#include <algorithm>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Longer after each failure, from one second to twenty.
class Retry {
 public:
  Duration next(const Error& error) {
    constexpr Duration own_disk = std::chrono::seconds(2);  // somebody may be making room right now
    constexpr Duration sign_in = std::chrono::seconds(5);   // asks nobody: the connector keeps its own pace
    if (error.code == Errc::storage || error.code == Errc::storage_full) return own_disk;
    if (error.code == Errc::unauthenticated || error.code == Errc::mfa_required) return sign_in;
    const auto now = wait_;
    wait_ = std::min(wait_ * 2, longest);
    return now;
  }
  void reset() { wait_ = shortest; }

 private:
  static constexpr Duration shortest = std::chrono::seconds(1);
  static constexpr Duration longest = std::chrono::seconds(20);
  Duration wait_ = shortest;
};

}  // namespace gatehouse
