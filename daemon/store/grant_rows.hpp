#pragma once
// More rights of a person, as rows.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/grant.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class GrantRows {
 public:
  explicit GrantRows(Database& db) : db_(db) {}

  std::vector<Grant> of(std::string_view person);
  /// Of everybody whose id lies within these.
  std::map<PersonId, std::vector<Grant>> between(const PersonId& first, const PersonId& last);
  /// These and no others; within a transaction.
  void save(std::string_view person, const std::vector<Grant>& grants);
  void remove(std::string_view person);

 private:
  Database& db_;
};

}  // namespace gatehouse
