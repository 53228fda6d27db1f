#pragma once
// Brings Net2's event log into the store: by ascending id, each row once, nothing left out unnamed.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/app/server_identity.hpp"
#include "daemon/app/source_witness.hpp"
#include "daemon/core/event_window.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

/// A zone by its IANA name; nullptr: there is none.
using ZoneByName = std::function<std::shared_ptr<const TimeZone>(const std::string&)>;

/// What a poll came to.
struct PollReport {
  std::size_t fresh = 0;           ///< events that were new
  bool more = false;               ///< the page was full: poll again at once
  bool held = false;               ///< nothing was read: whose events these are is just being found out
  std::optional<Instant> last_at;  ///< time of the newest event known
};

class EventPoller {
 public:
  struct Parts {
    Net2Source& source;
    EventStore& store;
    ServerIdentity& identity;
    Clock& clock;
    Log& log;
    std::function<void()> news;        ///< called after a commit that brought something
    SourceWitness* witness = nullptr;  ///< may be none
    std::string zone{};                ///< of Net2's wall clock, IANA
    ZoneByName zones{};                ///< may be none
  };

  /// `events_from`: how far back to begin where no event was ever read; nullopt: from now on.
  EventPoller(IntegrationId integration, std::optional<Duration> events_from, Parts parts);

  /// One read and its commit. After an error nothing has moved.
  Task<Result<PollReport>> poll();

 private:
  Task<Result<void>> load();
  void read_last_time_anew();
  std::optional<Instant> last_time() const;
  bool is_last_event(Instant at) const;
  Task<Result<void>> begin();
  Task<Result<PollReport>> read_and_keep();
  /// What a page says of the event `high`, which was read again with it.
  enum class LastEvent { known, another, gone };
  LastEvent look_for_last(const EventPage& page);
  /// False where Net2's numbering has started over.
  Task<Result<bool>> numbering_stands(LastEvent last);
  Task<Result<void>> begin_generation();
  bool people_awaited();
  Task<Result<PollReport>> commit(EventPage page);
  bool brings_news(const EventPage& page) const;
  std::vector<EventCommit::Item> for_witness(const EventCommit& commit) const;
  /// Rows that cannot be read and were not named yet, as a gap; none where there is nothing new of the kind.
  std::optional<Gap> unreadable_gap(const EventPage& page, std::uint64_t nameless) const;
  /// Ids that are waited for no longer, as a gap; none where there are none.
  std::optional<Gap> missing_gap(std::vector<EventIds> given_up) const;

  const IntegrationId id_;
  const std::optional<Duration> events_from_;
  Parts parts_;
  std::optional<EventCursor> cursor_;
  /// The cursor's last_at as our zone reads it, where it may have been read by another one.
  std::optional<Instant> last_in_our_zone_;
  bool cursor_kept_ = false;  ///< the store has it as it is here
  EventWindow window_{Net2EventId(0), Net2EventId(0)};
  std::optional<std::uint64_t> numbered_on_;  ///< connection on which the numbering was last seen to stand
  Uptime next_check_{};
  std::uint64_t takeovers_ = 0;          ///< ServerIdentity::takeovers() at the last poll
  std::optional<Uptime> unsure_since_;   ///< the people are ServerIdentity::People::unsure
  bool last_readable_ = true;            ///< the event `high` can be read again and compared
  bool last_there_ = false;              ///< it was there when it was read the last time
  bool behind_ = true;                   ///< since the start, or a new generation, until nothing more waits
  std::optional<Uptime> failing_since_;  ///< when the first of the polls began that have failed since
  std::uint64_t nameless_told_ = 0;      ///< hash of the rows without an id that were told last
};

}  // namespace gatehouse
