#pragma once
// Answers what operators ask, from the store and from what the running daemon knows of itself.

#include <optional>
#include <string>
#include <vector>

#include "daemon/app/console.hpp"
#include "daemon/app/gateway_state.hpp"
#include "daemon/app/queries.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// A door as Net2 and the configuration know it.
struct DoorView {
  IntegrationId integration;
  SourceDoor door;
  std::optional<DoorStatus> status;
  std::optional<ConfiguredDoor> configured;  ///< none: shown, never opened
};

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
};

class ConsoleView final : public Console {
 public:
  ConsoleView(QueryStore& store, GatewayDesk& desk, Clock& clock)
      : store_(store), desk_(desk), clock_(clock) {}

  Task<Result<std::string>> status() override;
  Task<Result<std::string>> integrations() override;
  Task<Result<std::string>> integration(std::string id) override;
  Task<Result<std::string>> people(PeopleFilter filter, Page page) override;
  Task<Result<std::string>> person(std::string key) override;
  Task<Result<std::string>> doors() override;
  Task<Result<std::string>> door(std::string id) override;
  Task<Result<std::string>> events(EventFilter filter, Page page) override;
  Task<Result<std::string>> runs(std::string integration) override;
  Task<Result<std::string>> outbox(OutboxFilter filter, Page page) override;
  Task<Result<std::string>> effective_config(std::string format) override;
  Task<Result<std::string>> reload() override;

 private:
  Result<std::optional<Instant>> since(const std::string& text) const;

  QueryStore& store_;
  GatewayDesk& desk_;
  Clock& clock_;
};

}  // namespace gatehouse
