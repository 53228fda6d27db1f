#pragma once
// The parts of the desk, joined. Only access_desk*.cpp look in here.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/access_rules.hpp"
#include "daemon/app/decision_maker.hpp"
#include "daemon/app/door_acts.hpp"
#include "daemon/app/door_holds.hpp"
#include "daemon/app/door_moves.hpp"
#include "daemon/app/door_watch.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/app/open_decisions.hpp"
#include "daemon/app/sign_ins.hpp"
#include "daemon/app/task_group.hpp"

namespace gatehouse {

class AccessDesk::Inside {
 public:
  explicit Inside(Parts given);

  /// What is known and what was in force. Where it cannot be read, run() tries again.
  Task<void> load();
  Task<Result<void>> set_lockdown(LockdownRequest request);
  Task<Result<void>> set_mode(DoorId door, std::optional<DoorMode> mode, std::string actor);
  Task<void> run(Pulse& pulse);
  Task<void> stop();

  Parts parts;
  AccessBook book;
  KnowledgeAges ages;
  AccessRules rules;
  DoorWatch watch;
  Errands errands;  ///< requests and what follows from them
  Errands calls;    ///< of Net2
  Wakeup bell;
  EndWriter writer;
  OpenDecisions open;
  DoorMoves moves;
  DecisionMaker maker;
  SignIns sign_ins;
  DoorHolds holds;
  DoorActs acts;
  TaskGroup loops;
  std::vector<DoorIntent> left_open;
  bool stopping = false;
  bool loading = false;
  bool crash_settled = false;  ///< before it no door is moved: an open intent is one of a process before us
  std::set<PersonId> told_meanwhile;  ///< people who changed while they are read: the page is older
  std::set<PersonId> presence_told;   ///< likewise

 private:
  Task<Result<void>> read_people();
  Task<Result<void>> read_state();
  Task<Result<void>> settle_crash();
  Task<Result<void>> settle_owner(std::string owner, std::vector<DoorIntent> intents);
  Task<void> settle_decision(DecisionRecord record, std::vector<DoorIntent> intents);
  Task<void> settle_act(std::string owner, std::vector<DoorIntent> intents);
  Task<void> save_proofs();
  void look();
  Duration until_next() const;

  std::optional<AccessState> state_;  ///< read, and in force once the crash is settled
  std::set<std::string> settled_;     ///< owners of what a crash left open
  Uptime load_again_{};
  Uptime save_again_{};
};

}  // namespace gatehouse
