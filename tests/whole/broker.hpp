#pragma once
// A real mosquitto on a free loopback port: TLS, client certificates demanded, names taken from them.

#include <memory>
#include <optional>
#include <string>

#include "tests/whole/process.hpp"

namespace gatehouse::whole {

class Broker {
 public:
  struct Options {
    std::string certificates;  ///< folder made by make-certificates
    std::string dir;           ///< for its store, configuration and log
    int inflight = 1000;       ///< 1: one message at a time (its Receive Maximum too)
    std::string least_tls{};   ///< "tlsv1.2" or "tlsv1.3"; empty: both
    std::string more{};        ///< further lines of mosquitto.conf
  };
  /// Started, and listening when this returns.
  explicit Broker(Options options);

  int port() const { return port_; }
  void start();
  /// SIGTERM: queued messages of lasting sessions are kept for the next start.
  void stop();
  /// kill -9: whatever it had is gone.
  void kill();
  /// Takes connections and says nothing, until it goes on.
  void freeze();
  void go_on();
  bool running() { return process_ && process_->running(); }
  std::string log() const;

 private:
  Options options_;
  int port_;
  std::unique_ptr<Process> process_;
};

/// True once something takes connections on that port of 127.0.0.1.
bool listens(int port);

}  // namespace gatehouse::whole
