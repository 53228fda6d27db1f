#pragma once
// The wall clock of a place, as rules need it. daemon/host/zone_database.hpp has the real ones.

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// Both directions between the world's time and a wall clock. Immutable; safe from any thread.
///
/// Clocks that go back show some wall times twice, clocks that go forward leave some out, and a place that
/// changes sides of the date line leaves out a day (Pacific/Apia, 2011-12-30). Promised at all of them:
///  - first_instant_of() never decreases as the wall time grows;
///  - first_instant_of(local(t)) <= t, and equal except the second time that a wall time is shown.
class TimeZone {
 public:
  virtual ~TimeZone() = default;

  /// What the wall clock shows at this moment.
  virtual LocalTime local(Instant at) const = 0;

  /// The first moment at which the wall clock shows this time; where it never does (clocks went forward over
  /// it), the moment at which the skip ends.
  virtual Instant first_instant_of(LocalTime wall) const = 0;
};

}  // namespace gatehouse
