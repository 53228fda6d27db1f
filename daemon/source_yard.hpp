#pragma once
// The integrations that run: started as the configuration and the operators' switches say, stopped and
// replaced one by one.

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/integration_desk.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/source_link.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse {

class SourceYard final : public IntegrationDesk {
 public:
  /// References must outlive the yard.
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;
    const Settings& settings;  ///< those in force
    Store& store;
    RegistryTurn& turn;
    Clock& clock;
    Log& log;
    Alerts& alerts;
    StateBoard& board;
    ApiLog& api_log;
    std::string feeds;  ///< SourceLink::Parts::feeds
    SourceWitness& witness;
    std::function<RosterPeople*()> roster;  ///< nullptr where no cloud is configured
    std::function<void()> news;
    std::function<void()> status_changed;
    Tallies* tallies = nullptr;
  };
  explicit SourceYard(Parts parts) : parts_(std::move(parts)) {}

  RosterPeople* roster() override { return parts_.roster(); }
  const Integration* configured(const IntegrationId& id) const override;
  std::vector<Integration> all_configured() const override { return parts_.settings.integrations; }
  PeopleSync* people_of(const IntegrationId& id) override;
  IntegrationStatus status_of(const IntegrationId& id) const override;
  Task<void> halt(std::vector<IntegrationId> ids) override;
  Task<void> proceed() override;

  /// Stops those that are gone or changed, in their settings or their secrets, or could not start before;
  /// proceed() starts them anew, once the settings in force are `next`.
  Task<void> make_way(const Settings& next);
  Task<void> stop_all();
  void clear() {
    sources_.clear();
    leaving_.clear();
  }
  /// The store has changed records without a pass.
  void know_anew();
  /// People of the cloud have changed: those sources that take them look at once.
  void ring_exports();

  const std::vector<std::unique_ptr<SourceLink>>& all() const { return sources_; }

 private:
  Task<Switch> switch_of(IntegrationId id);
  Task<void> send_off(std::vector<std::unique_ptr<SourceLink>>::iterator source);
  static std::vector<SiteId> site_ids(const Settings& settings);

  Parts parts_;
  std::vector<std::unique_ptr<SourceLink>> sources_;
  /// Found by nobody any more; here until their loops have ended, whoever waited for that.
  std::list<std::unique_ptr<SourceLink>> leaving_;
};

}  // namespace gatehouse
