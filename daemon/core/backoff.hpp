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

/// Waits grow with the square of the outage: a second or two in its first minute, so that a short one costs
/// no more than itself, and `most` after ten minutes. Each wait is drawn between half of it and all of it, so
/// that after a long outage no second sees more than a few per cent of a fleet.
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
  Duration whole_after(Duration outage) const;

  BackoffLimits limits_;
  std::uint64_t chance_;
  std::optional<Uptime> down_since_;  ///< since the last connection that was stable
  std::optional<Uptime> connected_at_;
  std::optional<Uptime> kicked_at_;
  bool slow_ = false;
};

}  // namespace gatehouse
