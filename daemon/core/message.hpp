#pragma once
// One message to the cloud, before and after it gets its place in a lane (contract.md §3.1).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/event_ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/lane.hpp"

namespace gatehouse {

/// What a fact looks like before it is numbered. `data` is JSON text.
struct Message {
  std::optional<Lane> lane;   ///< none: not in a lane, so neither queued nor numbered (state, door.state)
  std::string topic;          ///< below ROOT: "up/access"
  std::string type;           ///< without prefix and version: "access.granted"
  std::string id;             ///< with the source, never names two different facts
  Instant time{};             ///< when it happened
  std::string subject;        ///< what it is about: a door, a person, an integration
  std::string data;           ///< a JSON object
  bool numbered = true;       ///< `gap` travels in the alarm lane but carries no sequence
  std::string correlation{};  ///< bytes; of a reply: MQTT's correlation data. Empty: none
};

enum class ClockQuality { ok, unsynced };
constexpr std::string_view to_string(ClockQuality clock) {
  return clock == ClockQuality::ok ? "ok" : "unsynced";
}

/// Where a numbered message stands: contiguous from 1 within (stream, lane).
struct Place {
  std::string_view stream;
  std::uint64_t sequence;
};

/// The CloudEvents 1.0 envelope in structured JSON. `source` is "/gatehouse/{tenant}/{gateway}".
/// Pure: the same arguments give the same bytes. `place` is ignored for what is not numbered.
std::string envelope(const Message& message, std::string_view source, std::optional<Place> place,
                     ClockQuality clock);

/// Events that Net2 has not given, by their ids.
struct MissingEvents {
  std::string integration;
  std::int64_t generation = 1;
  std::vector<EventIds> ids;  ///< ascending, apart from each other
};

/// Something that will not come, named (contract.md §3.1): a range of one lane's sequences, or events that
/// Net2 never gave (then without sequences).
struct Gap {
  std::optional<Lane> lane;
  std::uint64_t from = 0;   ///< first sequence, written as `sequence` is; 0: none, written as null
  std::uint64_t to = 0;     ///< last sequence
  std::uint64_t count = 0;  ///< how many messages
  std::string cause;        ///< "quota", "disk_full", "refused", "too_large", "unreadable", "net2_numbering",
                            ///< "net2_missing"
  std::string detail;       ///< for a person; may be empty
  std::optional<MissingEvents> events{};  ///< with `net2_missing`
};

Message gap_message(const Gap& gap, std::string_view stream, std::string id, Instant now);

}  // namespace gatehouse
