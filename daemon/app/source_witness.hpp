#pragma once
// Who listens to the sources beside the directory sync: decisions rest on what they prove and confirm.

#include <vector>

#include "daemon/app/ports.hpp"
#include "daemon/core/access_settings.hpp"

namespace gatehouse {

/// Called on the io thread.
class SourceWitness {
 public:
  virtual ~SourceWitness() = default;
  /// A complete read has ended and what it said is in the registry: the copy of this source was current `at`
  /// the end of that read.
  virtual void on_proved(const IntegrationId& integration, Uptime at) = 0;
  /// A pass has ended and what it said is in the registry, whether it proves anything or not. `full`: one
  /// that the calendar or an operator asked for, or the first.
  virtual void on_pass(bool full) = 0;
  /// New door events (group `door`, also those caught up on), once they are committed.
  virtual void on_door_events(const IntegrationId& integration,
                              const std::vector<EventCommit::Item>& events) = 0;
  virtual void on_door_status(const IntegrationId& integration, const std::vector<DoorStatus>& status) = 0;
  /// Names the doors whose granted events say who is on site, and where, as configured now.
  virtual void name_presence_doors(EventCommit& commit) const = 0;
};

}  // namespace gatehouse
