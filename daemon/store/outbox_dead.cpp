// Dead letters on their way back into the outbox, or out of the store.
#include <utility>

#include "daemon/core/json_writer.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

Message over_alert(const DeadLetter& letter, std::string_view what, std::string id, Instant now) {
  const QueuedRow& row = letter.message;
  JsonWriter json;
  json.begin_object();
  json.member("kind", "dead_letter").member("state", "over").member("subject", std::to_string(row.row));
  json.member("row", row.row).member("lane", to_string(row.lane));
  json.key("sequence");
  row.sequence == 0 ? json.null() : json.value(padded(row.sequence));
  json.member("message_type", row.type).member("cause", letter.cause).member("detail", what);
  json.end_object();
  return Message{.lane = Lane::alarm,
                 .topic = "up/alarm",
                 .type = "alert",
                 .id = std::move(id),
                 .time = now,
                 .subject = "dead_letter",
                 .data = json.take()};
}

}  // namespace

DeadLetter OutboxTables::dead_letter(std::int64_t row) {
  Statement found = db_.use(
      "SELECT sequence, bytes, created, topic, payload, cause, detail, parked_at FROM dead_letter"
      " WHERE row = ?");  // the key: one row
  if (!found.bind(row).step())
    throw StoreFault({Errc::not_found, "there is no dead letter " + std::to_string(row)});
  DeadLetter letter;
  letter.message = {.row = row,
                    .lane = lane_of(row),
                    .sequence = static_cast<std::uint64_t>(found.integer(0)),
                    .type = message_type(found.text(4)),
                    .topic = found.text(3),
                    .bytes = static_cast<std::uint64_t>(found.integer(1)),
                    .created = from_ms(found.integer(2))};
  letter.payload = found.text(4);
  letter.cause = found.text(5);
  letter.detail = found.text(6);
  letter.parked_at = from_ms(found.integer(7));
  return letter;
}

QueuedRow OutboxTables::retry(const DeadLetter& letter) {
  QueuedRow queued = letter.message;
  if (pending_bytes() + queued.bytes > room_.bytes) {
    // Not storage_full: the disk is not to blame, and its reserve is for others.
    throw StoreFault({Errc::refused, "the outbox has no room for it; try again when less waits"});
  }
  LaneState& state = now_[index_of(queued.lane)];
  queued.row = rows_of(queued.lane).first - 1 + state.next_row++;
  queued.created = clock_.now();
  db_.use(
         "INSERT INTO outbox (row, sequence, bytes, created, topic, payload, correlation)"
         " SELECT ?, sequence, bytes, ?, topic, payload, correlation FROM dead_letter WHERE row = ?")
      .bind(queued.row, to_ms(queued.created), letter.message.row)
      .run();
  state.pending += 1;
  state.bytes += queued.bytes;
  forget(letter, "it is sent again");
  return queued;
}

void OutboxTables::forget(const DeadLetter& letter, std::string_view what) {
  db_.use("DELETE FROM dead_letter WHERE row = ?").bind(letter.message.row).run();
  // As in park(): of these nothing was raised.
  if (letter.message.type == "alert" || letter.message.type == "gap") return;
  append(over_alert(letter, what, clock_.new_id(), clock_.now()));
}

}  // namespace gatehouse
