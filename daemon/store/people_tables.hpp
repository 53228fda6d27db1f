#pragma once
// The registry as a whole: for matching, for decoupling, and why each record is whose it is.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/queries.hpp"
#include "daemon/store/activity_rows.hpp"
#include "daemon/store/issue_tables.hpp"
#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/record_rows.hpp"

namespace gatehouse {

class PeopleTables {
 public:
  struct Parts {
    IntegrationKeys& keys;
    PersonRows& people;
    RecordRows& records;
    IssueTables& issues;
    ActivityRows& activity;
    OutboxTables& outbox;
  };
  PeopleTables(Database& db, Clock& clock, Parts parts) : db_(db), clock_(clock), parts_(parts) {}

  std::vector<RegistryRow> registry(const IntegrationId& integration, const PersonId& after);
  /// Whole, for an export.
  std::vector<Person> of_cloud(const PersonId& after);
  /// Within a transaction.
  void note_export(const ExportNote& note);
  /// Throws StoreFault where nobody has the id.
  Person find(const PersonId& person);
  /// As it is to be; a record of somebody coupled again is looked at anew. Within a transaction.
  void set_tracked(Person& person, bool tracked, std::string reason, std::optional<Instant> until);
  std::vector<PersonId> overdue(Instant now);
  std::vector<LinkRow> links(const PersonId& person);
  std::vector<ActivityRow> activity(const PersonId& person, std::size_t at_most);

 private:
  Database& db_;
  Clock& clock_;
  Parts parts_;
};

}  // namespace gatehouse
