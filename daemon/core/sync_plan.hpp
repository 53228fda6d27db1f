#pragma once
// A list of changes that somebody reads before it happens (contract.md §5, §6). One mechanism for every risky
// act.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/message.hpp"
#include "daemon/core/record_fate.hpp"

namespace gatehouse {

using PlanId = Id<struct PlanTag, std::string>;  ///< a ULID

enum class PlanKind { first_sync, mapping_change, purge, guard, roster, to_net2, remove_integration };
/// "export" for to_net2, which is a word of the language.
std::string_view to_string(PlanKind kind);
std::optional<PlanKind> parse_plan_kind(std::string_view text);

enum class PlanOp { add, update, disable, remove, link };
std::string_view to_string(PlanOp op);
std::optional<PlanOp> parse_plan_op(std::string_view text);

struct PlanChange {
  PlanOp op = PlanOp::add;
  std::int64_t record = 0;  ///< 0 where it is about a person without a record
  std::string external_id;
  PersonId person;                   ///< empty with add
  std::string name;                  ///< for people who read it
  std::vector<std::string> changed;  ///< names of the facts that change
  std::optional<RecordFate> fate;    ///< with add, update and link: what will be applied
  /// Export: what is written besides the facts named in `changed`: {"access_level":"Staff"}.
  std::map<std::string, std::string> also{};

  bool operator==(const PlanChange&) const = default;
};

/// About somebody whose id goes to another: it tells what comes of them, and happens with the change that
/// gives the id away. `external_id` is that id, `record` that of former_id().
bool is_replaced(const PlanChange& change);

/// {"op","external_id","person","name","fields":{…}}: the new values of what changes; of all facts with an
/// add that names none.
std::string plan_change_json(const PlanChange& change);

/// Binds a plan to what it lists, in whatever order that was found. Not a signature: it tells whether the
/// plan made now is the plan that was read.
class PlanDigest {
 public:
  void add(const PlanChange& change);
  std::uint64_t count() const { return count_; }
  /// 32 hexadecimal digits. `basis`: what else the plan rests on.
  std::string token(PlanKind kind, std::uint64_t basis) const;

 private:
  std::uint64_t first_ = 0;
  std::uint64_t second_ = 0;
  std::uint64_t count_ = 0;
};

enum class PlanState {
  making,    ///< not yet complete; nobody sees it
  open,      ///< can be applied
  applying,  ///< confirmed; goes on after a crash until it is applied
  applied,
  superseded,  ///< another was made, for things have changed
  discarded,
};
std::string_view to_string(PlanState state);
std::optional<PlanState> parse_plan_state(std::string_view text);

/// What happens to the people of an integration that is removed.
enum class LeftPeople { keep, disable, erase };  ///< "delete" on the command line

/// One source of a person, of an integration that is purged or removed.
struct LeftSource {
  bool present = true;
  bool tracked = true;     ///< the person
  bool elsewhere = false;  ///< an integration that stays, or the cloud, has the person too
};
/// What becomes of it: remove (the person too, where it was the last), update (it goes, and nothing else), or
/// disable; none: all stays.
std::optional<PlanOp> left_by(LeftPeople people, const LeftSource& source);

struct Plan {
  PlanId id;
  std::optional<IntegrationId> integration;  ///< none: a purge of all synced people
  PlanKind kind = PlanKind::first_sync;
  PlanState state = PlanState::making;
  std::uint64_t count = 0;  ///< of changes
  std::uint64_t done = 0;   ///< of them, while it is being applied
  std::string token;
  std::uint64_t basis = 0;                  ///< the seed of the mapping, where it rests on one
  bool switch_off = true;                   ///< purge: the sources are switched off as well
  LeftPeople people = LeftPeople::disable;  ///< remove_integration
  RunId run;                                ///< under which it is applied and told
  Instant created{};
  Instant expires{};

  bool operator==(const Plan&) const = default;
};

/// `plan` of contract.md §3.1; an item of `plan list --json` is the same.
std::string plan_json(const Plan& plan);
/// `plan show --json`, for the changes' JSON.
std::string plan_with_changes_json(const Plan& plan, const std::vector<PlanChange>& changes);
Message plan_message(const Plan& plan, std::string id, Instant now);

}  // namespace gatehouse
