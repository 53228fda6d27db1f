#pragma once
// The people of the registry as a match reads them, from the point of view of one integration. Who only
// walked in and said a name is nobody's match, and is left out.

#include <vector>

#include "daemon/core/registry_ask.hpp"
#include "daemon/core/registry_keys.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class RegistryRows {
 public:
  RegistryRows(Database& db, IntegrationKeys& keys, PersonRows& people)
      : db_(db), keys_(keys), people_(people) {}

  /// Everybody by ascending id, 2000 a call.
  std::vector<RegistryRow> page(const IntegrationId& integration, const PersonId& after);
  /// Whom the ask wants, each once, ascending; everybody while some have no keys. It must not want everybody.
  std::vector<PersonId> ids(const IntegrationId& integration, const RegistryAsk& ask);
  /// Of these people, in their order, those who are there.
  std::vector<RegistryRow> rows(const IntegrationId& integration, const std::vector<PersonId>& people);

 private:
  Database& db_;
  IntegrationKeys& keys_;
  PersonRows& people_;
};

}  // namespace gatehouse
