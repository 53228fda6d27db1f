#pragma once
// The world as floor 1 sees it, in memory: small fakes of the ports, and a bench that runs loops on one
// thread with time that is set by hand.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/app/alert_store.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/ulid.hpp"

namespace gatehouse::test {

class ManualClock : public Clock {
 public:
  Instant now() const override { return at; }
  Uptime uptime() const override { return up; }
  ClockQuality quality() const override { return ClockQuality::ok; }
  std::string new_id() override {
    UlidChance chance{};
    ++ids_;
    for (std::size_t i = 0; i < 8; ++i) chance[9 - i] = static_cast<std::uint8_t>(ids_ >> (8 * i));
    return make_ulid(at, chance);
  }
  void pass(Duration time) {
    at += time;
    up += time;
  }

  Instant at{Duration{1'780'300'800'000}};  // 2026-06-01T08:00:00Z
  Uptime up{std::chrono::hours{1}};

 private:
  std::uint64_t ids_ = 0;
};

class RecordingLog : public Log {
 public:
  void write(Level level, std::string_view text, std::initializer_list<LogField> /*fields*/) override {
    lines.emplace_back(level, std::string(text));
  }
  std::size_t count(std::string_view words) const {
    std::size_t sum = 0;
    for (const auto& [level, text] : lines) sum += text.find(words) != std::string::npos ? 1 : 0;
    return sum;
  }
  std::vector<std::pair<Level, std::string>> lines;
};

/// Lets one call of many fail: "what if it goes wrong here" for every here.
class Calls {
 public:
  /// The n-th call from now on fails, once. 0: none does.
  void fail_on_call(int n, Errc code = Errc::storage) {
    left_ = n;
    code_ = code;
  }
  /// Whether the failure that was asked for has come.
  bool failed() const { return left_ == 0; }
  int made() const { return made_; }

 protected:
  std::optional<Error> next() {
    ++made_;
    if (left_ > 0 && --left_ == 0) return Error{code_, "this call was to fail"};
    return std::nullopt;
  }

 private:
  int left_ = 0;
  int made_ = 0;
  Errc code_ = Errc::storage;
};

/// One thread, run by hand.
class Bench {
 public:
  /// Runs what is ready, and what that makes ready; no timer is waited for.
  void run() {
    io.restart();
    io.poll();
  }
  /// Runs until it is so; false where that takes longer than ten seconds.
  bool until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    io.restart();
    for (;;) {
      io.poll();
      if (so()) return true;
      const auto left = end - std::chrono::steady_clock::now();
      if (left <= left.zero()) return false;
      io.run_one_for(std::chrono::duration_cast<std::chrono::milliseconds>(left));
    }
  }
  /// Runs a call to its end.
  template <typename T>
  T get(Task<T> call) {
    std::optional<T> answer;
    start_into(std::move(call), answer);
    if (!until([&] { return answer.has_value(); })) throw std::runtime_error("the call did not end");
    return std::move(*answer);
  }
  void get(Task<void> call) {
    bool done = false;
    auto wait = [](Task<void> waited, bool& ended) -> Task<void> {
      co_await std::move(waited);
      ended = true;
    };
    boost::asio::co_spawn(io, wait(std::move(call), done), boost::asio::detached);
    if (!until([&] { return done; })) throw std::runtime_error("the call did not end");
  }
  /// Starts a call whose answer comes later.
  template <typename T>
  void start_into(Task<T> call, std::optional<T>& answer) {
    auto wait = [](Task<T> waited, std::optional<T>& into) -> Task<void> {
      T result = co_await std::move(waited);
      into.emplace(std::move(result));
    };
    boost::asio::co_spawn(io, wait(std::move(call), answer), boost::asio::detached);
  }

  boost::asio::io_context io;
};

// --- the cloud's side -------------------------------------------------------------------------------------

class RecordingUplink : public Uplink {
 public:
  void start(UplinkListener& /*listener*/) override {}
  void publish(std::vector<Outgoing> messages) override {
    for (auto& message : messages) waiting.push_back(std::move(message));
  }
  void reconnect(std::string why) override { reconnects.push_back(std::move(why)); }
  Task<void> stop(Outgoing /*farewell*/, Duration /*limit*/) override { co_return; }

  /// What was handed over since the last look.
  std::vector<Outgoing> take() { return std::exchange(waiting, {}); }

  std::vector<Outgoing> waiting;
  std::vector<std::string> reconnects;
};

class FakeOutbox : public OutboxStore, public AlertStore, public Calls {
 public:
  explicit FakeOutbox(const boost::asio::any_io_executor& executor) : gate_(executor) {}

