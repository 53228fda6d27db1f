#pragma once
// What contract.md §5 says of directories, once more and as plainly as can be: everything in ordinary maps,
// each pass from the whole list. It shares values with the engine (records, facts, settings, words), and no
// rule.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/sync_issue.hpp"
#include "daemon/core/sync_plan.hpp"

namespace gatehouse::month {

using SoulId = int;  ///< in the order of birth
using RecordId = std::int64_t;

/// One record that says who somebody is.
struct Claim {
  std::size_t source = 0;
  RecordId record = 0;
  std::string external_id;
  bool present = true;
  bool created = false;  ///< the person came with it
  Instant linked{};
  std::optional<PersonType> says{};  ///< the type that it gave last
};

/// Somebody in the registry.
struct Soul {
  PersonFacts facts;
  bool tracked = true;
  std::optional<Instant> until;  ///< decoupled until then
  std::vector<Claim> claims;
};

/// By what records are recognised, in the form in which two spellings are equal. Empty: nothing to go by.
struct Marks {
  std::string name, email, phone;
};

/// What is remembered of a record.
struct Memory {
  SourceRecord said;
  Marks marks;  ///< as last accepted
  bool present = true;
  bool look_again = false;
  std::optional<Instant> absent_since;
  std::optional<SoulId> soul;
  std::optional<SkipReason> skip;
};

/// What an operator has said of a record.
struct Wish {
  RecordChoice::Kind kind = RecordChoice::Kind::skip;
  std::optional<SoulId> soul;
  std::optional<RecordId> other;
};

struct Listed {
  PlanOp op = PlanOp::add;
  RecordId record = 0;
  std::optional<SoulId> soul;
  std::set<std::string> fields;
  std::string facts;  ///< the values that a reader of the plan sees
  auto operator<=>(const Listed&) const = default;
};

struct WaitingPlan {
  PlanKind kind = PlanKind::first_sync;
  std::set<Listed> changes;
};

using OpenIssue = std::pair<IssueReason, std::optional<RecordId>>;

struct Directory {
  Integration settings;
  std::map<RecordId, Memory> known;
  std::map<RecordId, Wish> wishes;
  std::map<std::pair<RecordId, std::string>, std::string> mended;  ///< record and field
  std::vector<std::pair<Instant, std::uint64_t>> removals;
  std::set<OpenIssue> issues;
  std::optional<WaitingPlan> plan;
  bool complete = false;    ///< the first sync has been
  bool look_at_all = true;  ///< somebody who died may have left something half done
  std::string shape;        ///< of the mapping that was last applied
};

class Model {
 public:
  explicit Model(std::vector<Integration> integrations);

  /// A complete read. False: it cannot be a true one, and nothing happened.
  bool pass(std::size_t source, const std::vector<SourceRecord>& people, bool full, Instant now);
  /// The plan that waits is confirmed. False: it no longer holds, and nothing of it happened.
  bool apply_plan(std::size_t source, const std::vector<SourceRecord>& people, Instant now);
  void couple(SoulId soul);
  void couple_overdue(Instant now);
  /// The claim that rules.
  const Claim& ruling(const Soul& soul) const;
  std::optional<SoulId> owner(std::size_t source, RecordId record) const;

  std::vector<std::optional<Soul>> souls;
  std::vector<Directory> directories;

 private:
  struct Judged;
  struct Judgement;
  friend class Judge;

  Judgement judge(std::size_t source, const std::vector<SourceRecord>& people, bool full) const;
  std::set<Listed> preview(std::size_t source, const Judgement& judgement, PlanKind kind, Instant now) const;
  void settle(std::size_t source, const Judgement& judgement, Instant now);
  void take(std::size_t source, const Judged& judged, Instant now);
  void take_facts(std::size_t source, SoulId soul, const Judged& judged, std::set<std::string>& changed);
  void depart(std::size_t source, RecordId record, Instant now);
  void lose_id(std::size_t source, SoulId soul, RecordId record, Instant now);
  void forget_claim(std::size_t source, SoulId soul, RecordId record);
  Memory& note(std::size_t source, const Judged& judged, std::optional<SkipReason> skip, bool accepted);
  bool takes_access(std::size_t source, RecordId record) const;
  bool guard_trips(std::size_t source, std::uint64_t wanted, std::uint64_t present, Instant now) const;
  void erase_overdue(std::size_t source, Instant now);
  void list(PlanOp op, RecordId record, std::optional<SoulId> soul, std::set<std::string> fields,
            const PersonFacts* facts);

  // Of the pass that is under way.
  std::set<OpenIssue> found_;
  std::uint64_t removed_ = 0;
  std::set<Listed>* listing_ = nullptr;  ///< of a draft
  std::size_t first_new_ = 0;            ///< of a draft: souls from here on are born in it
};

/// "first_name=Ada|…" of the facts of these names; of all with none given.
std::string facts_text(const PersonFacts& facts, const std::set<std::string>* only = nullptr);
/// What somebody's record is called here once somebody else has its id: below 0, as no source's.
RecordId former_record(RecordId record, SoulId soul);
/// The engine names the person behind a slash. Here as many others are, for the length counts.
std::string former_text(const std::string& external_id);
/// Names of the facts that differ.
std::set<std::string> differing(const PersonFacts& a, const PersonFacts& b);
/// All that the outcome of a mapping rests on.
std::string shape_of(const Integration& integration);

}  // namespace gatehouse::month
