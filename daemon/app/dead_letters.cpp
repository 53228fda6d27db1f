#include "daemon/app/dead_letters.hpp"

#include <charconv>
#include <utility>

#include "daemon/core/instant.hpp"

namespace gatehouse {
namespace {

Result<std::int64_t> row_named(const std::string& id) {
  std::int64_t row = 0;
  const char* end = id.data() + id.size();
  const auto [stop, wrong] = std::from_chars(id.data(), end, row);
  if (wrong == std::errc() && stop == end && row > 0) return row;
  return Error{Errc::invalid,
               "'" + id + "' is no dead letter's id: a number of gatehouse outbox list --dead"};
}

}  // namespace

void write_queued(JsonWriter& json, const QueuedRow& row) {
  json.member("id", row.row).member("lane", to_string(row.lane));
  json.key("sequence");
  row.sequence == 0 ? json.null() : json.value(row.sequence);
  json.member("type", row.type).member("topic", row.topic).member("bytes", row.bytes);
  json.member("time", format_utc(row.created));
}

void write_dead_letter(JsonWriter& json, const DeadLetter& letter) {
  write_queued(json, letter.message);
  json.member("cause", letter.cause).member("detail", letter.detail);
  json.member("parked", format_utc(letter.parked_at));
}

Task<Result<std::string>> DeadLetterDesk::retry(std::string id, std::string by) {
  const auto named = row_named(id);
  if (!named) co_return named.error();
  auto queued = co_await store_.retry_dead_letter(*named, std::move(by));
  if (!queued) co_return queued.error();
  news_();
  JsonWriter json;
  json.begin_object().key("outbox").begin_array().begin_object();
  write_queued(json, *queued);
  json.end_object().end_array().end_object();
  co_return json.take();
}

Task<Result<std::string>> DeadLetterDesk::drop(std::string id, std::string by) {
  const auto named = row_named(id);
  if (!named) co_return named.error();
  auto dropped = co_await store_.drop_dead_letter(*named, std::move(by));
  if (!dropped) co_return dropped.error();
  news_();
  JsonWriter json;
  json.begin_object().key("outbox").begin_array().begin_object();
  write_dead_letter(json, *dropped);
  json.end_object().end_array().end_object();
  co_return json.take();
}

}  // namespace gatehouse
