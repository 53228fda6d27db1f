#pragma once
// Which messages wait, and which are on their way without a PUBACK. Bookkeeping only: no network, no clock.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "daemon/app/ports.hpp"

namespace gatehouse {

class SendWindow {
 public:
  /// Forgets everything. At most `inflight` messages on their way, and in no case more than
  /// `receive_maximum`.
  void open(std::uint32_t inflight, std::uint16_t receive_maximum);

  void add(std::vector<Outgoing>&& messages);

  /// Only this one is left to be sent, and the broker's own limit is the only one.
  void add_last(Outgoing message);

  /// The message to send now: urgent ones first. None: nothing waits, or there is no room. Valid until sent()
  /// or set_aside().
  const Outgoing* next() const;

  /// next() went out under this packet identifier. Identifiers come in MQTT's order, 65535 is followed by 1.
  void sent(std::uint16_t id, Uptime now);

  /// next() will not be sent; it leaves the queue without using room.
  void set_aside();

  /// The token of the message, or none where nothing of that identifier is on its way.
  std::optional<std::int64_t> acknowledged(std::uint16_t id);

  /// Messages sent before this moment hold up nobody: others may go out beside them, up to the broker's
  /// limit.
  void expire_before(Uptime moment);

  /// All the room there is is taken by expired messages.
  bool stuck() const;

  /// The next identifier belongs to a message that is still on its way, so that another cannot be sent.
  bool out_of_ids() const { return slots_.size() >= id_count; }

  std::size_t unacknowledged() const { return unacknowledged_; }

 private:
  static constexpr std::size_t id_count = 65535;
  struct Slot {
    std::int64_t token = 0;
    Uptime at{};
    bool on_its_way = false;
    bool late = false;
  };
  std::deque<Outgoing>& front_queue() { return urgent_.empty() ? ordinary_ : urgent_; }
  std::size_t distance(std::uint16_t id) const { return (id + id_count - first_id_) % id_count; }

  std::deque<Outgoing> urgent_;
  std::deque<Outgoing> ordinary_;
  std::deque<Slot> slots_;  ///< by identifier, from `first_id_`
  std::uint16_t first_id_ = 1;
  std::size_t unacknowledged_ = 0;
  std::size_t late_ = 0;  ///< of those
  std::size_t inflight_ = 0;
  std::size_t receive_maximum_ = 0;
};

}  // namespace gatehouse
