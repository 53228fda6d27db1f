#pragma once
// A QoS 1 subscriber that does next to nothing with what it gets: it must not be what is measured.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/whole/wait.hpp"

struct mosquitto;

namespace gatehouse::bench {

struct Parcel {
  std::string topic;
  std::string payload;
};

class Tap {
 public:
  struct Options {
    int port = 0;
    std::string certificates;
    bool keep = false;  ///< what came, for publishing the same again
    std::vector<std::string> topics{"gatehouse/v1/+/+/up/access", "gatehouse/v1/+/+/up/alarm",
                                    "gatehouse/v1/+/+/up/people"};
    /// On the tap's own thread.
    std::function<void(std::string_view payload)> told{};
  };
  /// Subscribed when this returns.
  explicit Tap(Options options);
  ~Tap();
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;

  struct Count {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    whole::Clock::time_point first{};
    whole::Clock::time_point last{};
    /// Messages a second from the first to the last.
    double rate() const;
  };
  Count count() const;
  bool wait_for(std::uint64_t messages, whole::Millis within) const;
  void start_anew();
  std::vector<Parcel> take();

 private:
  struct Callbacks;
  void run();

  Options options_;
  mutable std::mutex mutex_;
  Count count_;
  std::vector<Parcel> kept_;
  std::size_t subscribed_ = 0;
  bool stopping_ = false;
  std::unique_ptr<mosquitto, void (*)(mosquitto*)> client_;
  std::thread thread_;
};

/// A client of libmosquitto with the certificate NAME of the folder; MQTT 5.
std::unique_ptr<mosquitto, void (*)(mosquitto*)> mqtt_client(const std::string& id,
                                                             const std::string& certificates,
                                                             const std::string& name, void* self);

}  // namespace gatehouse::bench
