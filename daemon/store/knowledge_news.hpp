#pragma once
// What transactions have changed of what decisions look at, for the one who keeps it in memory.

#include <set>
#include <utility>
#include <vector>

#include "daemon/app/access_ports.hpp"

namespace gatehouse {

struct KnowledgeNews {
  std::vector<PersonEntry> changed;
  std::vector<PersonId> gone;
  std::vector<std::pair<IntegrationId, bool>> net2_lockdown;
  std::vector<Presence> presence;

  bool empty() const { return changed.empty() && gone.empty() && net2_lockdown.empty() && presence.empty(); }
};

/// Noted while a transaction goes on, complete when it is about to be committed, and told only if it was.
/// Notes nothing before somebody listens.
class KnowledgeNotes {
 public:
  void listen() { listening_ = true; }

  void person(const PersonId& id) {
    if (listening_) people_.insert(id);
  }
  void net2_lockdown(const IntegrationId& integration, bool on) {
    if (listening_) news_.net2_lockdown.emplace_back(integration, on);
  }
  void presence(const Presence& presence) {
    if (listening_) news_.presence.push_back(presence);
  }

  /// The people to be read before the commit.
  const std::set<PersonId>& people() const { return people_; }
  /// Before the commit: how each of them is now.
  void changed(PersonEntry entry) { news_.changed.push_back(std::move(entry)); }
  void gone(const PersonId& id) { news_.gone.push_back(id); }

  void committed();
  void rolled_back();
  /// What was committed and not yet taken.
  KnowledgeNews take() { return std::exchange(committed_, {}); }

 private:
  bool listening_ = false;
  std::set<PersonId> people_;
  KnowledgeNews news_;
  KnowledgeNews committed_;
};

/// On the io thread.
void tell(KnowledgeListener& listener, KnowledgeNews news);

}  // namespace gatehouse
