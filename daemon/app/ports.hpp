#pragma once
// What the gateway needs from the world, on one page. Adapters implement these; use cases know nothing else.
//
// Threads: every call is made from, and every result comes back on, the io thread, unless it says otherwise.
// Cancellation: an asio cancellation of the awaiting coroutine ends a call early with Errc::cancelled.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/app/sync_ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/core/access_settings.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/integration_settings.hpp"
#include "daemon/core/lane.hpp"
#include "daemon/core/message.hpp"
#include "daemon/core/net2_event.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/record_fate.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {

// --- the host ---------------------------------------------------------------------------------------------

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual Uptime uptime() const = 0;
  virtual ClockQuality quality() const = 0;
  /// What of now() a later start may take as a moment that is past for certain.
  virtual Instant floor() const { return now(); }
  /// A new ULID. Safe from any thread.
  virtual std::string new_id() = 0;
};

enum class Level { debug, info, warning, error };

/// One field of a log line: journald's own naming, upper case ("INTEGRATION").
using LogField = std::pair<std::string_view, std::string_view>;

/// Log changes of state, once, where it is decided what to do about them. Safe from any thread.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(Level level, std::string_view text, std::initializer_list<LogField> fields = {}) = 0;
};

// --- Net2 -------------------------------------------------------------------------------------------------

/// net2-api.md §3.8. The relay is not the leaf; contacts mean nothing where none is fitted.
struct DoorStatus {
  Net2DoorId id;
  bool relay_open = false;
  bool contact_closed = true;
  bool alarm_tripped = false;
  bool intruder_armed = false;
  bool psu_ok = true;
  bool tamper_ok = true;
  bool operator==(const DoorStatus&) const = default;
};

/// What to read of people: these fields and no others.
struct PeopleQuery {
  std::vector<SourceField> fields;
  bool access_levels = false;  ///< groups go by access level instead of by department
  /// PeopleRead::mark of an earlier read of the same fields: where everybody is as they were then, nobody
  /// needs to be given again. Empty: everybody is given.
  std::string known{};
};

/// Takes records one by one while they stream in. Called on the worker or on the reader's own thread, never
/// twice at once; it must not wait.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void take(SourceRecord&& record) = 0;
};

struct PeopleRead {
  std::uint64_t seen = 0;  ///< records given to the sink
  Duration took{0};        ///< from the first request to the last byte
  std::string way;         ///< "querydb" or "users", for people who look
  /// Of all that the records were made of: where it is the same, they are. Empty where the source has none.
  std::string mark{};
  /// Everybody is as at PeopleQuery::known; the sink was given nobody, and `seen` is 0.
  bool repeats = false;
};

/// One row of the event log, or the reason why it cannot be read.
struct UnreadableEvent {
  std::optional<Net2EventId> id;
  std::string why;
};

struct EventPage {
  std::vector<Net2Event> events;  ///< by ascending id, no id twice
  std::vector<UnreadableEvent> unreadable;
  bool full = false;  ///< the server gave as many rows as it was asked for: there may be more
};

/// Where to go on reading. Ids rule; the time serves only a server that refuses ids in `where`.
struct EventQuery {
  Net2EventId after;             ///< rows with a greater id
  std::optional<Instant> since;  ///< time of the last row known, for the overlap window
  std::size_t limit = 1000;
};

/// Where people come from: a Net2 server, a feed.
class PeopleSource {
 public:
  virtual ~PeopleSource() = default;
  /// Every person, in no order. Errors leave whatever the sink took without meaning.
  /// Errc::incomplete where sub-reads disagree even after single reads.
  virtual Task<Result<PeopleRead>> read_people(PeopleQuery query, RecordSink& sink) = 0;
};

