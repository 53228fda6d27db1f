#pragma once
// The cloud's roster (contract.md §3.2 `roster.put`): puts in the order of their cursors, snapshots whole or
// not at all, and what the cloud is asked for when one does not fit.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/alerts.hpp"
#include "daemon/app/integration_desk.hpp"
#include "daemon/app/job_queue.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/roster_args.hpp"
#include "daemon/app/roster_snapshot.hpp"
#include "daemon/app/roster_sync.hpp"
#include "daemon/app/roster_taker.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// `roster.request` (contract.md §3.1): the cursor that the gateway has; none asks for a snapshot.
Message roster_request(const std::optional<std::string>& cursor, std::string id, Instant now);

/// On the io thread. Puts, plans and second looks are done by the loop, one at a time.
class RosterDesk final : public RosterTaker, public RosterPeople {
 public:
  /// References must outlive it; its loop must have been stopped before it goes.
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;
    RosterStore& roster;
    DirectoryStore& directory;
    IssueStore& issues;
    PlanStore& plans;
    PersonStore& people;
    RegistryTurn& turn;  ///< the gateway's one
    OutboxStore& outbox;
    Alerts& alerts;
    Clock& clock;
    Log& log;
    const TextFold& fold;
    ReadRosterArgs read;                   ///< called on the worker
    std::function<void()> news;            ///< messages are in the outbox
    std::function<void()> proved;          ///< the copy of the cloud's people is current
    std::function<void()> roster_changed;  ///< people of the cloud are others: exports may be due
    std::function<void()> status_changed;  ///< cursor() says something else
  };
  /// `settings` must have a cloud.
  RosterDesk(const Settings& settings, Parts parts);

  /// After a reload: sites, roster_guard, authorities.
  void use(const Settings& settings);
  /// Until it is cancelled.
  Task<void> loop(Pulse& pulse);
  /// The subscriptions are acknowledged. Asks for the roster where there is no cursor, or where the last put
  /// did not fit.
  void on_connected();
  /// For `state`; none also until it has been read.
  const std::optional<std::string>& cursor() const { return cursor_; }
  const std::vector<Issue>& open_issues() const { return sync_.open_issues(); }

  Task<Result<std::string>> put(std::string args, TakenCommand command, RosterFinish finish) override;
  Task<Result<std::vector<Issue>>> look_again(std::int64_t record) override;
  Task<Result<void>> apply_plan(Plan plan) override;
  void know_anew() override;
  RosterWaits waits() const override {
    return {.issues = sync_.open_issues().size(), .withheld = sync_.withheld()};
  }

 private:
  struct Put {
    RosterArgs args;
    std::uint64_t content = 0;  ///< a hash of the args
    TakenCommand command;
    RosterFinish finish;
  };

  struct Size {
    std::uint64_t people = 0, visits = 0;
  };
  /// {"cursor","complete","people","visits","withheld","issues"}
  static std::string result_json(const std::optional<std::string>& cursor, bool complete, Size size,
                                 const RosterOutcome& outcome);

  Task<Result<void>> prepare();
  Task<Result<std::string>> take(Put put);
  Task<Result<std::string>> take_change(Put put);
  Task<Result<std::string>> take_batch(Put put);
  Task<Result<std::string>> note_batch(Put put);
  Task<Result<std::string>> commit(RosterNews news, Size size, RosterFinish finish);
  Task<Result<void>> second_look();
  Task<void> send_request();
  Error mismatch(const RosterArgs& args);
  void want_request();
  void want_all();
  bool may_request() const;
  std::optional<std::string> request_cursor() const;
  void tell_alerts(bool anew);
  void drop_old_snapshot();
  std::vector<RosterVisit> visits_here(std::vector<RosterVisit> visits, bool whole) const;
  RosterRules rules_of(const Settings& settings) const;

  Parts parts_;
  RosterSync sync_;
  RosterSnapshot snapshot_;
  Uptime last_batch_{};
  Wakeup bell_;
  JobQueue jobs_;
  std::vector<SiteId> sites_;
  bool tell_issues_ = true;
  std::uint64_t told_withheld_ = 0;
  bool ready_ = false;  ///< cursor_ is what the store has
  std::optional<std::string> cursor_;
  std::optional<RosterRules> next_rules_;
  bool look_due_ = false;     ///< know_anew(), or other rules
  bool mismatched_ = false;   ///< the last put did not fit
  bool all_wanted_ = false;   ///< only a snapshot helps
  bool request_due_ = false;  ///< when the pace allows
  bool answer_due_ = false;   ///< as the answer to a put from another cursor
  struct Asked {
    std::optional<std::string> cursor;
    Uptime at{};
    bool answer = false;  ///< to a put from another cursor
  };
  std::optional<Asked> last_request_;
};

}  // namespace gatehouse
