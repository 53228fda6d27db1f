#pragma once
// The registry as a whole: for matching, for decoupling, and why each record is whose it is.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/access_ports.hpp"
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

  /// Whole, for an export.
  std::vector<Person> of_cloud(const PersonId& after);
  /// Within a transaction.
  void note_export(const ExportNote& note);
  /// Throws StoreFault where nobody has the id.
  Person find(const PersonId& person);
  /// As it is to be; a record of somebody coupled again is looked at anew. Within a transaction.
  void set_tracked(Person& person, bool tracked, std::string reason, std::optional<Instant> until);
  /// Names of what the word changes: "admin_enabled", "tracked", "custom_tags", "grants".
  static std::vector<std::string> changes(const Person& person, const PersonWord& word);
  /// As it is to be, with its messages; within a transaction.
  void say(Person& person, const PersonWord& word, const std::vector<std::string>& changed);
  /// Who was never told of, or those to tell of once more after that id; at most so many.
  std::vector<InvitationRow> invitable(const std::optional<PersonId>& again_after, std::size_t at_most);
  /// Of those who are invitable now; how many. Within a transaction.
  std::size_t tell_invitable(const std::vector<InvitationRow>& rows);
  bool is_invited(const PersonId& person) { return parts_.people.invitations().is_invited(person); }
  /// Within a transaction.
  void invited(const PersonId& person) { parts_.people.invitations().invited(person, clock_.now()); }
  std::vector<PersonId> overdue(Instant now);
  std::vector<LinkRow> links(const PersonId& person);
  std::vector<ActivityRow> activity(const PersonId& person, std::size_t at_most);

 private:
  /// What a pass skipped while somebody was decoupled, and what it need not look at from now on.
  void look_again(const Person& person);

  Database& db_;
  Clock& clock_;
  Parts parts_;
};

}  // namespace gatehouse
