#pragma once
// Who is to be invited by the cloud, and who was.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/person.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

struct InvitationRow {
  PersonId person;
  std::string id;  ///< empty: the cloud was never told of them
};

/// What writes is called within a transaction.
class InvitationRows {
 public:
  explicit InvitationRows(Database& db) : db_(db) {}

  /// Tracked, with effective access and an e-mail.
  static bool invitable(const Person& person);
  /// A person is written: due where they are invitable and the cloud was never told of them.
  void look_at(const Person& person);
  void remove(std::string_view person);

  /// The cloud has yet to be told.
  std::vector<InvitationRow> due(std::size_t at_most);
  /// Told, and not invited yet; by ascending id.
  std::vector<InvitationRow> open(const PersonId& after, std::size_t at_most);
  void told(const PersonId& person, std::string_view id, Instant now);

  bool is_invited(const PersonId& person);
  void invited(const PersonId& person, Instant now);

 private:
  Database& db_;
};

}  // namespace gatehouse
