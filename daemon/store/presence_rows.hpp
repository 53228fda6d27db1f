#pragma once
// Where everybody was seen last, and Net2's own lockdown: what events say of people and sites.

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/presence.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/knowledge_news.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class PresenceRows {
 public:
  PresenceRows(Database& db, IntegrationKeys& keys, KnowledgeNotes& notes)
      : db_(db), keys_(keys), notes_(notes) {}

  std::optional<Presence> of(const PersonId& person);
  /// Those on site, by person.
  std::vector<Presence> on_site();
  /// In place of what is there; within a transaction.
  void save(const Presence& presence);

  std::set<IntegrationId> net2_lockdown();
  /// What an event says; one that is older than what is known says nothing. Within a transaction.
  void set_net2_lockdown(std::int64_t integration, std::int64_t generation, Net2EventId event, bool on);
  /// Of an integration that is removed; within a transaction.
  void forget_net2_lockdown(std::int64_t integration);

 private:
  static Presence read(const Statement& row);

  Database& db_;
  IntegrationKeys& keys_;
  KnowledgeNotes& notes_;
};

}  // namespace gatehouse
