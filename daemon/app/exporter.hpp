#pragma once
// Cloud people into one Net2 server: looked at after each complete pass, planned or carried out at once
// (features.md S1-24 to S1-26, D-9).

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/export_run.hpp"
#include "daemon/app/net2_writer.hpp"
#include "daemon/app/plan_keeper.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/core/export_rules.hpp"

namespace gatehouse {

struct ExportAsk {
  RunId run;                       ///< of the pass before
  bool changed = false;            ///< the pass has changed something
  bool at_once = false;            ///< somebody asked for it, or the schedule did
  std::vector<Issue> open_issues;  ///< of the integration, after the pass
  std::optional<Plan> apply;       ///< carry this out, if it still holds
};

/// One write at a time; never while a pass runs.
class Exporter {
 public:
  /// References must outlive it; `news` is called after each commit that tells something.
  struct Parts {
    PeopleSource& source;
    Net2Writer& writer;
    ExportStore& store;
    IssueStore& issues;
    PlanStore& plans;
    PersonStore& people;
    Clock& clock;
    Log& log;
    boost::asio::any_io_executor worker;
    const TextFold& fold;
    std::function<void()> news;
  };
  Exporter(Integration settings, Parts parts);

  /// Errors only where a plan was to be carried out: plan_stale, or the trouble because of which it waits to
  /// be gone on with. What else goes wrong is logged, shown as an issue where somebody can mend it, and tried
  /// again.
  Task<Result<ExportReport>> run(ExportAsk ask);

 private:
  struct Sight;

  Task<Result<ExportReport>> look_and_act(ExportAsk ask);
  Task<Result<Sight>> look();
  Task<Result<void>> read_cloud(Sight& sight);
  Task<Result<ExportReport>> retire();
  Task<Result<void>> offer(const ExportWork& work, std::uint64_t basis, ExportReport& report);
  Task<Result<void>> carry_out_plan(Plan plan, const ExportWork& work, ExportRun& attempt);
  Task<Result<std::optional<Plan>>> unfinished_plan();
  void tell_trouble(const Error& why);
  std::uint64_t basis_of(const Sight& sight) const;

  const Integration settings_;
  const IntegrationId id_;
  Parts parts_;
  const ExportRun::Parts hands_;
  PlanKeeper plans_;

  bool looked_once_ = false;
  bool at_rest_ = false;  ///< nothing was left to do at the last look
  std::uint64_t seen_revision_ = 0;
  bool news_ = false;   ///< since the last look
  Uptime next_look_{};  ///< not before, whatever has changed
  Uptime next_try_{};   ///< of what was left to do, with nothing changed
  std::string told_trouble_;
  ExportRun::Told told_failures_;
};

}  // namespace gatehouse
