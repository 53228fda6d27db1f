#pragma once
// Answers what operators ask, from the store and from what the running daemon knows of itself.

#include <optional>
#include <string>
#include <vector>

#include "daemon/app/console.hpp"
#include "daemon/app/dead_letters.hpp"
#include "daemon/app/door_view.hpp"
#include "daemon/app/gateway_state.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/app/sync_console.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// What only the daemon as a whole can answer.
class GatewayDesk {
 public:
  virtual ~GatewayDesk() = default;
  virtual GatewayState state() const = 0;
  /// The same, with the outbox as it is now.
  virtual Task<GatewayState> look() = 0;
  virtual std::vector<DoorView> doors() const = 0;
  virtual Result<std::string> effective_config(const std::string& format) const = 0;
  virtual Task<Result<std::string>> reload() = 0;
  /// The end of the last complete read of a source, or of the last put of the cloud's people; none where
  /// there was none yet.
  virtual std::optional<Instant> last_read(const IntegrationId& integration) const = 0;
};

class ConsoleView final : public Console {
 public:
  ConsoleView(QueryStore& store, GatewayDesk& desk, SyncConsole& sync, DeadLetterDesk dead_letters,
              Clock& clock)
      : store_(store), desk_(desk), sync_(sync), dead_letters_(std::move(dead_letters)), clock_(clock) {}

  Task<Result<std::string>> status() override;
  Task<Result<std::string>> integrations() override;
  Task<Result<std::string>> integration(std::string id) override;
  Task<Result<std::string>> people(PeopleFilter filter, Page page) override;
  Task<Result<std::string>> person(std::string key) override;
  Task<Result<std::string>> events(EventFilter filter, Page page) override;
  Task<Result<std::string>> runs(std::string integration) override;
  Task<Result<std::string>> outbox(OutboxFilter filter, Page page) override;
  Task<Result<std::string>> retry_dead_letter(std::string id, std::string by) override {
    return dead_letters_.retry(std::move(id), std::move(by));
  }
  Task<Result<std::string>> drop_dead_letter(std::string id, std::string by) override {
    return dead_letters_.drop(std::move(id), std::move(by));
  }
  Task<Result<std::string>> effective_config(std::string format) override;
  Task<Result<std::string>> reload() override;

  Task<Result<std::string>> run_sync(SyncAsk ask, std::string by) override {
    return sync_.run_sync(std::move(ask), std::move(by));
  }
  Task<Result<std::string>> progress() override { return sync_.progress(); }
  Task<Result<std::string>> plans() override { return sync_.plans(); }
  Task<Result<std::string>> plan(std::string id, Page page) override {
    return sync_.plan(std::move(id), std::move(page));
  }
  Task<Result<std::string>> apply_plan(std::string id, std::uint64_t confirm, std::string by) override {
    return sync_.apply_plan(std::move(id), confirm, std::move(by));
  }
  Task<Result<std::string>> discard_plan(std::string id, std::string by) override {
    return sync_.discard_plan(std::move(id), std::move(by));
  }
  Task<Result<std::string>> issues(IssueFilter filter) override { return sync_.issues(std::move(filter)); }
  Task<Result<std::string>> issue(std::string number) override { return sync_.issue(std::move(number)); }
  Task<Result<std::string>> fix_issue(std::string number, std::map<std::string, std::string> set,
                                      std::string by) override {
    return sync_.fix_issue(std::move(number), std::move(set), std::move(by));
  }
  Task<Result<std::string>> merge_issue(std::string number, std::string into, std::string by) override {
    return sync_.merge_issue(std::move(number), std::move(into), std::move(by));
  }
  Task<Result<std::string>> skip_issue(std::string number, std::string by) override {
    return sync_.skip_issue(std::move(number), std::move(by));
  }
  Task<Result<std::string>> unskip_issue(std::string number, std::string by) override {
    return sync_.unskip_issue(std::move(number), std::move(by));
  }
  Task<Result<std::string>> why(std::string person) override;
  Task<Result<std::string>> decouple(std::string person, std::string reason, std::string until,
                                     std::string by) override;
  Task<Result<std::string>> couple(std::string person, std::string by) override;
  Task<Result<std::string>> plan_purge(PurgeAsk ask, std::string by) override {
    return sync_.plan_purge(std::move(ask), std::move(by));
  }
  Task<Result<std::string>> pause_integration(std::string id, std::string by) override {
    return sync_.pause_integration(std::move(id), std::move(by));
  }
  Task<Result<std::string>> resume_integration(std::string id, std::string by) override {
    return sync_.resume_integration(std::move(id), std::move(by));
  }
  Task<Result<std::string>> remove_integration(std::string id, std::string people, std::string by) override {
    return sync_.remove_integration(std::move(id), std::move(people), std::move(by));
  }
  Task<Result<std::string>> activity(ActivityFilter filter, Page page) override {
    return sync_.activity(std::move(filter), std::move(page));
  }
  Task<Result<std::string>> api_log(std::string since) override { return sync_.api_log(std::move(since)); }

 private:
  QueryStore& store_;
  GatewayDesk& desk_;
  SyncConsole& sync_;
  DeadLetterDesk dead_letters_;
  Clock& clock_;
};

}  // namespace gatehouse
