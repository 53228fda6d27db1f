#pragma once
// The configuration's own tests (contract.md §2 `tests`): asked of the policy before it is put in force.

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/core/access_policy.hpp"

namespace gatehouse {

/// A test that came out otherwise.
struct FailedPolicyTest {
  std::size_t index = 0;  ///< in Settings::tests
  /// One line for an installer: which test, what it expects, what came, and the check that decided it.
  std::string text;

  bool operator==(const FailedPolicyTest&) const = default;
};

/// Decides each test as if somebody like its person came at its time: all sources have them, what is known
/// was read just now, the clock is trusted, nothing is locked down, and there are no visits and no grants. A
/// person without a site is at home at the access point; a test without a mode has the access point's first.
/// A visitor of whom nothing but the type is said is a walk-in (contract.md §4, check 5): to test a visitor
/// who is known, a test names their site.
///
/// A test says the same everywhere and always: modes that operators have set do not count, nor does it that
/// an integration is disabled or staging just now, but for a test that asks for `door_unavailable`.
///
/// `zones` are those of all sites, `gateway` is the clock of the tests' times.
std::vector<FailedPolicyTest> run_policy_tests(const Settings& settings, const AccessPolicy::Zones& zones,
                                               const TimeZone& gateway);

}  // namespace gatehouse
