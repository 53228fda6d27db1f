#pragma once
// The running integrations, as verbs reach them.

#include <vector>

#include "daemon/app/people_sync.hpp"

namespace gatehouse {

class IntegrationDesk {
 public:
  virtual ~IntegrationDesk() = default;
  /// nullptr where the configuration has none of this id.
  virtual const Integration* configured(const IntegrationId& id) const = 0;
  virtual std::vector<Integration> all_configured() const = 0;
  /// nullptr while nothing runs: unknown, disabled, switched off, or its secrets cannot be read. Good until
  /// the next await.
  virtual PeopleSync* people_of(const IntegrationId& id) = 0;
  virtual IntegrationStatus status_of(const IntegrationId& id) const = 0;
  /// Ends whatever runs for these; a pass that is under way is given up.
  virtual Task<void> halt(std::vector<IntegrationId> ids) = 0;
  /// Starts what should run and does not, as the configuration and the switches in the store say.
  virtual Task<void> proceed() = 0;
};

}  // namespace gatehouse
