// The port of operators' verbs on dead letters.
#include <utility>

#include "daemon/core/json_writer.hpp"
#include "daemon/store/store_inside.hpp"

namespace gatehouse {
namespace {

/// Without the payload: that may be about a person, and the audit is kept longer.
AuditEntry audit_of(const DeadLetter& letter, std::string_view action, const std::string& by) {
  const QueuedRow& row = letter.message;
  JsonWriter json;
  json.begin_object().member("lane", to_string(row.lane)).key("sequence");
  row.sequence == 0 ? json.null() : json.value(row.sequence);
  json.member("type", row.type).member("cause", letter.cause).end_object();
  return {.actor = by,
          .action = std::string(action),
          .target = std::to_string(row.row),
          .outcome = "done",
          .detail = json.take()};
}

}  // namespace

QueuedRow StoreFile::retry_dead_letter(std::int64_t row, const std::string& by) {
  const DeadLetter letter = outbox_.dead_letter(row);
  QueuedRow queued;
  ordinary("store.dead_letter", [&] {
    queued = outbox_.retry(letter);
    audit_.add(audit_of(letter, "outbox.retry", by));
  });
  return queued;
}

DeadLetter StoreFile::drop_dead_letter(std::int64_t row, const std::string& by) {
  DeadLetter letter = outbox_.dead_letter(row);
  // It makes room.
  write(Weight::vital, {"store.dead_letter.before", "store.dead_letter.after"}, [&] {
    outbox_.forget(letter, "an operator dropped it");
    audit_.add(audit_of(letter, "outbox.drop", by));
  });
  return letter;
}

Task<Result<QueuedRow>> Store::retry_dead_letter(std::int64_t row, std::string by) {
  return inside_->ask([row, by = std::move(by)](StoreFile& file) { return file.retry_dead_letter(row, by); });
}

Task<Result<DeadLetter>> Store::drop_dead_letter(std::int64_t row, std::string by) {
  return inside_->ask([row, by = std::move(by)](StoreFile& file) { return file.drop_dead_letter(row, by); });
}

}  // namespace gatehouse
