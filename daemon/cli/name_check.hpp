#pragma once
// An empty list is an answer only where what was asked for exists.

#include <optional>

#include "daemon/cli/session.hpp"

namespace gatehouse {

/// A refusal, 'no site "leds" in the configuration; there is hq, leeds': where a verb that lists is given the
/// name of a site or integration that nothing has. Nothing where all is known, or the daemon does not tell.
std::optional<Answer> unknown_name(CommandSession& session);

}  // namespace gatehouse
