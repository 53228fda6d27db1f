#pragma once
// The wall clock of a Net2 server (net2-api.md §6.1): its zone is a setting, its times mostly come without
// one.

#include <memory>
#include <optional>
#include <string>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// A local time as moments. `first` and `second` differ only in the hour that autumn repeats.
struct Resolved {
  Instant first;
  Instant second;
};

class ServerZone {
 public:
  /// IANA name. Errc::invalid where this machine's time zone database has no such zone.
  static Result<ServerZone> load(const std::string& name);

  /// A local time that spring skips is moved forward by what was skipped.
  Resolved resolve(const NetTime& time) const;

  /// The moment of an event that follows another by id. In the repeated hour a time that would run back by
  /// more than a few minutes belongs to the second pass; less is the disorder of controllers that report
  /// together.
  Instant resolve_after(const NetTime& time, std::optional<Instant> previous) const;

  /// "2026-01-05T06:00:00", as requests want it. Cut to the second.
  std::string local_text(Instant at) const;

  /// A wall time that no event at or after `at` is before, even if the clocks go back within the next hours.
  std::string local_text_not_after(Instant at) const;

 private:
  struct Zone;
  explicit ServerZone(std::shared_ptr<const Zone> zone) : zone_(std::move(zone)) {}
  std::shared_ptr<const Zone> zone_;
};

}  // namespace gatehouse
