#include "daemon/store/outbox_tables.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "daemon/core/json_writer.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

constexpr int row_bits = 52;
/// Of what may wait, so much goes at once, so that a day of overflow is a few gaps and not a million.
constexpr std::uint64_t eviction_share = 20;

std::string_view hint_for(std::string_view cause) {
  if (cause == "too_large") {
    return "raise the broker's maximum packet size, or shorten what Net2 holds; "
           "gatehouse outbox list --dead shows the message; then gatehouse outbox retry ID or drop ID";
  }
  return "see why the broker refuses it (its log, the access list for this client); "
         "gatehouse outbox list --dead shows the message; then gatehouse outbox retry ID or drop ID";
}

struct Parked {
  std::int64_t row;
  std::uint64_t sequence;
  std::string type;
  std::string_view cause;
  std::string_view detail;
};

Message dead_letter_alert(const Parked& parked, std::string id, Instant now) {
  JsonWriter json;
  json.begin_object();
  json.member("kind", "dead_letter").member("state", "raised");
  json.member("subject", std::to_string(parked.row)).member("row", parked.row);
  json.member("lane", to_string(lane_of(parked.row)));
  json.key("sequence");
  parked.sequence == 0 ? json.null() : json.value(padded(parked.sequence));
  json.member("message_type", parked.type).member("cause", parked.cause);
  json.member("detail", parked.detail).member("hint", hint_for(parked.cause));
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

std::string padded(std::uint64_t sequence) {
  std::string digits = std::to_string(sequence);
  digits.insert(0, 20 - digits.size(), '0');
  return digits;
}

RowRange rows_of(Lane lane) {
  const auto base = static_cast<std::int64_t>(index_of(lane)) << row_bits;
  return {base + 1, base + (std::int64_t{1} << row_bits) - 1};
}

Lane lane_of(std::int64_t row) {
  const auto index = static_cast<std::uint64_t>(row) >> row_bits;
  return index < lane_count ? static_cast<Lane>(index) : Lane::telemetry;
}

std::string message_type(std::string_view payload) {
  constexpr std::string_view before = R"(","type":"gatehouse.)";
  constexpr std::string_view after = R"(.v1",)";
  // Quotes within ids are escaped, so the first match is the member itself.
  const auto start = payload.find(before);
  if (start == std::string_view::npos) return {};
  payload.remove_prefix(start + before.size());
  return std::string(payload.substr(0, payload.find(after)));
}

std::string message_stream(std::string_view payload) {
  constexpr std::string_view before = R"(","stream":")";
  const auto data = payload.find(R"(","data":)");
  payload = payload.substr(0, data);  // what is behind is somebody else's
  const auto start = payload.find(before);
  if (start == std::string_view::npos) return {};
  payload.remove_prefix(start + before.size());
  return std::string(payload.substr(0, payload.find('"')));
}

OutboxTables::OutboxTables(Database& db, Clock& clock, std::string source)
    : db_(db), clock_(clock), source_(std::move(source)) {}

void OutboxTables::load() {
  db_.use("INSERT OR IGNORE INTO meta (key, value) VALUES ('stream', ?)").bind(clock_.new_id()).run();
  Statement stream = db_.use("SELECT value FROM meta WHERE key = 'stream'");  // the key: one row
  stream.step();
  stream_ = stream.text(0);
  Statement lanes = db_.use("SELECT lane, next_sequence, next_row, pending, bytes FROM lane ORDER BY lane");
  while (lanes.step()) {
    const auto index = static_cast<std::size_t>(lanes.integer(0));
    if (index >= lane_count) throw StoreFault({Errc::storage, "the store's file is damaged: unknown lane"});
    saved_[index] = {static_cast<std::uint64_t>(lanes.integer(1)), lanes.integer(2),
                     static_cast<std::uint64_t>(lanes.integer(3)),
                     static_cast<std::uint64_t>(lanes.integer(4))};
  }
  now_ = saved_;
  Statement earlier = db_.use("SELECT value FROM meta WHERE key = 'earlier_rows'");  // the key: one row
  if (!earlier.step()) return;
  const std::string numbers = earlier.text(0);
  std::size_t at = 0;
  for (auto& row : earlier_rows_) {
    const auto end = std::min(numbers.find(',', at), numbers.size());
    std::from_chars(numbers.data() + at, numbers.data() + end, row);
    at = std::min(end + 1, numbers.size());
  }
}

void OutboxTables::begin(Room room) {
  room_ = room;
}

void OutboxTables::flush() {
  for (auto lane : all_lanes) tell_dropped(lane);
  for (std::size_t i = 0; i < lane_count; ++i) {
    if (now_[i] == saved_[i]) continue;
    db_.use("UPDATE lane SET next_sequence = ?, next_row = ?, pending = ?, bytes = ? WHERE lane = ?")
        .bind(now_[i].next_sequence, now_[i].next_row, now_[i].pending, now_[i].bytes, i)
        .run();
  }
}

