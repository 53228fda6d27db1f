#pragma once
// A person of the registry as rows: one in `person`, one for each source in `person_source`, one for each
// grant in `person_grant`. Whoever is written or removed here is noted for the decisions.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/identity_keys.hpp"
#include "daemon/core/person.hpp"
#include "daemon/store/grant_rows.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/invitation_rows.hpp"
#include "daemon/store/knowledge_news.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

/// The order of a person's sources: for whom the person was made first, then as they were linked. The first
/// of the kind that rules says who the person is, so it must not change by itself.
void put_in_order(std::vector<PersonSource>& sources);

class PersonRows {
 public:
  PersonRows(Database& db, IntegrationKeys& keys, KnowledgeNotes& notes, const TextFold& fold)
      : db_(db), keys_(keys), notes_(notes), fold_(fold) {}

  /// The identity keys of everybody are there, and as this version makes them.
  bool has_keys();
  /// Makes those of the next five thousand people, and keeps how far that is; false: all have them. Within a
  /// transaction.
  bool make_keys();

  std::optional<Person> load(std::string_view id);
  /// Whose record it is: the link that counts.
  std::optional<PersonId> owner(std::int64_t integration, std::string_view external_id);
  /// Writes the person as it is, with those of its sources that count and no others; within a transaction. A
  /// record belongs to one person: its former one is saved first.
  void save(const Person& person);
  /// A salvage lost people, and nobody has accepted that yet.
  bool lost();
  /// Somebody new comes while it is not known whether an operator had disabled them (salvage.hpp): then true,
  /// and kept. Within a transaction.
  bool doubts(const PersonId& newcomer);
  /// With sources, grants, presence and invitation; within a transaction.
  void remove(const PersonId& person);
  /// People of this integration whom another one has too: what counts of their sources has changed. Within a
  /// transaction.
  void note_linked(std::int64_t integration);

  /// The columns that `read` expects, in their order.
  static std::string columns();
  /// A row with the sources and grants of that person.
  Person read(const Statement& row);
  /// Without them.
  static Person read_alone(const Statement& row);

  InvitationRows& invitations() { return invitations_; }

  /// Grows when names, e-mail, phone or sources of somebody are written. Safe from any thread.
  std::uint64_t revision() const { return revision_.load(std::memory_order_relaxed); }

 private:
  std::vector<PersonSource> sources(std::string_view person);
  /// True where a source came or went.
  bool save_sources(const Person& person);
  bool is_known_as(const Person& person);
  /// How far the identity keys are made, as meta 'identity_keys' says it.
  std::string keys_made();
  void save_keys(std::string_view person, const PersonFacts& facts);

  Database& db_;
  IntegrationKeys& keys_;
  KnowledgeNotes& notes_;
  const TextFold& fold_;
  GrantRows grants_{db_};
  InvitationRows invitations_{db_};
  std::atomic<std::uint64_t> revision_{1};
};

}  // namespace gatehouse
