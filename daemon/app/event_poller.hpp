#pragma once
// Brings Net2's event log into the store: by ascending id, each row once, nothing left out unnamed.

#include <functional>
#include <optional>

#include "daemon/app/ports.hpp"
#include "daemon/app/server_identity.hpp"
#include "daemon/app/source_witness.hpp"
#include "daemon/core/event_window.hpp"

namespace gatehouse {

/// What a poll came to.
struct PollReport {
  std::size_t fresh = 0;           ///< events that were new
  bool more = false;               ///< the page was full: poll again at once
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
  };

  /// `events_from`: how far back to begin where no event was ever read; nullopt: from now on.
  EventPoller(IntegrationId integration, std::optional<Duration> events_from, Parts parts);

  /// One read and its commit. After an error nothing has moved, and what is read next counts as catching up.
  Task<Result<PollReport>> poll();

 private:
  Task<Result<void>> load();
  Task<Result<void>> begin();
  /// Finds out whether Net2's numbering has started over, and if so goes on in a new generation.
  Task<Result<void>> check_numbering();
  Task<Result<bool>> numbering_stands();
  Task<Result<PollReport>> commit(EventPage page);
  std::vector<EventCommit::Item> for_witness(const EventCommit& commit) const;
  /// Rows that cannot be read and were not named yet, as a gap; none where there is nothing new of the kind.
  std::optional<Gap> unreadable_gap(const EventPage& page, std::uint64_t nameless) const;

  const IntegrationId id_;
  const std::optional<Duration> events_from_;
  Parts parts_;
  std::optional<EventCursor> cursor_;
  EventWindow window_{Net2EventId(0), Net2EventId(0)};
  std::optional<std::uint64_t> numbered_on_;  ///< connection on which the numbering was last seen to stand
  Uptime next_check_{};
  bool catching_up_ = true;
  std::uint64_t nameless_told_ = 0;  ///< hash of the rows without an id that were told last
};

}  // namespace gatehouse