void OutboxTables::committed() {
  saved_ = now_;
}

void OutboxTables::rolled_back() {
  now_ = saved_;
  dropped_ = {};
}

void OutboxTables::append(const Message& message) {
  if (!message.lane) {
    throw StoreFault({Errc::invalid, "a message of type " + message.type + " belongs to no lane"});
  }
  const Lane lane = *message.lane;
  const std::uint64_t sequence = message.numbered ? now_[index_of(lane)].next_sequence++ : 0;
  const std::string payload = envelope(message, source_, Place{stream_, sequence}, clock_.quality());
  if (message.numbered && !make_room(lane, payload.size())) {
    drop(lane, sequence);
    return;
  }
  insert(message, sequence, payload);
}

void OutboxTables::append_gap(const Gap& gap) {
  append_gap(gap, stream_);
}

void OutboxTables::append_gap(const Gap& gap, const std::string& stream) {
  append(gap_message(gap, stream, clock_.new_id(), clock_.now()));
}

std::string OutboxTables::stream_of(std::int64_t row) {
  if (row > earlier_rows_[index_of(lane_of(row))]) return stream_;
  Statement found = db_.use("SELECT payload FROM outbox WHERE row = ?");  // the key: one row
  return found.bind(row).step() ? message_stream(found.text(0)) : stream_;
}

void OutboxTables::insert(const Message& message, std::uint64_t sequence, std::string_view payload) {
  const Lane lane = *message.lane;
  LaneState& state = now_[index_of(lane)];
  const std::int64_t row = rows_of(lane).first - 1 + state.next_row++;
  std::optional<Blob> correlation;
  if (!message.correlation.empty()) correlation = Blob{message.correlation};
  db_.use(
         "INSERT INTO outbox (row, sequence, bytes, created, topic, payload, correlation)"
         " VALUES (?, ?, ?, ?, ?, ?, ?)")
      .bind(row, sequence, payload.size(), to_ms(clock_.now()), message.topic, payload, correlation)
      .run();
  state.pending += 1;
  state.bytes += payload.size();
}

std::uint64_t OutboxTables::pending_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& lane : now_) bytes += lane.bytes;
  return bytes;
}

/// False where only what is more important is left: then the newcomer goes. A new alarm never goes.
bool OutboxTables::make_room(Lane lane, std::uint64_t bytes) {
  while (pending_bytes() + bytes > room_.bytes) {
    bool evicted = false;
    for (std::size_t i = lane_count; i-- > index_of(lane) && !evicted;) {
      evicted = evict(static_cast<Lane>(i), bytes);
    }
    if (!evicted) return lane == Lane::alarm;
  }
  return true;
}

/// Takes the oldest of a lane. Gaps stay: they are all that is left of what went before.
bool OutboxTables::evict(Lane lane, std::uint64_t bytes) {
  if (now_[index_of(lane)].pending == 0) return false;
  const std::uint64_t enough = std::max(bytes, std::min(room_.bytes, pending_bytes()) / eviction_share);
  const RowRange all = rows_of(lane);
  RowRange taken;
  std::uint64_t rows = 0;
  std::uint64_t freed = 0;
  std::vector<std::pair<std::string, Run>> runs;  // with their streams
  {
    Statement oldest = db_.use(
        "SELECT row, sequence, bytes FROM outbox WHERE row BETWEEN ? AND ? AND sequence > 0 ORDER BY row");
    oldest.bind(all.first, all.last);
    while (freed < enough && oldest.step()) {
      const auto sequence = static_cast<std::uint64_t>(oldest.integer(1));
      if (rows++ == 0) taken.first = oldest.integer(0);
      taken.last = oldest.integer(0);
      freed += static_cast<std::uint64_t>(oldest.integer(2));
      std::string stream = stream_of(taken.last);
      if (runs.empty() || runs.back().second.to + 1 != sequence || runs.back().first != stream)
        runs.push_back({std::move(stream), {sequence, sequence}});
      runs.back().second.to = sequence;
    }
  }
  if (rows == 0) return false;
  db_.use("DELETE FROM outbox WHERE row BETWEEN ? AND ? AND sequence > 0")
      .bind(taken.first, taken.last)
      .run();
  subtract(lane, rows, freed);
  for (const auto& [stream, run] : runs) {
    append_gap({lane, run.from, run.to, run.to - run.from + 1, std::string(room_.cause),
                "the oldest waiting messages of the lane were dropped to make room"},
               stream);
  }
  return true;
}

void OutboxTables::drop(Lane lane, std::uint64_t sequence) {
  Run& run = dropped_[index_of(lane)];
  if (run.from != 0 && run.to + 1 != sequence) tell_dropped(lane);
  if (run.from == 0) run.from = sequence;
  run.to = sequence;
}