/// A Net2 server. Every list is complete or an error; an empty answer is an empty list.
/// Reads may run side by side; credentials and one token are shared behind it.
class Net2Source : public PeopleSource {
 public:
  virtual Task<Result<EventPage>> read_events(EventQuery query) = 0;
  /// The newest row, or none where the log is empty.
  virtual Task<Result<std::optional<Net2Event>>> read_newest_event() = 0;
  /// The oldest row at or after a moment, or none.
  virtual Task<Result<std::optional<Net2Event>>> read_first_event_since(Instant since) = 0;

  virtual Task<Result<std::vector<SourceDoor>>> read_doors() = 0;
  virtual Task<Result<std::vector<DoorStatus>>> read_door_status() = 0;

  /// Grows with each new connection to the server: another machine can only be behind another connection.
  virtual std::uint64_t connections() const = 0;
};

/// What the live feed tells. It carries no facts: it is a doorbell to the polls.
class LiveListener {
 public:
  virtual ~LiveListener() = default;
  virtual void on_live() = 0;         ///< connected and subscribed
  virtual void on_event() = 0;        ///< something happened: read events now
  virtual void on_door_status() = 0;  ///< a door changed: read door status now
};

class LiveFeed {
 public:
  virtual ~LiveFeed() = default;
  /// Connects, subscribes for all events and for the doors' status, and stays until the link is lost, goes
  /// silent, or the coroutine is cancelled; says why it ended. Never reconnects by itself.
  virtual Task<Error> listen(std::vector<Net2DoorId> doors, LiveListener& listener) = 0;
};

// --- the store --------------------------------------------------------------------------------------------
// One call is one transaction. Errc::storage where the file cannot be read or written, Errc::storage_full
// where there is no room; nothing of the call has then happened, but for what commit_events and append say.

/// How far the events of an integration are known.
struct EventCursor {
  bool started = false;            ///< false: never read an event
  std::int64_t generation = 1;     ///< of Net2's numbering
  Net2EventId low{0};              ///< everything up to here is settled: reading goes on after it
  Net2EventId high{0};             ///< the highest id known; above `low` while a young hole is open
  std::optional<Instant> last_at;  ///< time of the event `high`
  std::string zone{};              ///< of Net2's wall clock by which it was read, IANA; empty: not known
  bool operator==(const EventCursor&) const = default;
};

struct EventCommit {
  struct Item {
    Net2Event event;
    bool catch_up = false;
  };
  IntegrationId integration;
  std::vector<Item> events;  ///< those already known are left out by the store
  EventCursor after;
  std::vector<Gap> gaps;  ///< without `lane`: what Net2 will not give
  /// Doors whose granted events say who is on site; a known person's presence changes with the event.
  std::vector<std::pair<Net2DoorId, DoorPresence>> presence{};
  std::map<Net2DoorId, SiteId> presence_sites{};  ///< of these doors; one not named: the person's home site
  /// Users' numbers may mean other people than those we know by them: nobody is named, nobody's presence
  /// moves.
  bool nameless = false;
};

class EventStore {
 public:
  virtual ~EventStore() = default;
  virtual Task<Result<EventCursor>> event_cursor(IntegrationId integration) = 0;
  /// Event rows, their messages and the cursor. The number of events that were new.
  /// An empty commit with an unchanged cursor writes nothing. With Errc::storage_full the alarms among the
  /// events may be in the outbox all the same (ring its bell), while the cursor stays: commit them again
  /// later.
  virtual Task<Result<std::size_t>> commit_events(EventCommit commit) = 0;
};

struct OutboxRow {
  std::int64_t row = 0;  ///< ascending within a lane; names the row for settle and park
  Lane lane = Lane::alarm;
  std::uint64_t sequence = 0;  ///< 0: not numbered
  std::string topic;           ///< below ROOT
  std::string payload;         ///< exactly what is sent, each time
  std::string correlation{};   ///< Message::correlation
  bool operator==(const OutboxRow&) const = default;
};

struct RowRange {
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< inclusive
  bool operator==(const RowRange&) const = default;
};

struct OutboxReport {
  std::array<std::uint64_t, lane_count> pending{};
  std::uint64_t dead = 0;
  std::uint64_t bytes = 0;        ///< payload bytes pending
  std::optional<Instant> oldest;  ///< when the oldest pending row was written
};

