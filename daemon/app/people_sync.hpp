#pragma once
// The people of one integration: when they are read, what an operator asks meanwhile, and what is known of
// how it goes.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/alerts.hpp"
#include "daemon/app/directory_sync.hpp"
#include "daemon/app/exporter.hpp"
#include "daemon/app/job_queue.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/retry.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/integration_status.hpp"
#include "daemon/core/tallies.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

class PeopleSync {
 public:
  /// References must outlive it; its loop must have been stopped before it goes.
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;
    PeopleSource& source;
    DirectoryStore& directory;
    IssueStore& issues;
    PlanStore& plans;
    PersonStore& people;
    RegistryTurn& turn;  ///< the gateway's one
    Clock& clock;
    Alerts& alerts;
    std::shared_ptr<const TimeZone> zone;  ///< the gateway's, for full passes
    const TextFold& fold;
    bool tell_issues = true;       ///< notify.sync_issues
    Duration poll{0};              ///< between passes; at least ten times what the last read took
    Exporter* exporter = nullptr;  ///< of cloud people into the source, where it has one
    /// Is it still the source that we know? Fine as well where its doors are others: its people are judged.
    std::function<Task<Result<void>>()> before_read;
    /// Whether the last before_read() met none of the doors that we know. May be empty.
    std::function<bool()> other_doors{};
    /// DirectorySync::Parts::after_read. May be empty.
    std::function<Task<Result<void>>()> after_read{};
    /// A source with other doors has the people whom we know (or nobody is known yet); or, with `by_plan`,
    /// somebody has confirmed its own. May be empty.
    std::function<Task<bool>(bool by_plan)> take_over{};
    /// What is known was read from the store for the first time; `reimport`: a plan waits whose people these
    /// may be. May be empty.
    std::function<void(bool reimport)> loaded{};
    /// How a pass ended, before changed(). May be empty.
    std::function<void(PassEnd end)> passed_judgement{};
    std::function<void()> news;
    std::function<void()> changed;  ///< facts() say something else
    /// A pass was applied; `full` as SourceWitness::on_pass has it. May be empty.
    std::function<void(bool full)> passed{};
    /// A complete read was applied; `at`: the end of that read. May be empty.
    std::function<void(Uptime at)> proved{};
    /// A pass over everybody has ended, or failed; no dry run, and no plan. May be empty.
    std::function<void()> ended{};
    Tallies* tallies = nullptr;
  };
  /// What the status of the integration rests on.
  struct Facts {
    bool read_once = false;       ///< since the start
    bool importing_first = true;  ///< until it is known that it was done before
    bool draft = false;
    bool guarded = false;
    bool other_server = false;
    bool reimport = false;
    std::uint64_t open_issues = 0;
    std::optional<Error> fault;  ///< of the last pass, while none has come through since
  };
  struct Progress {
    std::string phase;  ///< empty: nothing is under way
    std::uint64_t done = 0, all = 0;
  };

  PeopleSync(Integration settings, const std::vector<SiteId>& all_sites, Parts parts);

  /// Until it is cancelled.
  Task<void> loop(Pulse& pulse);
  /// The store says something else about records than when it was read: reads it anew, and then the source.
  void know_anew() {
    loaded_ = false;
    due_ = {};
    bell_.ring();
  }
  /// Reads now, without waiting for the next poll.
  void ring() {
    wanted_ = true;
    bell_.ring();
  }

  const IntegrationId& id() const { return settings_.id; }
  const Integration& settings() const { return settings_; }
  const Facts& facts() const { return facts_; }
  const Progress& progress() const { return progress_; }
  const DirectorySync& sync() const { return sync_; }
  const std::optional<SyncRun>& last_run() const { return last_run_; }

  bool paused() const { return paused_; }
  void set_paused(bool paused);

  // What an operator asks. All of it waits for the pass that is under way.

  /// A pass now; joins one that is under way, unless it has to begin after `now` was said (`fresh`).
  Task<Result<PassReport>> run(PassAsk ask, bool fresh = false);

 private:
  Task<Result<PassReport>> pass(PassAsk ask);
  Task<Result<PassReport>> export_after(PassReport report, std::optional<Plan> plan);
  bool is_nothing_yet(const Error& error) const;
  Task<bool> prepare();
  Task<Result<void>> tell_loaded();
  Task<Duration> one_round();
  Instant next_full() const;
  void note(const Result<PassReport>& report, bool for_a_plan, bool full);
  void tell_issue_alert(bool changed);

  const Integration settings_;
  Parts parts_;
  DirectorySync sync_;
  Wakeup bell_;
  JobQueue jobs_;
  Retry retry_;
  Facts facts_;
  Progress progress_;
  std::optional<SyncRun> last_run_;
  std::shared_ptr<std::optional<Result<PassReport>>> joined_;  ///< what those who joined will be told
  bool loaded_ = false;
  bool loaded_told_ = false;
  bool issues_told_ = false;  ///< since the start: the daemon before may have died before it told them
  bool paused_ = false;
  std::optional<Instant> full_made_;  ///< the last that the schedule set off, however it ended
  Uptime due_{};                      ///< of the next pass
  bool wanted_ = false;               ///< at once
};

}  // namespace gatehouse
