#pragma once
// Everything at the doors, joined: who is known, what is decided, who may ask for it and how.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/jose/jose_verifier.hpp"
#include "daemon/app/access_desk.hpp"
#include "daemon/app/access_verbs.hpp"
#include "daemon/app/command_desk.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/app/invitation_desk.hpp"
#include "daemon/app/roster_desk.hpp"
#include "daemon/app/sync_console.hpp"
#include "daemon/door_line.hpp"
#include "daemon/lan_side.hpp"
#include "daemon/source_yard.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse {

/// On the io thread.
class DoorSide final : private RosterTaker {
 public:
  /// References must outlive it.
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;
    const Settings& settings;  ///< those in force
    Store& store;
    RegistryTurn& turn;  ///< of the roster's people, among those of the sources
    Clock& clock;
    Log& log;
    Alerts& alerts;
    GatewayDesk& gateway;
    std::string epoch;
    std::string feeds;  ///< where feeds without a directory of their own lie, one folder each
    Uptime began{};
    std::function<bool()> cloud_connected;
    std::function<void(const Message&)> send;  ///< to the cloud at once, if it is there
    std::function<void()> news;
    std::function<void()> status_changed;
    Tallies* tallies = nullptr;
  };
  explicit DoorSide(Parts parts);
  ~DoorSide() override;

  SourceWitness& witness() { return line_; }
  AccessVerbs& verbs() { return *verbs_; }
  KnowledgeAges& ages() { return desk_.ages(); }
  /// nullptr where no cloud is configured.
  RosterPeople* roster() { return roster_.get(); }
  /// Once the sources and the console are there; before load().
  void join(SourceYard& sources, Console& console);

  /// What is known and what was left open, before anybody is served.
  Task<void> load();
  /// The settings in force are new ones, and stand `revision`. Errc::invalid where a zone cannot be read:
  /// then nothing has changed.
  Result<void> use(const std::string& revision);
  /// Serves the roster, where there is a cloud. Before plans are taken up.
  void start_roster();
  /// Serves commands, and doors that are held; once the sources have been started.
  void start();
  Task<void> stop();

  /// A row of the audit, written soon.
  void note(AuditEntry entry);
  void on_command(Incoming message);
  void on_cloud_up();

  /// Of the clock that signs the cloud's commands to ours; none where no command came.
  std::optional<Duration> cloud_clock_ahead() const {
    return commands_ ? commands_->issued_ahead() : std::nullopt;
  }
  std::set<SiteId> lockdown() const { return desk_.lockdown(); }
  const AccessDesk& desk() const { return desk_; }
  /// AccessDesk::trust_names().
  void trust_names() { desk_.trust_names(); }
  std::optional<std::string> roster_cursor() const;
  std::vector<std::string> late() const;

 private:
  Task<Result<std::string>> put(std::string args, TakenCommand command, RosterFinish finish) override;
  Task<void> write(AuditEntry entry);

  Parts parts_;
  DoorLine line_;
  AccessDesk desk_;
  JoseVerifier verifier_;
  std::unique_ptr<AccessConsole> verbs_;
  std::unique_ptr<CommandDesk> commands_;
  std::unique_ptr<RosterDesk> roster_;
  std::unique_ptr<LanSide> lan_;
  SourceYard* sources_ = nullptr;
  bool started_ = false;
  Errands audits_;
  InvitationDesk invitations_;
  TaskGroup loops_;
};

}  // namespace gatehouse
