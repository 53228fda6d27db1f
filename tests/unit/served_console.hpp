#pragma once
// A console with a few facts of its own, served on a private bus from an io thread, as the daemon does it.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "daemon/app/console.hpp"
#include "daemon/control/control_service.hpp"
#include "private_bus.hpp"

namespace gatehouse::test {

/// Keeps what was logged, and lets the test wait for it.
class WaitableLog : public Log {
 public:
  void write(Level level, std::string_view text, std::initializer_list<LogField>) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(level, text);
    changed_.notify_all();
  }

  std::size_t count(Level level) {
    const std::lock_guard lock(mutex_);
    return count_locked(level);
  }

  std::string last(Level level) {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [at, line] : lines_) {
      if (at == level) text = line;
    }
    return text;
  }

  /// Until so many lines of this level were written; false after ten seconds.
  bool wait_for(Level level, std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return count_locked(level) >= count; });
  }

 private:
  std::size_t count_locked(Level level) const {
    std::size_t found = 0;
    for (const auto& line : lines_) found += line.first == level ? 1 : 0;
    return found;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<Level, std::string>> lines_;
};

/// 1,200 people, two doors, and errors where a test asks for them.
class FactsConsole : public Console {
 public:
  explicit FactsConsole(boost::asio::io_context& io)
      : gate(io, boost::asio::steady_timer::time_point::max()) {}

  static constexpr int people_count = 1200;

  boost::asio::steady_timer gate;  ///< status() waits here while `closed`; cancel to open. On the io thread
  std::atomic<bool> closed = false;
  std::atomic<int> waiting = 0;
  std::atomic<int> reloads = 0;
  std::atomic<int> events_known = 2;

  Task<Result<std::string>> status() override {
    if (closed) {
      ++waiting;
      co_await gate.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
      const auto state = co_await boost::asio::this_coro::cancellation_state;
      if (state.cancelled() != boost::asio::cancellation_type::none)
        co_return Error{Errc::cancelled, "stopping"};
    }
    co_return std::string(
        R"({"version":"0.1.0","gateway":"acme/hq-01","uptime_s":12,"ready":true,)"
        R"("cloud":{"connected":false,"since":null,"oldest_unsent_s":720},)"
        R"("outbox":{"pending":3,"dead":0,"bytes":2048,"lanes":{"alarm":1,"access":2,"people":0,"telemetry":0}},)"
        R"("integrations":[{"id":"net2-hq","name":"Head office","status":"unreachable",)"
        R"("detail":"connection refused","hint":"is the Net2 server running?","connected":false,)"
        R"("last_run":null,"last_full":null,"people":1200,"issues":0,"event_lag_s":0}],)"
        R"("people":1200,"doors":2,"clock":"ok","config":{"revision":"sha256:abc","reload_error":null},"lockdown":[]})");
  }

  Task<Result<std::string>> integrations() override {
    co_return std::string(R"({"integrations":[{"id":"net2-hq","status":"active"}]})");
  }
  Task<Result<std::string>> integration(std::string id) override {
    if (id != "net2-hq") co_return Error{Errc::not_found, "there is no integration '" + id + "'"};
    co_return std::string(R"({"id":"net2-hq","status":"active","last_run":null})");
  }

  Task<Result<std::string>> people(PeopleFilter filter, Page page) override {
    if (filter.search == "storage") co_return Error{Errc::storage, "read people: disk I/O error"};
    const int first = page.after.empty() ? 0 : std::stoi(page.after);
    const int end = std::min<int>(people_count, first + static_cast<int>(page.limit));
    std::string out = R"({"people":[)";
    for (int i = first; i < end; ++i) {
      if (filter.search == "break" && i == 700) co_return Error{Errc::storage, "read people: disk I/O error"};
      out += i > first ? "," : "";
      out += R"({"id":"P)" + std::to_string(i) +
             R"(","first_name":"Ada","last_name":"Ly\u001b[31m","email":null,)" + R"("site":")" +
             filter.site + R"(","access":{"effective":true},"last_synced":null})";
    }
    out += "]";
    if (end < people_count) out += R"(,"next":")" + std::to_string(end) + '"';
    co_return out + "}";
  }
  Task<Result<std::string>> person(std::string key) override {
    if (key == "ada@example.com") co_return Error{Errc::refused, "two people share this e-mail"};
    co_return std::string(R"({"id":"P1","first_name":"Ada","last_name":"Lovelace"})");
  }

  Task<Result<std::string>> doors() override {
    co_return std::string(
        R"({"doors":[{"id":"net2-hq/1","name":"Front"},{"id":"net2-hq/2","name":"Back"}]})");
  }
  Task<Result<std::string>> door(std::string id) override {
    if (id == "long") co_return std::string(10u << 20, 'x');
    if (id == "too long") co_return std::string(20u << 20, 'x');
    if (id == "no reason") co_return Error{Errc::storage, "\xff\xfe"};
    if (id == "no string") co_return std::string("\xff\xfe");
    co_return std::string(R"({"id":")") + id + "\"}";
  }

  Task<Result<std::string>> events(EventFilter, Page page) override {
    std::string out = R"({"events":[)";
    const int first = page.after.empty() ? 0 : std::stoi(page.after);
    for (int i = first; i < events_known; ++i) {
      out += i > first ? "," : "";
      out += R"({"event_id":"net2-hq/1/)" + std::to_string(i) +
             R"(","at":"2026-06-01T09:00:00Z","door":"net2-hq/1"})";
    }
    co_return out + "]}";
  }
  Task<Result<std::string>> runs(std::string) override { co_return std::string(R"({"runs":[]})"); }
  Task<Result<std::string>> outbox(OutboxFilter filter, Page) override {
    co_return std::string(R"({"outbox":[{"id":1,"lane":")") + filter.lane + R"(","dead":)" +
        (filter.dead ? "true" : "false") + "}]}";
  }
  Task<Result<std::string>> effective_config(std::string format) override {
    co_return format == "json" ? std::string(R"({"gateway":{"id":"hq-01"}})")
                               : std::string("gateway:\n  id: hq-01\n");
  }
  Task<Result<std::string>> reload() override {
    ++reloads;
    co_return Error{Errc::invalid,
                    "gatehouse.yaml:3:5: unknown key 'polll'\ngatehouse.yaml:9:1: missing 'url'"};
  }
};

/// The service with its io thread. The bus may be started before or after.
class ServedConsole {
 public:
  explicit ServedConsole(const PrivateBus& bus, Polkit polkit = Polkit::automatic)
      : console(io),
        service(io.get_executor(), Bus{Bus::Kind::address, bus.address()}, polkit, console, log),
        work_(io.get_executor()),
        thread_([this] { io.run(); }) {
    on_io([this] { service.start(); });
  }

  ~ServedConsole() {
    stop();
    work_.reset();
    thread_.join();
  }
  ServedConsole(const ServedConsole&) = delete;
  ServedConsole& operator=(const ServedConsole&) = delete;

  /// Returns when it was done.
  template <typename Function>
  void on_io(Function function) {
    boost::asio::post(io, boost::asio::use_future(std::move(function))).get();
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    boost::asio::co_spawn(io, service.stop(), boost::asio::use_future).get();
  }

  bool offered(std::size_t times = 1) { return log.wait_for(Level::info, times); }

  boost::asio::io_context io;
  WaitableLog log;
  FactsConsole console;
  ControlService service;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::test