  /// Puts a row at the end of a lane; its row id.
  std::int64_t put(Lane lane, std::size_t bytes = 2) {
    const auto row = (static_cast<std::int64_t>(index_of(lane)) << 52) + ++last_[index_of(lane)];
    rows[row] = {.row = row,
                 .lane = lane,
                 .sequence = static_cast<std::uint64_t>(last_[index_of(lane)]),
                 .topic = "up/x",
                 .payload = std::string(bytes, 'x')};
    return row;
  }

  Task<Result<std::vector<OutboxRow>>> read_outbox(Lane lane, std::int64_t after, std::size_t max_rows,
                                                   std::size_t max_bytes) override {
    if (auto error = next()) co_return *error;
    std::vector<OutboxRow> page;
    std::size_t bytes = 0;
    for (auto at = rows.upper_bound(std::max(after, static_cast<std::int64_t>(index_of(lane)) << 52));
         at != rows.end() && at->second.lane == lane && page.size() < max_rows; ++at) {
      bytes += at->second.payload.size();
      if (!page.empty() && bytes > max_bytes) break;
      page.push_back(at->second);
    }
    // Read before the wait, as by a store with a thread of its own: what comes meanwhile is not in it.
    if (slow) co_await gate_.wait();
    co_return page;
  }
  Task<Result<void>> settle(std::vector<RowRange> ranges) override {
    if (auto error = next()) co_return *error;
    for (const auto& range : ranges) {
      for (auto row = range.first; row <= range.last; ++row) {
        ++settled[row];
        rows.erase(row);
      }
    }
    co_return Result<void>{};
  }
  Task<Result<void>> park(std::int64_t row, std::string cause, std::string /*detail*/) override {
    if (auto error = next()) co_return *error;
    parked.emplace(row, std::move(cause));
    rows.erase(row);
    co_return Result<void>{};
  }
  Task<Result<void>> append(std::vector<Message> messages) override {
    if (auto error = next()) co_return *error;
    for (auto& message : messages) appended.push_back(std::move(message));
    co_return Result<void>{};
  }
  Task<Result<OutboxReport>> outbox_report() override { co_return OutboxReport{}; }
  Task<Result<std::vector<Alert>>> load_alerts() override {
    if (auto error = next()) co_return *error;
    co_return raised;
  }
  Task<Result<void>> tell_alerts(std::vector<Message> messages, std::vector<Alert> now_raised) override {
    if (auto error = next()) co_return *error;
    for (auto& message : messages) appended.push_back(std::move(message));
    raised = std::move(now_raised);
    co_return Result<void>{};
  }
  void set_quota(Quota /*quota*/) override {}
  std::string stream() const override { return "S"; }

  void let_read() { gate_.ring(); }

  std::map<std::int64_t, OutboxRow> rows;
  std::map<std::int64_t, int> settled;
  std::multimap<std::int64_t, std::string> parked;
  std::vector<Message> appended;
  std::vector<Alert> raised;
  bool slow = false;  ///< reads wait for let_read()

 private:
  Wakeup gate_;
  std::array<std::int64_t, lane_count> last_{};
};

// --- Net2's side ------------------------------------------------------------------------------------------

class FakeNet2 : public Net2Source, public Calls {
 public:
  Task<Result<PeopleRead>> read_people(PeopleQuery query, RecordSink& sink) override {
    asked = std::move(query);
    auto error = next();
    std::uint64_t seen = 0;
    for (auto record : people) {
      if (error && seen * 2 >= people.size()) break;  // in the middle of the list
      sink.take(std::move(record));
      ++seen;
    }
    if (error) co_return *error;
    co_return PeopleRead{.seen = seen, .took = Duration{1}, .way = "fake"};
  }
  Task<Result<EventPage>> read_events(EventQuery query) override {
    if (auto once = std::exchange(before_read, {})) once();
    if (auto error = next()) co_return *error;
    asked_since = query.since;
    EventPage page;
    const std::size_t most = std::min(query.limit, page_limit);
    for (auto at = log.upper_bound(query.after.value()); at != log.end(); ++at) {
      if (page.events.size() + page.unreadable.size() == most) break;
      if (unreadable.contains(at->first)) {
        page.unreadable.push_back({Net2EventId(at->first), "no JSON"});
      } else {
        page.events.push_back(at->second);
      }
    }
    page.full = page.events.size() + page.unreadable.size() == most;
    for (const auto& why : nameless) page.unreadable.push_back({std::nullopt, why});
    if (during_read) during_read();
    co_return page;
  }
  Task<Result<std::optional<Net2Event>>> read_newest_event() override {
    if (auto error = next()) co_return *error;
    if (log.empty()) co_return std::optional<Net2Event>();
    co_return std::optional(log.rbegin()->second);
  }
  Task<Result<std::optional<Net2Event>>> read_first_event_since(Instant since) override {
    if (auto error = next()) co_return *error;
    for (const auto& [id, event] : log) {
      if (event.at >= since) co_return std::optional(event);
    }
    co_return std::optional<Net2Event>();
  }
  Task<Result<std::vector<SourceDoor>>> read_doors() override {
    if (auto error = next()) co_return *error;
    co_return doors;
  }
  Task<Result<std::vector<DoorStatus>>> read_door_status() override {
    if (auto error = next()) co_return *error;
    co_return std::vector<DoorStatus>();
  }
  std::uint64_t connections() const override { return connection; }

