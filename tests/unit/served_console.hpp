#pragma once
// A console with a few facts of its own (facts_console.hpp), served on a private bus from an io thread, as
// the daemon does it.

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "daemon/app/console.hpp"
#include "daemon/control/control_service.hpp"
#include "facts_access.hpp"
#include "facts_console.hpp"
#include "private_bus.hpp"
#include "served_doctor.hpp"

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

/// The service with its io thread. The bus may be started before or after.
class ServedConsole {
 public:
  explicit ServedConsole(const PrivateBus& bus, Polkit polkit = Polkit::automatic)
      : console(io),
        service(io.get_executor(), Bus{Bus::Kind::address, bus.address()}, polkit,
                {.console = console,
                 .access = access,
                 .more = {served_doctor(check_ups)},
                 .audit = [this](AuditEntry row) { audited_.put(std::move(row)); },
                 .log = log}),
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

  /// As the daemon does when a list has grown.
  void tell_changed(const std::string& what) {
    on_io([this, what] { service.tell_changed(what); });
  }

  bool offered(std::size_t times = 1) { return log.wait_for(Level::info, times); }

  /// What the dispatch noted so far, a line each: "plan.apply P1 done, uid 0 (root)".
  std::vector<std::string> audited() { return audited_.lines(); }

  boost::asio::io_context io;
  WaitableLog log;
  FactsConsole console;
  FactsAccess access;
  CheckUps check_ups;

 private:
  class AuditLines {
   public:
    void put(AuditEntry row) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(row.action + ' ' + row.target + ' ' + row.outcome + ", " + row.actor +
                       (row.person ? " about " + row.person->value() : ""));
    }
    std::vector<std::string> lines() {
      const std::lock_guard lock(mutex_);
      return lines_;
    }

   private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
  };
  AuditLines audited_;

 public:
  ControlService service;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::test
