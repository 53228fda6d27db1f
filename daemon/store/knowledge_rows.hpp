#pragma once
// Everybody as decisions see them: person, sources, grants and visits together.

#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/knowledge_news.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/visit_rows.hpp"

namespace gatehouse {

class KnowledgeRows {
 public:
  struct Parts {
    IntegrationKeys& keys;
    PersonRows& people;
    VisitRows& visits;
    KnowledgeNotes& notes;
  };
  KnowledgeRows(Database& db, Parts parts) : db_(db), parts_(parts) {}

  /// By ascending id, at most 2000: a handful of queries for all of them.
  std::vector<PersonEntry> page(const PersonId& after);
  /// Before a commit: how those are now whom the transaction has changed.
  void look_at_changed();

 private:
  void add_sources(std::vector<PersonEntry>& entries);

  Database& db_;
  Parts parts_;
  GrantRows grants_{db_};
};

}  // namespace gatehouse
