#pragma once
// How long to wait before the next attempt to connect. Pure: time comes in, chance comes from a seed.

#include <chrono>
#include <cstdint>
#include <optional>

#include "daemon/core/instant.hpp"

namespace gatehouse {

struct BackoffLimits {
  Duration first = std::chrono::seconds{1};        ///< before the second attempt
  Duration most = std::chrono::seconds{90};        ///< however often it failed
  Duration stable = std::chrono::seconds{30};      ///< a connection that lasted this long starts afresh
  Duration kick_window = std::chrono::minutes{2};  ///< kicked twice within this: slow mode
  Duration slow = std::chrono::minutes{5};         ///< the wait in slow mode
  Duration calm = std::chrono::minutes{15};        ///< a connection that lasted this long ends slow mode
};

/// Exponential (by 1.5), each wait drawn between half of it and all of it. After a long outage the attempts
/// of a fleet are therefore spread over `most`, so that no second sees more than a few per cent of it.
///
/// Slow mode is for two machines under one client id: each one that connects kicks the other, and quick
/// retries would have both down for ever. It outlasts `stable`, because in slow mode each of them stays up
/// for as long as the other waits.
class Backoff {
 public:
  enum class Loss {
    ordinary,
    kicked,  ///< another client took the session over (MQTT 5 reason 0x8E)
  };

  Backoff(BackoffLimits limits, std::uint64_t seed) : limits_(limits), chance_(seed) {}

  void connected(Uptime now) { connected_at_ = now; }

  /// A connection is lost, or an attempt failed. How long to wait before the next.
  Duration lost(Uptime now, Loss loss = Loss::ordinary);

  bool slow() const { return slow_; }

 private:
  Duration jittered(Duration whole);

  BackoffLimits limits_;
  std::uint64_t chance_;
  Duration next_{0};  ///< zero: `first`
  std::optional<Uptime> connected_at_;
  std::optional<Uptime> kicked_at_;
  bool slow_ = false;
};

}  // namespace gatehouse
