#pragma once
// When an integration's next full pass is due (contract §2 `sync.full`).

#include <optional>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

/// The moment of the next full pass: `now` where it is due, else later than `now`. Ask again after each pass,
/// each change of settings, and at the moment that was answered.
///
/// `zone` is the gateway's. `last_ended` is when the last full pass that was made, whatever set it off,
/// ended; one that failed was not made and stays due (the caller waits between its tries). Passes that were
/// missed since then (the gateway was off, or busy with a long one) are made up by one. Where `last_ended`
/// lies ahead of `now`, the clock was set back and nothing is known of the time between: a pass is due. A
/// first sync is not this rule's to start: without a `last_ended` the answer is the schedule's next moment
/// from `now` on.
///
/// A month without the day has its pass on its last day. Where clocks go forward over `at`, the pass is due
/// the moment the skip ends; where they go back over it, the first time only.
Instant next_full_pass(const FullSync& full, const TimeZone& zone, std::optional<Instant> last_ended,
                       Instant now);

}  // namespace gatehouse
