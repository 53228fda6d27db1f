#pragma once
// The writes of one export, one after the other: made, linked, journaled.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/net2_writer.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/core/export_rules.hpp"

namespace gatehouse {

struct ExportReport {
  bool looked = false;        ///< false: nothing is known that was not known before
  std::vector<Issue> issues;  ///< all of the export's own, where it looked
  std::uint64_t created = 0, updated = 0, linked = 0, failed = 0;
  std::optional<Plan> plan;  ///< the one that waits, or was carried out
};

/// Nothing was written and nobody has to mend anything: the server is away or busy, or we are stopping.
bool passes_by_itself(Errc code);
Issue export_issue(const IntegrationId& integration, IssueReason reason, Instant now);

class ExportRun {
 public:
  struct Parts {
    Net2Writer& writer;
    ExportStore& store;
    IssueStore& issues;
    Clock& clock;
    Log& log;
    std::function<void()> news;
  };
  /// What was last said of whose export, so that the journal has it once.
  using Told = std::map<PersonId, std::string>;

  /// References must outlive it.
  ExportRun(const Integration& settings, const Parts& parts, RunId run, ExportReport& report, Told& told)
      : settings_(settings), parts_(parts), run_(std::move(run)), report_(report), told_(told) {}

  /// In the run under which a plan is told.
  void go_on_as(RunId run) { run_ = std::move(run); }
  /// An error ends it: nobody else would fare better now. What was done is done, and counted.
  Task<Result<void>> carry_out(ExportWork work);
  std::vector<Issue> take_issues();

 private:
  Task<Result<void>> create(ExportCreate create);
  Task<Result<void>> finish_and_link(ExportLink link);
  Task<Result<void>> update(ExportUpdate update);
  Task<Result<void>> link(std::int64_t number, PersonId person);
  Task<Result<void>> note(ExportNote note);
  Task<Result<void>> judge_failure(ExportNote what, PersonId person, Error why);
  ExportNote note_of(std::int64_t number, std::string name, std::vector<std::string> fields) const;
  Ownership owner(const PersonId& person) const;
  void tell(std::string words, const PersonId& person);

  const Integration& settings_;
  const Parts& parts_;
  RunId run_;
  ExportReport& report_;
  Told& told_;
  std::map<IssueReason, Issue> issues_;
};

}  // namespace gatehouse