void OutboxTables::tell_dropped(Lane lane) {
  const Run run = std::exchange(dropped_[index_of(lane)], {});
  if (run.from == 0) return;
  append_gap({lane, run.from, run.to, run.to - run.from + 1, std::string(room_.cause),
              "no room, and only more important messages are waiting"});
}

void OutboxTables::subtract(Lane lane, std::uint64_t rows, std::uint64_t bytes) {
  LaneState& state = now_[index_of(lane)];
  state.pending -= std::min(state.pending, rows);
  state.bytes -= std::min(state.bytes, bytes);
}

void OutboxTables::settle(const RowRange& range) {
  for (auto lane : all_lanes) {
    const RowRange all = rows_of(lane);
    const RowRange part{std::max(range.first, all.first), std::min(range.last, all.last)};
    if (part.first > part.last) continue;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    {
      // Counted, not taken from the caller: some may be gone by the quota meanwhile. One row: no order.
      Statement there = db_.use("SELECT COUNT(*), SUM(bytes) FROM outbox WHERE row BETWEEN ? AND ?");
      there.bind(part.first, part.last).step();
      rows = static_cast<std::uint64_t>(there.integer(0));
      bytes = static_cast<std::uint64_t>(there.integer(1));
    }
    if (rows == 0) continue;
    db_.use("DELETE FROM outbox WHERE row BETWEEN ? AND ?").bind(part.first, part.last).run();
    subtract(lane, rows, bytes);
  }
}

void OutboxTables::park(std::int64_t row, std::string_view cause, std::string_view detail) {
  std::uint64_t sequence = 0;
  std::uint64_t bytes = 0;
  std::string type;
  std::string stream;
  {
    Statement found =
        db_.use("SELECT sequence, bytes, payload FROM outbox WHERE row = ?");  // the key: one row
    if (!found.bind(row).step()) return;  // dropped by the quota meanwhile, and named by its gap
    sequence = static_cast<std::uint64_t>(found.integer(0));
    bytes = static_cast<std::uint64_t>(found.integer(1));
    type = message_type(found.text(2));
    stream = message_stream(found.text(2));
  }
  db_.use(
         "INSERT INTO dead_letter (row, sequence, bytes, created, topic, payload, correlation, cause, detail,"
         " parked_at) SELECT row, sequence, bytes, created, topic, payload, correlation, ?, ?, ?"
         " FROM outbox WHERE row = ?")
      .bind(cause, detail, to_ms(clock_.now()), row)
      .run();
  db_.use("DELETE FROM outbox WHERE row = ?").bind(row).run();
  const Lane lane = lane_of(row);
  subtract(lane, 1, bytes);
  if (sequence != 0)
    append_gap({lane, sequence, sequence, 1, std::string(cause), std::string(detail)}, stream);
  // A broker that refuses alerts and gaps would have each refusal make more of them.
  if (type == "alert" || type == "gap") return;
  append(dead_letter_alert({row, sequence, type, cause, detail}, clock_.new_id(), clock_.now()));
}

std::vector<OutboxRow> OutboxTables::read(Lane lane, std::int64_t after, std::size_t max_rows,
                                          std::size_t max_bytes) {
  const RowRange all = rows_of(lane);
  std::vector<OutboxRow> rows;
  std::size_t bytes = 0;
  Statement found = db_.use(
      "SELECT row, sequence, bytes, topic, payload, correlation FROM outbox WHERE row > ? AND row <= ?"
      " ORDER BY row LIMIT ?");
  found.bind(std::max(after, all.first - 1), all.last, max_rows);
  while (found.step()) {
    bytes += static_cast<std::size_t>(found.integer(2));
    if (!rows.empty() && bytes > max_bytes) break;
    rows.push_back({.row = found.integer(0),
                    .lane = lane,
                    .sequence = static_cast<std::uint64_t>(found.integer(1)),
                    .topic = found.text(3),
                    .payload = found.text(4),
                    .correlation = found.bytes(5)});
  }
  return rows;
}

OutboxReport OutboxTables::report() {
  OutboxReport report;
  for (auto lane : all_lanes) {
    const auto& state = saved_[index_of(lane)];
    report.pending[index_of(lane)] = state.pending;
    report.bytes += state.bytes;
    if (state.pending == 0) continue;
    const RowRange all = rows_of(lane);
    Statement oldest = db_.use("SELECT created FROM outbox WHERE row BETWEEN ? AND ? ORDER BY row LIMIT 1");
    if (!oldest.bind(all.first, all.last).step()) continue;
    const Instant created = from_ms(oldest.integer(0));
    if (!report.oldest || created < *report.oldest) report.oldest = created;
  }
  Statement dead = db_.use("SELECT COUNT(*) FROM dead_letter");  // one row: no order
  dead.step();
  report.dead = static_cast<std::uint64_t>(dead.integer(0));
  return report;
}

}  // namespace gatehouse
