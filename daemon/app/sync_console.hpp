#pragma once
// The verbs of directory sync, answered in JSON (contract.md §6).

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/app/api_log.hpp"
#include "daemon/app/console.hpp"
#include "daemon/app/integration_desk.hpp"
#include "daemon/app/issue_desk.hpp"
#include "daemon/app/plan_desk.hpp"
#include "daemon/app/queries.hpp"

namespace gatehouse {

class SyncConsole {
 public:
  struct Parts {
    QueryStore& queries;
    PlanStore& plans;
    IssueStore& issues;
    PersonStore& people;
    SwitchStore& switches;
    IntegrationDesk& desk;
    ApiLog& api_log;
    Clock& clock;
    Log& log;
    std::function<void()> news;
  };
  explicit SyncConsole(Parts parts);

  // As in Console.
  Task<Result<std::string>> run_sync(SyncAsk ask, std::string by);
  Task<Result<std::string>> progress();
  Task<Result<std::string>> plans();
  Task<Result<std::string>> plan(std::string id, Page page);
  Task<Result<std::string>> apply_plan(std::string id, std::uint64_t confirm, std::string by);
  Task<Result<std::string>> discard_plan(std::string id, std::string by);
  Task<Result<std::string>> issues(IssueFilter filter);
  Task<Result<std::string>> issue(std::string number);
  Task<Result<std::string>> fix_issue(std::string number, std::map<std::string, std::string> set,
                                      std::string by);
  Task<Result<std::string>> merge_issue(std::string number, std::string into, std::string by);
  Task<Result<std::string>> skip_issue(std::string number, std::string by);
  Task<Result<std::string>> unskip_issue(std::string number, std::string by);
  Task<Result<std::string>> why(Person person);
  Task<Result<std::string>> decouple(Person person, std::string reason, std::string until, std::string by);
  Task<Result<std::string>> couple(Person person, std::string by);
  Task<Result<std::string>> plan_purge(PurgeAsk ask, std::string by);
  Task<Result<std::string>> pause_integration(std::string id, std::string by);
  Task<Result<std::string>> resume_integration(std::string id, std::string by);
  Task<Result<std::string>> remove_integration(std::string id, std::string people, std::string by);
  Task<Result<std::string>> activity(ActivityFilter filter, Page page);
  Task<Result<std::string>> api_log(std::string since);

  PlanDesk& plan_desk() { return plan_desk_; }

 private:
  Result<IntegrationId> known(const std::string& id) const;
  Task<Result<IntegrationId>> known_or_left(std::string id) const;
  std::optional<SkipReason> nobody_reads(const PersonSource& source) const;
  Task<Result<std::string>> plan_with_sample(Plan plan);
  std::string integration_json(const IntegrationId& id) const;

  Parts parts_;
  PlanDesk plan_desk_;
  IssueDesk issue_desk_;
};

}  // namespace gatehouse
