#pragma once
// The queue to the cloud: lanes, their numbers, their rows, and what happens when there are too many.
// Every changing call is made within a transaction that StoreFile began.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// How much may wait in this transaction, and what to call it when something has to go for that.
struct Room {
  std::uint64_t bytes = 0;
  std::string_view cause = "quota";  ///< or "disk_full"
};

class OutboxTables {
 public:
  /// `source` and `stream` go into each envelope. Both references outlive this.
  OutboxTables(Database& db, Clock& clock, std::string source);

  /// Once, after the migrations.
  void load();
  const std::string& stream() const { return stream_; }
  const std::string& source() const { return source_; }

  /// Around a transaction: begin, any of the changing calls, flush, COMMIT, committed; or rolled_back.
  void begin(Room room);
  void flush();
  void committed();
  void rolled_back();

  /// Gives the message its number and puts it into its lane; makes room first where there is too little.
  void append(const Message& message);
  void append_gap(const Gap& gap);
  /// Of numbers that a stream before this one gave (a store that was salvaged or restored since).
  void append_gap(const Gap& gap, const std::string& stream);
  void settle(const RowRange& range);
  void park(std::int64_t row, std::string_view cause, std::string_view detail);
  /// Throws Errc::not_found where there is none.
  DeadLetter dead_letter(std::int64_t row);
  /// Back into its lane as it was, under a new row; its alert is over. Throws Errc::refused for want of room.
  QueuedRow retry(const DeadLetter& letter);
  /// Deletes it; its alert is over, and `what` is why.
  void forget(const DeadLetter& letter, std::string_view what);
  /// What waits and what was refused and has one of `words` in it, where `about` says so: it goes, and gaps
  /// name it. How many.
  std::uint64_t erase(const std::vector<std::string>& words,
                      const std::function<bool(Lane lane, const std::string& payload)>& about);

  std::vector<OutboxRow> read(Lane lane, std::int64_t after, std::size_t max_rows, std::size_t max_bytes);
  OutboxReport report();
  std::uint64_t pending_bytes() const;

 private:
  struct LaneState {
    std::uint64_t next_sequence = 1;
    std::int64_t next_row = 1;
    std::uint64_t pending = 0;
    std::uint64_t bytes = 0;
    bool operator==(const LaneState&) const = default;
  };
  using Lanes = std::array<LaneState, lane_count>;

  void insert(const Message& message, std::uint64_t sequence, std::string_view payload);
  bool make_room(Lane lane, std::uint64_t bytes);
  bool evict(Lane lane, std::uint64_t bytes);
  std::string stream_of(std::int64_t row);
  void drop(Lane lane, std::uint64_t sequence);
  void tell_dropped(Lane lane);
  void subtract(Lane lane, std::uint64_t rows, std::uint64_t bytes);

  Database& db_;
  Clock& clock_;
  std::string source_;
  std::string stream_;
  std::array<std::int64_t, lane_count> earlier_rows_{};  ///< up to these, rows may be of an earlier stream
  Room room_;
  Lanes saved_;  ///< as the table has them
  Lanes now_;    ///< within the transaction
  struct Run {
    std::uint64_t from = 0, to = 0;  ///< from 0: none
  };
  std::array<Run, lane_count> dropped_{};  ///< refused for want of room, not yet told
};

/// Rows of a lane lie within these.
RowRange rows_of(Lane lane);
Lane lane_of(std::int64_t row);
/// A sequence as the envelope writes it: 20 digits.
std::string padded(std::uint64_t sequence);
/// The `type` in an envelope of ours, without prefix and version: "access.granted".
std::string message_type(std::string_view payload);
/// The `stream` in an envelope of ours; empty where it is not numbered.
std::string message_stream(std::string_view payload);

}  // namespace gatehouse