struct Quota {
  std::uint64_t max_bytes = 0;
  std::uint64_t min_free = 0;
  bool operator==(const Quota&) const = default;
};

class OutboxStore {
 public:
  virtual ~OutboxStore() = default;
  /// Rows of a lane with a greater row id, oldest first, at most `max_rows` and about `max_bytes` (at least
  /// one).
  virtual Task<Result<std::vector<OutboxRow>>> read_outbox(Lane lane, std::int64_t after,
                                                           std::size_t max_rows, std::size_t max_bytes) = 0;
  /// Removes rows that the broker has. Not flushed to disk by itself: after a power cut they are sent again.
  virtual Task<Result<void>> settle(std::vector<RowRange> ranges) = 0;
  /// Moves a row to the dead letters and tells the cloud by a `gap` and an `alert`, all in one transaction.
  virtual Task<Result<void>> park(std::int64_t row, std::string cause, std::string detail) = 0;
  /// Puts messages into their lanes. While the disk is full only alarms: Errc::storage_full where others were
  /// among them, and these have no number yet, so that nothing is missing.
  virtual Task<Result<void>> append(std::vector<Message> messages) = 0;
  virtual Task<Result<OutboxReport>> outbox_report() = 0;
  /// From now on. When a lane has to give, the oldest of the least important lane goes, with a durable gap.
  virtual void set_quota(Quota quota) = 0;
  /// Identity of the numbering.
  virtual std::string stream() const = 0;
};

// --- the cloud --------------------------------------------------------------------------------------------

/// What the link can take, learnt when it came up (MQTT 5 CONNACK).
struct LinkTerms {
  std::uint16_t receive_maximum = 65535;
  std::uint32_t maximum_packet = 0;  ///< 0: no limit
};

struct Outgoing {
  std::int64_t token = 0;  ///< the caller's; comes back with the outcome. 0: nobody waits for it
  std::string topic;       ///< below ROOT
  std::string payload;
  bool retain = false;
  bool urgent = false;        ///< goes before what is handed over but not yet sent
  std::string correlation{};  ///< MQTT 5 correlation data; empty: none
};

struct PublishOutcome {
  std::int64_t token = 0;
  std::uint8_t reason = 0;  ///< MQTT 5 PUBACK reason code; below 0x80 the broker has it
  bool too_large = false;   ///< never sent: above the broker's Maximum Packet Size
};

/// What came down.
struct Incoming {
  std::string topic;  ///< below ROOT
  std::string payload;
  bool retained = false;
  std::string response_topic{};  ///< as it came; empty: none
  std::string correlation{};     ///< bytes; empty: none
};

class UplinkListener {
 public:
  virtual ~UplinkListener() = default;
  virtual void on_up(LinkTerms terms) = 0;  ///< connected, subscriptions acknowledged
  /// Everything handed over and not yet reported on is forgotten by the link; hand it over again later.
  virtual void on_down(Error why) = 0;
  virtual void on_outcomes(std::vector<PublishOutcome> outcomes) = 0;
  virtual void on_message(Incoming message) = 0;
};

/// MQTT over TLS. Connects by itself, for ever, with jittered back-off. All calls return at once.
class Uplink {
 public:
  virtual ~Uplink() = default;
  virtual void start(UplinkListener& listener) = 0;
  /// While up; otherwise dropped without an outcome. Sent in this order (urgent ones first), at most
  /// `receive_maximum` of them unacknowledged at a time.
  virtual void publish(std::vector<Outgoing> messages) = 0;
  /// Drops the link at once and connects again after the back-off (one message seems to kill it, say).
  virtual void reconnect(std::string why) = 0;
  /// Publishes the farewell (retained) if up, disconnects cleanly; at most `limit` long.
  virtual Task<void> stop(Outgoing farewell, Duration limit) = 0;
};

}  // namespace gatehouse
