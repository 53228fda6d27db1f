#pragma once
// The people of the cloud into the registry: judged by the rules of every other source, and committed
// together with the cursor (contract.md §3.2, §5).

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/directory_pass.hpp"
#include "daemon/app/plan_keeper.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/registry_copy.hpp"
#include "daemon/app/registry_turn.hpp"
#include "daemon/core/mapping.hpp"
#include "daemon/core/record_index.hpp"
#include "daemon/core/record_pack.hpp"

namespace gatehouse {

/// What the configuration says of the cloud's people.
struct RosterRules {
  Integration cloud;  ///< cloud_integration()
  Mapping mapping;    ///< cloud_mapping()
  std::map<IntegrationId, FieldAuthority> rulers;
};

/// What is to be judged: all of a snapshot, or what has changed.
struct RosterNews {
  RecordPack people;
  bool whole = false;
  std::vector<std::int64_t> removed;  ///< with a change
  /// Visits, cursor, proof, command: everything but the directory.
  RosterCommit commit;
};

struct RosterOutcome {
  std::uint64_t withheld = 0;  ///< removals that the guard holds back, old and new
  std::uint64_t open_issues = 0;
  SyncCounts counts;
  bool issues_changed = false;
};

/// One call at a time.
class RosterSync {
 public:
  /// References must outlive it; `news` is called after each commit.
  struct Parts {
    DirectoryStore& directory;
    RosterStore& roster;
    IssueStore& issues;
    PlanStore& plans;
    PersonStore& people;
    RegistryTurn& turn;  ///< the gateway's one
    Clock& clock;
    boost::asio::any_io_executor worker;
    std::function<void()> news;
  };
  /// Adds to the commit what only its end makes known; `withheld` and `open_issues` are right by then.
  using Finish = std::function<void(RosterCommit& commit, const RosterOutcome& outcome)>;

  RosterSync(RosterRules rules, Parts parts);

  /// From now on; not while a call is under way.
  void use(RosterRules rules);
  /// Reads what is known, finishes a plan that was confirmed, and offers the one that is due.
  Task<Result<void>> load();
  bool loaded() const { return loaded_; }
  /// Reads it again before the next call.
  void know_anew() { loaded_ = false; }

  /// All of it or nothing, with the exception of issues and plans, which say the same when it is told again.
  Task<Result<RosterOutcome>> take(RosterNews news, Finish finish);
  /// If it lists what it would list now; else plan_stale.
  Task<Result<void>> apply_plan(Plan plan);

  const std::vector<Issue>& open_issues() const { return open_issues_; }
  std::uint64_t withheld() const { return pending().size(); }
  std::size_t present() const { return index_.present(); }
  /// The record is at hand: it can be judged again without the cloud.
  bool at_hand(std::int64_t record) const { return held_.contains(record); }
  /// Somebody was left aside, and what the cloud said of them is not at hand, or the rules are others than
  /// those by which the roster was judged: only a snapshot helps.
  bool needs_all() const;
  const RosterRules& rules() const { return rules_; }

 private:
  using Passing = DirectorySync::Passing;

  Task<Result<void>> load_in_turn();
  Task<Result<void>> judge(Passing& pass, RosterNews& news);
  void gather(Passing& pass, RosterNews& news);
  void find_removals(Passing& pass) const;
  Task<Result<void>> decide_removals(Passing& pass, DirectoryCommit& commit,
                                     std::vector<std::int64_t> waiting);
  Task<Result<std::vector<std::int64_t>>> who_loses_access(std::vector<Departure> removals);
  Task<Result<void>> commit(Passing& pass, RosterCommit commit);
  Task<Result<void>> conclude(Passing& pass);
  Task<Result<void>> tell_issues(Passing& pass, bool both_sides);
  Task<Result<void>> forget_spent_words(Passing& pass);
  Task<Result<void>> keep_plan();
  Task<Result<void>> carry_out(Plan plan);
  void hold_on(const Passing& pass);
  void unsettle();
  std::vector<std::int64_t> pending() const;
  std::vector<std::int64_t> awaiting_plan() const;
  std::vector<Departure> planned() const;
  DirectoryCommit commit_for(const RunId& run) const;

  RosterRules rules_;
  Parts parts_;
  PlanKeeper plans_;
  bool loaded_ = false;
  RecordIndex index_;
  std::vector<Issue> open_issues_;
  RegistryCopy registry_;
  std::optional<std::uint64_t> last_seed_;  ///< of the mapping by which a whole roster was judged
  /// What the cloud said of those who were left aside or have an open issue: judged again with each call.
  std::map<std::int64_t, SourceRecord> held_;
  /// Gone, and perhaps made anew under another id: an operator has to look first (Evaluation::held_back).
  std::vector<std::int64_t> held_back_;
  std::vector<std::int64_t> looked_at_;  ///< by the call that is under way, sorted
  bool looked_at_whole_ = false;         ///< all of them
};

}  // namespace gatehouse
