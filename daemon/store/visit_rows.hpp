#pragma once
// Announced visits, by the cloud's id of the person.

#include <map>
#include <string_view>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/store/knowledge_news.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class VisitRows {
 public:
  VisitRows(Database& db, KnowledgeNotes& notes) : db_(db), notes_(notes) {}

  /// By their beginning.
  std::vector<Visit> of(std::string_view person);
  /// Of everybody whose id lies within these.
  std::map<PersonId, std::vector<Visit>> between(const PersonId& first, const PersonId& last);
  /// Those that changed are written; with `replace` those that are not named go. Within a transaction.
  void change(const std::vector<RosterVisit>& visits, bool replace);

 private:
  void remove(std::string_view id);
  void save(const RosterVisit& visit);
  /// Whose visit it is hears of it.
  void note(std::string_view cloud_id);

  Database& db_;
  KnowledgeNotes& notes_;
};

}  // namespace gatehouse
