#pragma once
// A feed's directory for one test, and those who write into it.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "connectors/feed/feed_directory.hpp"

namespace gatehouse::test {

struct FeedClock final : Clock {
  Instant now() const override { return at; }
  Uptime uptime() const override { return up; }
  ClockQuality quality() const override { return set; }
  std::string new_id() override { return {}; }
  void pass(Duration time) {
    at += time;
    up += time;
  }

  /// The shelves go by the file system's clock, so this one begins with it.
  Instant at = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  Uptime up{std::chrono::hours{1}};
  ClockQuality set = ClockQuality::ok;
};

struct LogLines final : Log {
  void write(Level level, std::string_view text, std::initializer_list<LogField> /*fields*/) override {
    lines.emplace_back(level, text);
  }
  std::vector<std::pair<Level, std::string>> lines;
};

struct TakenPeople final : RecordSink {
  void take(SourceRecord&& record) override { records.push_back(std::move(record)); }
  std::vector<SourceRecord> records;
};

/// A snapshot of people with these ids.
inline std::string snapshot(const std::vector<std::string>& ids) {
  std::string text;
  for (const auto& id : ids) text += R"({"external_id":")" + id + R"(","first_name":"N)" + id + "\"}\n";
  return text + R"({"end":true,"count":)" + std::to_string(ids.size()) + "}\n";
}

class FeedBench {
 public:
  /// In a directory of its own, or in a given one, which stays.
  explicit FeedBench(const char* given = nullptr) : own_(given == nullptr) {
    if (own_) {
      make();
    } else {
      path = given;
    }
    open();
  }
  ~FeedBench() {
    worker.join();
    std::error_code ignored;
    if (own_) std::filesystem::remove_all(path, ignored);
  }
  FeedBench(const FeedBench&) = delete;
  FeedBench& operator=(const FeedBench&) = delete;

  /// As at the daemon's start.
  void open(FeedTuning tuning = {}) {
    feed.reset();
    auto made =
        FeedDirectory::open(io.get_executor(), worker.get_executor(), path.string(), clock, log, tuning);
    if (!made) throw std::runtime_error(made.error().detail);
    feed = std::move(*made);
  }

  /// Each file a second younger than the one before.
  void drop(const std::string& name, const std::string& content) {
    write(name, content);
    set_time(name, ++written_);
  }
  void write(const std::string& name, const std::string& content, std::ios::openmode mode = std::ios::trunc) {
    std::ofstream file(path / name, std::ios::binary | mode);
    file << content;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + name);
  }
  void set_time(const std::string& name, std::int64_t second) const {
    const timespec times[2] = {{.tv_sec = second, .tv_nsec = 0}, {.tv_sec = second, .tv_nsec = 0}};
    if (::utimensat(AT_FDCWD, (path / name).c_str(), times, AT_SYMLINK_NOFOLLOW) != 0)
      throw std::runtime_error("cannot set the time of " + name);
  }

  template <typename T>
  static Task<void> into(Task<T> task, std::optional<T>& answer) {
    T value = co_await std::move(task);
    answer.emplace(std::move(value));
  }
  template <typename T>
  T run(Task<T> task) {
    std::optional<T> answer;
    boost::asio::co_spawn(io, into(std::move(task), answer), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    io.restart();
    io.run();
    return std::move(answer.value());
  }

  Result<bool> take() { return run(feed->take_next()); }
  /// What take_next() says, as one line: "taken", "nothing" or "malformed: …".
  std::string said() {
    const auto taken = take();
    if (!taken) return std::string(to_string(taken.error().code)) + ": " + taken.error().detail;
    return *taken ? "taken" : "nothing";
  }
  std::vector<SourceRecord> read(std::vector<SourceField> fields = {}) {
    TakenPeople people;
    const auto read = run(feed->read_people({.fields = std::move(fields)}, people));
    if (!read) throw std::runtime_error(read.error().detail);
    if (read->seen != people.records.size()) throw std::runtime_error("seen is not what came");
    return std::move(people.records);
  }
  /// "1 2 3": who is in the current snapshot.
  std::string ids() {
    std::string text;
    for (const auto& record : read()) text += (text.empty() ? "" : " ") + record.external_id;
    return text;
  }
  /// Names in a folder below, sorted.
  std::vector<std::string> on_shelf(const std::string& shelf) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path / shelf))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  /// As on_shelf(), for files that were put aside: "STAMP-people.jsonl".
  std::vector<std::string> on_shelf_unstamped(const std::string& shelf) const {
    auto names = on_shelf(shelf);
    for (auto& name : names) {
      const auto behind = name.find("Z-");
      if (behind == 19) name = "STAMP-" + name.substr(behind + 2);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string content(const std::string& name) const {
    std::ifstream file(path / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path path;
  boost::asio::io_context io;
  boost::asio::thread_pool worker{1};
  FeedClock clock;
  LogLines log;
  std::unique_ptr<FeedDirectory> feed;

 private:
  void make() {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-feed-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }

  bool own_;
  std::int64_t written_ = 1'780'000'000;
};

}  // namespace gatehouse::test
