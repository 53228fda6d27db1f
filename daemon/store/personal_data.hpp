#pragma once
// All that is kept of one person, as the tables have it (features.md D-14).

#include <string>
#include <string_view>

#include "daemon/app/privacy_ports.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class PersonalData {
 public:
  explicit PersonalData(Database& db) : db_(db) {}

  /// Throws StoreFault (invalid) for a section that there is not.
  PersonalPage page(const PersonId& person, std::string_view section, const std::string& after);

 private:
  Database& db_;
};

}  // namespace gatehouse
