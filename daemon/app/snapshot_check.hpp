#pragma once
// Whether a snapshot of a feed is whole and in order, while it comes in (contract.md §7).

#include <functional>
#include <memory>
#include <string_view>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// For one thread at a time. Not to be asked again after an error.
class SnapshotCheck {
 public:
  virtual ~SnapshotCheck() = default;
  /// The next bytes, cut anywhere. Errc::malformed names the line.
  virtual Result<void> add(std::string_view piece) = 0;
  /// That was all. Errc::malformed; Errc::incomplete where the end line is missing or counts others.
  virtual Result<void> finish() = 0;
};

using MakeSnapshotCheck = std::function<std::unique_ptr<SnapshotCheck>()>;

}  // namespace gatehouse
