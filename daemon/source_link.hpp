#pragma once
// One integration while a configuration is in force: the connection to its Net2 server and the loops over it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/api_log.hpp"
#include "daemon/app/feed_integration.hpp"
#include "daemon/app/net2_integration.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

class FeedDirectory;
class DoorControl;

class SourceLink {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;
    EventStore& events;
    DirectoryStore& directory;
    IssueStore& issues;
    PlanStore& plans;
    PersonStore& people;
    RegistryTurn& turn;
    ExportStore& exports;
    AuditStore& audit;
    std::shared_ptr<const TimeZone> zone;  ///< the gateway's
    bool tell_issues = true;
    std::string feeds;  ///< where feeds without a directory of their own lie, one folder each
    Clock& clock;
    Log& log;
    Alerts& alerts;
    ApiLog& api_log;
    StateBoard& board;
    SourceWitness& witness;
    std::function<void()> news;
    std::function<void()> status_changed;
    Tallies* tallies = nullptr;
  };

  /// Reads the secrets; one that cannot be read shows in the status, and nothing talks to Net2.
  SourceLink(const Integration& settings, const std::vector<SiteId>& all_sites, Parts parts);
  ~SourceLink();

  /// `switched`: what an operator has said apart from the configuration.
  void start(Switch switched);
  Task<void> stop() { return loops_.stop(); }

  /// Whether it runs with the secrets as they are now; false too where they could not be read, and where the
  /// server refuses them: then who reloads wants them tried anew.
  bool current() const;
  const Integration& settings() const { return settings_; }
  const std::vector<SiteId>& all_sites() const { return all_sites_; }
  IntegrationStatus status() const;
  /// nullptr for a kind that has no doors, or while its secrets cannot be read.
  const Net2Integration* net2() const { return net2_.get(); }
  /// nullptr while nothing runs.
  PeopleSync* people();
  /// nullptr for a kind that has no doors, while it is switched off, or while its secrets cannot be read.
  std::shared_ptr<DoorControl> doors();
  Switch switched() const { return switched_; }
  std::vector<std::string> late() const { return loops_.late(); }

 private:
  struct Net2;  ///< the adapters of a Net2 server
  PeopleSync::Parts people_parts(PeopleSource& source);
  void make_net2();
  void make_feed();
  std::string lan_directory() const;

  const Integration settings_;
  const std::vector<SiteId> all_sites_;
  Parts parts_;
  std::optional<Error> unready_;
  std::uint64_t secrets_ = 0;       ///< a hash of those it was made with
  std::shared_ptr<Net2> adapters_;  ///< shared with calls to doors that are under way
  std::unique_ptr<Net2Integration> net2_;
  std::unique_ptr<FeedDirectory> inlet_;
  std::unique_ptr<FeedIntegration> feed_;
  Switch switched_ = Switch::on;
  TaskGroup loops_;
};

}  // namespace gatehouse
