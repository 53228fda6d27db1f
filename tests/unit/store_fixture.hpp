#pragma once
// A real store in a directory of its own, a clock that is set by hand, and calls that are waited for.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "daemon/core/ulid.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse::test {

/// In memory where the system has such a place: these tests kill processes, not machines, so waiting for a
/// disk would prove nothing and cost seconds.
class StoreDirectory {
 public:
  StoreDirectory() {
    std::error_code none;
    std::filesystem::path parent = "/dev/shm";
    if (!std::filesystem::is_directory(parent, none)) parent = std::filesystem::temp_directory_path();
    std::string name = (parent / "gatehouse-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~StoreDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  StoreDirectory(const StoreDirectory&) = delete;
  StoreDirectory& operator=(const StoreDirectory&) = delete;

  std::filesystem::path path;
};

/// Set by hand; asked by the store's thread.
class SetClock : public Clock {
 public:
  explicit SetClock(std::uint64_t first_id = 0) : ids_(first_id) {}
  Instant now() const override { return Instant{Duration{ms.load()}}; }
  Uptime uptime() const override { return Uptime{Duration{ms.load()}}; }
  ClockQuality quality() const override { return trusted ? ClockQuality::ok : ClockQuality::unsynced; }
  std::string new_id() override {
    const std::uint64_t number = ++ids_;
    UlidChance chance{};
    for (std::size_t i = 0; i < 8; ++i) chance[9 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return make_ulid(now(), chance);
  }
  std::atomic<bool> trusted = true;
  std::atomic<std::int64_t> ms{1'780'300'800'000};  // 2026-06-01T08:00:00Z

 private:
  std::atomic<std::uint64_t> ids_;
};

/// Runs a call to its end.
template <typename T>
Result<T> ask(Task<Result<T>> call) {
  boost::asio::io_context io;
  std::optional<Result<T>> answer;
  auto wait = [&](Task<Result<T>> waited) -> Task<void> {
    Result<T> result = co_await std::move(waited);
    answer.emplace(std::move(result));
  };
  boost::asio::co_spawn(io, wait(std::move(call)), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  io.run();
  return std::move(answer).value();
}

/// The value of a call that has to succeed.
template <typename T>
T get(Task<Result<T>> call) {
  Result<T> answer = ask(std::move(call));
  if (!answer) throw std::runtime_error(answer.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*answer);
}

inline SpaceOptions small_reserve() {
  SpaceOptions space;
  space.reserve = 64 * 1024;
  space.floor = 64 * 1024;
  return space;
}

inline std::unique_ptr<Store> open_store(const std::filesystem::path& directory, Clock& clock,
                                         SpaceOptions space = small_reserve()) {
  auto store = Store::open({directory, "/gatehouse/acme/hq-01", unicode_fold(), std::move(space)}, clock);
  if (!store) throw std::runtime_error(store.error().detail);
  return std::move(*store);
}

inline const IntegrationId hq{"net2-hq"};

inline constexpr int granted_event = 20;
inline constexpr int door_forced_event = 92;

inline Net2Event event_at(std::int64_t id, int type = granted_event) {
  Net2Event event;
  event.id = Net2EventId(id);
  event.at = Instant{Duration{1'780'300'800'000 + id * 1000}};
  event.type = type;
  event.description = "Access permitted";
  event.door = Net2DoorId(6203980);
  return event;
}

/// Events `first` to `last`, and the cursor behind them.
inline EventCommit events(std::int64_t first, std::int64_t last, int type = granted_event) {
  EventCommit commit;
  commit.integration = hq;
  for (std::int64_t id = first; id <= last; ++id) commit.events.push_back({event_at(id, type), false});
  commit.after = {true, 1, Net2EventId(last), Net2EventId(last), event_at(last).at};
  return commit;
}

inline Message message(Lane lane, std::string id, std::size_t size = 10) {
  Message made;
  made.lane = lane;
  made.topic = lane == Lane::alarm ? "up/alarm" : "up/health";
  made.type = lane == Lane::alarm ? "alert" : "health";
  made.id = std::move(id);
  made.subject = "test";
  made.data = "{\"text\":\"" + std::string(size, 'x') + "\"}";
  return made;
}

inline std::vector<OutboxRow> waiting(Store& store, Lane lane) {
  return get(store.read_outbox(lane, 0, 100'000, 1 << 30));
}

/// The text of a member that is written as text, or nothing: enough for the flat words of our messages.
inline std::string member(const std::string& json, const std::string& name) {
  const std::string before = "\"" + name + "\":\"";
  const auto start = json.find(before);
  if (start == std::string::npos) return {};
  const auto from = start + before.size();
  return json.substr(from, json.find('"', from) - from);
}

/// Of the gaps that wait: sequences of a lane that they name.
inline std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps_of(Store& store, Lane lane) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
  for (const auto& row : waiting(store, Lane::alarm)) {
    if (row.payload.find("gatehouse.gap.v1") == std::string::npos) continue;
    const std::string data = row.payload.substr(row.payload.find("\"data\":"));
    if (member(data, "lane") != to_string(lane)) continue;
    found.emplace_back(std::stoull("0" + member(data, "from")), std::stoull("0" + member(data, "to")));
  }
  return found;
}

}  // namespace gatehouse::test
