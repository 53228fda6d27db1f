#pragma once
// What operators do with dead letters: messages that the broker would not take, put aside with a `gap` and an
// alert (contract.md §3.1). `outbox retry` sends one again, `outbox drop` gives it up.

#include <cstdint>
#include <functional>
#include <string>

#include "daemon/app/queries.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Dead letters are named by DeadLetter::message.row. Each call is one transaction with its row of the audit
/// ("outbox.retry", "outbox.drop") and the `alert` that says that this one is over; Errc::not_found where
/// there is no such dead letter (any more), and then nothing has happened. `by`: who asks, for the audit.
class DeadLetterStore {
 public:
  virtual ~DeadLetterStore() = default;
  /// Puts the message behind what waits in its lane, as the very bytes that were parked: same id, same
  /// sequence, same time. Why not as a new message: the broker may have it after all (a PUBACK that never
  /// came, a link that broke), so other bytes under its id would make one id two contents, and a new id
  /// would tell one fact twice. With the old bytes whoever drops repeated ids and sorts by `sequence` finds
  /// it at its place, or has it already. The `gap` that named its number stays told: it names what the lane
  /// went on without, and a number that comes after all makes no hole. Only the order of first arrival in
  /// the lane is lost.
  /// Refused once more, it is a dead letter again, with a new name, gap and alert.
  /// Errc::refused where the outbox has no room: nothing that waits is dropped for it. Errc::storage_full.
  /// The answer is the row as it waits now.
  virtual Task<Result<QueuedRow>> retry_dead_letter(std::int64_t row, std::string by) = 0;
  /// Deletes it for good; the cloud knows by its `gap`. Goes on while the disk is full. What it was.
  virtual Task<Result<DeadLetter>> drop_dead_letter(std::int64_t row, std::string by) = 0;
};

/// The members of a row of the outbox as `outbox list` has them, within an object that is open.
void write_queued(JsonWriter& json, const QueuedRow& row);
void write_dead_letter(JsonWriter& json, const DeadLetter& letter);

/// The two verbs. Both answer {"outbox":[row]}: the message as it waits now, or the dead letter as it was.
/// `id`: as `outbox list --dead` shows it; Errc::invalid where it is no number.
class DeadLetterDesk {
 public:
  /// `news`: the outbox has something new. The store outlives this.
  DeadLetterDesk(DeadLetterStore& store, std::function<void()> news)
      : store_(store), news_(std::move(news)) {}

  Task<Result<std::string>> retry(std::string id, std::string by);
  Task<Result<std::string>> drop(std::string id, std::string by);

 private:
  DeadLetterStore& store_;
  std::function<void()> news_;
};

}  // namespace gatehouse
