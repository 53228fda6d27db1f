#pragma once
// Taking a person out of every table (features.md D-14), so that facts stay and nobody stands in them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/privacy_ports.hpp"
#include "daemon/store/audit_tables.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/plan_change_rows.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/tombstone_rows.hpp"

namespace gatehouse {

class ErasureTables {
 public:
  struct Parts {
    IntegrationKeys& keys;
    PersonRows& people;
    AuditTables& audit;
    OutboxTables& outbox;
    TombstoneRows& tombstones;
  };
  ErasureTables(Database& db, Clock& clock, Parts parts) : db_(db), clock_(clock), parts_(parts) {}

  /// Throws StoreFault as PrivacyStore::erase_person says; before a transaction.
  void check(const ErasureAsk& ask);
  /// Within a transaction.
  ErasureReport erase(const ErasureAsk& ask);

  bool rewrite_due();
  /// Within a transaction.
  void rewritten();

 private:
  /// A record of theirs, or one of nobody that says the same of itself.
  struct Record {
    std::int64_t integration = 0;
    std::int64_t number = 0;
    std::string integration_id;
    std::string external_id;
    SourceKind kind = SourceKind::net2;
    bool linked = true;
  };

  std::vector<Record> records_of(const ErasureAsk& ask);
  std::vector<std::int64_t> plans_with(const ErasureAsk& ask, std::string_view states);
  std::uint64_t plans(const ErasureAsk& ask);
  std::uint64_t directory(std::string_view table, const std::vector<Record>& records);
  std::uint64_t activity(const ErasureAsk& ask, const std::vector<Record>& records);
  std::uint64_t words(const ErasureAsk& ask, const std::vector<Record>& records);
  std::uint64_t named_in_issues(const ErasureAsk& ask, const std::vector<Record>& records);
  std::uint64_t visits(const std::vector<Record>& records);
  std::uint64_t events(const ErasureAsk& ask, const std::vector<Record>& records);
  std::uint64_t decisions(const PersonId& person);
  std::uint64_t answers(const ErasureAsk& ask);
  std::uint64_t messages(const ErasureAsk& ask, const std::vector<Record>& records);
  void count_rows_of(const PersonId& person, ErasureReport& report);
  void put_tombstones(const ErasureAsk& ask);
  void note(const ErasureAsk& ask, const ErasureReport& report);

  Database& db_;
  Clock& clock_;
  Parts parts_;
};

}  // namespace gatehouse
