#pragma once
// The lines of one snapshot as they come, from the first to the end line.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/feed/feed_line.hpp"
#include "daemon/app/snapshot_check.hpp"

namespace gatehouse {

inline constexpr std::uint64_t max_feed_file = std::uint64_t{64} * 1024 * 1024;  ///< bytes
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  ///< passed over at the beginning

/// Holds a piece and the line that it goes on with, and 16 bytes for each person so far.
class FeedLines final : public SnapshotCheck {
 public:
  using Take = std::function<void(SourceRecord&&)>;

  /// `take` gets each person in the order of the lines; it may be empty.
  explicit FeedLines(std::vector<SourceField> fields = {}, Take take = {});

  Result<void> add(std::string_view piece) override;
  Result<void> finish() override;

  std::uint64_t people() const { return seen_.size(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  Result<void> split();
  Result<void> take_line(std::string_view line);

  std::vector<SourceField> fields_;
  Take take_;
  std::string pending_;  ///< has come, and is not yet a whole line
  std::uint64_t bytes_ = 0;
  std::uint64_t line_ = 0;                                    ///< number of the last line taken, from 1
  std::vector<std::pair<std::int64_t, std::uint64_t>> seen_;  ///< record number, line
  std::optional<FeedEnd> end_;
};

}  // namespace gatehouse
