#pragma once
// A sign-in from the request to its end: decided, stored, the doors commanded, and told.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/decision_maker.hpp"
#include "daemon/app/door_moves.hpp"
#include "daemon/app/open_decisions.hpp"
#include "daemon/core/tallies.hpp"

namespace gatehouse {

/// {"code":VALUE,…} of what is not empty, for AuditEntry::detail.
std::string audit_detail(std::initializer_list<std::pair<std::string_view, std::string_view>> members);

/// What is added by `finish` to a request that has one transaction only.
void finish_at_once(AccessBegin& begin, const Finish& finish, AccessEnd end);

/// On the io thread. Its calls are run as errands, so that they go on when their caller is gone.
class SignIns {
 public:
  struct Parts {
    DecisionMaker& maker;
    const AccessRules& rules;
    AccessStore& store;
    DoorMoves& moves;
    OpenDecisions& open;
    Errands& errands;
    Clock& clock;
    Log& log;
    Wakeup& bell;  ///< wakes the loop that calls open_due()
    std::function<void()> news;
    Tallies* tallies = nullptr;
  };
  explicit SignIns(Parts parts) : parts_(std::move(parts)) {}

  /// AccessDesk::sign_in. `received`: from when the deadline counts.
  Task<Result<DecisionRecord>> sign_in(SignInRequest request, Uptime received);

  /// Delayed openings that are due are decided again.
  void open_due();
  std::optional<Uptime> next_due() const;
  /// Those at a site, or all, will not come: `not_sent`, "dropped".
  void drop_delayed(const std::optional<SiteId>& site);
  /// No opening is delayed any more.
  void close() { closed_ = true; }

 private:
  /// An opening that was decided and comes later; in memory only: a restart drops it.
  struct Delayed {
    std::string decision;
    SignIn asked;
    PersonRef person;
    bool walk_ins_allowed = true;
    Via via = Via::local;
    std::string actor;
    std::optional<PersonId> about;
    Uptime due{};
    Uptime deadline{};
    std::vector<DoorId> doors;
    std::set<SiteId> sites;
  };
  struct Doors {
    std::vector<DoorMoves::Ask> asks;
    OpenDecisions::Settled settled;  ///< those that are not commanded
  };
  Doors queue(const MadeDecision& made, const std::string& owner) const;
  AccessBegin begin_of(const MadeDecision& made, const SignInRequest& request) const;
  void delay(const MadeDecision& made, const SignInRequest& request, Uptime received);
  Task<Result<DecisionRecord>> answer_at_once(MadeDecision made, SignInRequest request, AccessBegin begin,
                                              Uptime received);
  Task<Result<DecisionRecord>> move_doors(MadeDecision made, SignInRequest request, AccessBegin begin,
                                          std::vector<DoorMoves::Ask> asks, Uptime deadline);
  std::vector<Delayed> take_delayed(const std::function<bool(const Delayed&)>& which);
  Task<void> open_delayed(Delayed one);
  Task<void> drop(Delayed one);
  Result<DecisionRecord> not_stored(DecisionRecord record, const Error& why) const;

  Parts parts_;
  std::vector<Delayed> delayed_;
  bool closed_ = false;
};

}  // namespace gatehouse
