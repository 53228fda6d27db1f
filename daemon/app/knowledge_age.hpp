#pragma once
// How old the copy of each source is: since it was last proved current (contract.md §4.9).

#include <map>
#include <optional>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

/// In memory at once; on disk once a minute and at the end. On the io thread.
class KnowledgeAges {
 public:
  explicit KnowledgeAges(const Clock& clock) : clock_(clock) {}

  /// What was on disk at start: reckoned by the wall clock, never below zero. Beaten by what this process has
  /// proved since.
  void load(const std::vector<Proof>& proofs);
  /// `at`: the end of a complete read.
  void proved(const IntegrationId& integration, Uptime at);
  /// An accepted roster.put: now.
  void proved(const IntegrationId& integration) { proved(integration, clock_.uptime()); }
  /// Of the oldest of these sources. None where one was never proved. Sources of kind walk_in are never
  /// proved. `by_wall_clock` where any of them is reckoned over a restart: it could be the oldest; without an
  /// age where a proof of before the restart lies in the future.
  KnowledgeAge of(const std::vector<KnownPerson::Source>& sources) const;
  /// Of one source, for lists.
  KnowledgeAge of(const IntegrationId& integration) const;
  /// Those that moved since the last take, for the disk.
  std::vector<Proof> take_unsaved();
  /// The disk did not take them.
  void put_back(const std::vector<Proof>& proofs);

 private:
  struct Known {
    std::optional<Uptime> here;     ///< proved by this process
    std::optional<Instant> before;  ///< by one before it
    bool unsaved = false;
  };
  const Clock& clock_;
  std::map<IntegrationId, Known> known_;
};

}  // namespace gatehouse
