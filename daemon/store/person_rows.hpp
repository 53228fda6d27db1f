#pragma once
// A person of the registry as rows: one in `person`, one for each source in `person_source`.

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/person.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class PersonRows {
 public:
  PersonRows(Database& db, IntegrationKeys& keys) : db_(db), keys_(keys) {}

  std::optional<Person> load(std::string_view id);
  /// Writes the person as it is; within a transaction.
  void save(const Person& person);

  /// The columns that `read` expects, in their order.
  static std::string columns();
  /// A row with the sources of that person.
  Person read(const Statement& row);

 private:
  std::vector<PersonSource> sources(std::string_view person);

  Database& db_;
  IntegrationKeys& keys_;
};

}  // namespace gatehouse
