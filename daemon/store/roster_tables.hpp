#pragma once
// The cloud's roster: its people through the same pass as everybody else's, its visits, and how far it is
// known.

#include "daemon/app/access_ports.hpp"
#include "daemon/store/directory_tables.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/state_rows.hpp"
#include "daemon/store/tombstone_rows.hpp"
#include "daemon/store/visit_rows.hpp"

namespace gatehouse {

class RosterTables {
 public:
  struct Parts {
    DirectoryTables& directory;
    VisitRows& visits;
    StateRows& state;
    TombstoneRows& tombstones;
  };
  RosterTables(Database& db, Parts parts) : db_(db), parts_(parts) {}

  RosterState state();
  /// People, visits, cursor and proof; within a transaction.
  DirectoryReport apply(const RosterCommit& commit);

 private:
  std::optional<std::string> cursor();

  Database& db_;
  Parts parts_;
};

}  // namespace gatehouse
