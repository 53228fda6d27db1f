#pragma once
// A subscriber to everything the gateway sends, which keeps it in a Ledger. Its session lasts, so that a
// broker that is stopped and started again still hands over what it had accepted.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/whole/ledger.hpp"
#include "tests/whole/wait.hpp"

struct mosquitto;

namespace gatehouse::whole {

class Recorder {
 public:
  struct Options {
    int port = 0;
    std::string certificates;  ///< folder made by make-certificates
    std::string topic = "gatehouse/v1/#";
    std::string client_id = "watcher";
    /// Told of every message before the ledger has it; on the recorder's thread.
    std::function<void(const std::string& topic, std::string_view payload, bool retained)> told{};
  };
  explicit Recorder(Options options);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Waits until the ledger is as wanted. False: it never was.
  bool wait(Millis within, const std::function<bool(const Ledger&)>& wanted);
  /// A copy of what came so far.
  Ledger ledger() const;
  template <typename Ask>
  auto ask(Ask&& question) const {
    const std::lock_guard lock(mutex_);
    return question(ledger_);
  }

 private:
  struct Callbacks;
  void run();

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Ledger ledger_;
  bool subscribed_ = false;
  bool stopping_ = false;
  std::unique_ptr<mosquitto, void (*)(mosquitto*)> client_;
  std::thread thread_;
};

}  // namespace gatehouse::whole