  void happen(std::int64_t id, Instant at, int type = 20) {
    Net2Event event;
    event.id = Net2EventId(id);
    event.at = at;
    event.type = type;
    log[id] = event;
  }

  std::vector<SourceRecord> people;
  std::vector<SourceDoor> doors{{Net2DoorId(1), "Front"}, {Net2DoorId(2), "Back"}};
  std::map<std::int64_t, Net2Event> log;
  std::set<std::int64_t> unreadable;  ///< ids of rows that are no JSON
  std::vector<std::string> nameless;  ///< rows without even an id, in every page
  std::size_t page_limit = 1000;
  std::uint64_t connection = 1;
  PeopleQuery asked;
  std::optional<Instant> asked_since;  ///< of the last page of events
  std::function<void()> during_read;
  std::function<void()> before_read;  ///< once, before the next page of events
};

class FakeEvents : public EventStore, public Calls {
 public:
  Task<Result<EventCursor>> event_cursor(IntegrationId /*integration*/) override {
    if (auto error = next()) co_return *error;
    co_return cursor;
  }
  Task<Result<std::size_t>> commit_events(EventCommit commit) override {
    if (auto error = next()) co_return *error;
    if (!commit.events.empty() || !commit.gaps.empty() || commit.after != cursor) ++writes;
    std::size_t fresh = 0;
    for (const auto& item : commit.events) {
      const auto key = std::pair(commit.after.generation, item.event.id.value());
      fresh += events.emplace(key, item).second ? 1 : 0;
    }
    for (auto& gap : commit.gaps) gaps.push_back(std::move(gap));
    cursor = commit.after;
    co_return fresh;
  }

  EventCursor cursor;
  int writes = 0;  ///< commits that are more than nothing
  std::map<std::pair<std::int64_t, std::int64_t>, EventCommit::Item> events;  ///< by generation and id
  std::vector<Gap> gaps;
};

/// What is known of a server's doors, and nothing else: its identity rests on them alone.
class KnownDoors : public DirectoryStore, public Calls {
 public:
  Task<Result<std::vector<DoorRow>>> doors(IntegrationId /*integration*/) override {
    if (auto error = next()) co_return *error;
    co_return known_doors;
  }
  Task<Result<void>> save_doors(IntegrationId integration, std::vector<SourceDoor> seen) override {
    if (auto error = next()) co_return *error;
    for (auto& door : seen) known_doors.push_back({integration, door.id, std::move(door.name)});
    co_return Result<void>{};
  }
  Task<Result<void>> take_over_doors(IntegrationId integration, std::vector<SourceDoor> doors) override {
    known_doors.clear();
    return save_doors(std::move(integration), std::move(doors));
  }

  Task<Result<std::vector<IndexedRecord>>> load_index(IntegrationId /*integration*/) override {
    co_return not_here();
  }
  Task<Result<DirectoryReport>> apply(DirectoryCommit /*commit*/) override { co_return not_here(); }
  Task<Result<std::vector<PlanChange>>> preview(DirectoryCommit /*commit*/) override { co_return not_here(); }
  Task<Result<std::optional<std::uint64_t>>> last_mapping(IntegrationId /*integration*/) override {
    co_return not_here();
  }
  Task<Result<void>> save_mapping(IntegrationId /*integration*/, std::uint64_t /*seed*/) override {
    co_return not_here();
  }
  Task<Result<std::uint64_t>> removals_since(IntegrationId /*integration*/, Instant /*since*/) override {
    co_return not_here();
  }
  Task<Result<std::uint64_t>> people_present(IntegrationId /*integration*/) override { co_return not_here(); }
  Task<Result<std::vector<std::int64_t>>> gone_before(IntegrationId /*integration*/,
                                                      Instant /*moment*/) override {
    co_return not_here();
  }
  Task<Result<void>> save_run(SyncRun /*run*/, bool /*tell*/) override { co_return not_here(); }
  Task<Result<void>> end_interrupted_runs() override { co_return not_here(); }
  Task<Result<std::optional<SyncRun>>> last_complete_run(IntegrationId /*integration*/) override {
    co_return not_here();
  }
  Task<Result<std::optional<SyncRun>>> last_full_run(IntegrationId /*integration*/) override {
    co_return not_here();
  }

  std::vector<DoorRow> known_doors;

 private:
  static Error not_here() { return {Errc::invalid, "only doors are known here"}; }
};

}  // namespace gatehouse::test
