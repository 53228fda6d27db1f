#pragma once
// Joins everything. What is connected to what can be read here, and nowhere else.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include "daemon/app/console_view.hpp"
#include "daemon/app/gateway_state.hpp"
#include "daemon/app/orphan_watch.hpp"
#include "daemon/certificate_watch.hpp"
#include "daemon/cloud_link.hpp"
#include "daemon/config_side.hpp"
#include "daemon/control/control_service.hpp"
#include "daemon/door_side.hpp"
#include "daemon/host/journal_log.hpp"
#include "daemon/host/service_manager.hpp"
#include "daemon/host/system_clock.hpp"
#include "daemon/host/thread_watch.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/source_yard.hpp"
#include "daemon/store/store.hpp"
#include "daemon/support_side.hpp"

namespace gatehouse {

/// The parts that live as long as the process, and those that a reload replaces.
///
/// Threads: `io` runs here and holds all state; the store, the worker and the mqtt link have one each.
class Daemon final : public GatewayDesk {
 public:
  struct Base {
    std::string config_path;
    Settings settings;
    std::string revision;
    std::string state_dir;
    std::optional<HeldConfig> held{};  ///< StartConfig::held
    Level log_level = Level::info;
  };

  /// Opens the store; Errc::storage in plain words where that fails. Nothing else is started.
  static Result<std::unique_ptr<Daemon>> open(Base base);
  ~Daemon() override;

  /// Until SIGTERM or SIGINT. The exit status.
  int run();

  GatewayState state() const override;
  Task<GatewayState> look() override;
  std::vector<DoorView> doors() const override;
  Result<std::string> effective_config(const std::string& format) const override;
  Task<Result<std::string>> reload() override;
  std::optional<Instant> last_read(const IntegrationId& integration) const override;

 private:
  explicit Daemon(Base base);
  Result<void> open_store();

  Task<void> live();
  Task<void> load_alerts();
  void forget_orphaned_alerts();
  void start_cloud();
  Task<void> take_up_work();
  /// Checked settings are put in force; the error is of the gateway's certificate alone.
  Task<Result<void>> exchange(Settings next, std::string revision);
  void make_config_side();
  Task<void> stop_all();

  Task<void> signal_loop(Pulse& pulse);
  Task<void> reload_loop(Pulse& pulse);
  Task<void> state_loop(Pulse& pulse);
  Task<void> health_loop(Pulse& pulse);
  Task<void> store_loop(Pulse& pulse);
  Task<void> watchdog_loop(Pulse& pulse);
  Task<void> change_loop(Pulse& pulse);

  void on_news();
  void on_status_changed();
  void on_cloud_changed();
  std::vector<std::string> find_late() const;
  std::vector<std::string> late_loops() const;
  void show_properties();

  Base base_;
  boost::asio::io_context io_;
  boost::asio::thread_pool worker_{1};
  SystemClock clock_;
  JournalLog log_;
  ServiceManager manager_;
  const std::string gateway_name_;
  const std::string source_;
  const std::string epoch_;
  const Uptime began_;
  const Instant started_;

  std::unique_ptr<Store> store_;
  RegistryTurn registry_turn_;
  StateBoard board_;
  std::unique_ptr<Alerts> alerts_;
  Tallies tallies_;
  ApiLog api_log_;
  std::unique_ptr<DoorSide> access_;
  std::unique_ptr<SyncConsole> sync_console_;
  std::unique_ptr<ConsoleView> console_;
  std::unique_ptr<CloudIdentity> identity_;
  std::unique_ptr<ConfigSide> config_;
  std::unique_ptr<CertificateWatch> certificates_;
  std::unique_ptr<SupportSide> support_;
  std::unique_ptr<ControlService> control_;
  std::unique_ptr<CloudLink> cloud_;
  std::unique_ptr<SourceYard> sources_;
  std::unique_ptr<OrphanWatch> orphans_;

  Wakeup state_bell_;
  Wakeup change_bell_;
  bool facts_changed_ = false;  ///< and nobody on the bus knows
  bool status_changed_ = false;
  Wakeup stop_bell_;
  Wakeup reload_bell_;
  int exit_status_ = 0;
  TaskGroup loops_;
  std::vector<ThreadWatch> threads_;
  std::vector<std::string> late_;  ///< loops and threads that stood still when the watchdog looked
  Uptime looked_at_{};             ///< when that was
  mutable std::optional<Uptime> watchdog_missed_;
  std::optional<OutboxReport> outbox_;
  bool ready_ = false;
};

}  // namespace gatehouse
