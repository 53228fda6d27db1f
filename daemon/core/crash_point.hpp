#pragma once
// Labelled places at which a test build can be killed, so that "what if power goes here" is a test and not a
// question. Compiled to nothing unless GATEHOUSE_CRASH_POINTS is defined.

#include <string_view>

namespace gatehouse {

/// Ends the process by SIGKILL at the n-th pass of the label that GATEHOUSE_CRASH_AT="label[:n]" names
/// (n from 1, 1 if left out). The variable is read once. Safe from any thread.
#ifdef GATEHOUSE_CRASH_POINTS
void crash_point(std::string_view label);
#else
constexpr void crash_point(std::string_view /*label*/) {}
#endif

}  // namespace gatehouse
