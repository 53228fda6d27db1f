#pragma once
// What a row of Net2's event log tells by its time.

#include "daemon/core/instant.hpp"

namespace gatehouse {

/// Whether the row that Net2 gives under an id is the event that is known under it. A time of the hour that
/// an autumn night repeats may be read as either of the two: an hour apart is the same event, too.
bool is_known_event(Instant known, Instant given);

/// Whether an event was read late, and not as it happened. `age`: when it was read, below zero where Net2's
/// clock is ahead. `interrupted`: for how long reading had failed before it was read; 0: it had not.
bool is_read_late(Duration age, Duration interrupted);

}  // namespace gatehouse
