#pragma once
// Figures for programs that watch the gateway, while a configuration asks for them (`metrics`): opened,
// opened anew, closed.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/metrics/metrics_server.hpp"
#include "daemon/app/access_desk.hpp"
#include "daemon/app/alerts.hpp"
#include "daemon/app/console_view.hpp"
#include "daemon/app/figures.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/source_yard.hpp"

namespace gatehouse {

/// On the io thread.
class MetricsSide {
 public:
  /// References must outlive it.
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;  ///< for what the file system says
    const Settings& settings;             ///< those in force
    const std::string& state_dir;
    Clock& clock;
    Log& log;
    Alerts& alerts;
    const Tallies& tallies;
    GatewayDesk& gateway;
    SourceYard& sources;
    const AccessDesk& desk;
  };
  explicit MetricsSide(Parts parts);

  /// Other settings are in force: the loop looks.
  void look() { bell_.ring(); }
  /// Listens as the settings in force say; the new listener is there before the old one goes. What fails is
  /// an alert, and tried again. Until it is cancelled.
  Task<void> loop(Pulse& pulse);
  /// After loop() has ended.
  Task<void> stop();

 private:
  Task<void> round();
  Task<void> exchange(std::unique_ptr<MetricsServer> next, std::optional<Metrics> asked);
  Task<void> measure();
  std::optional<MetricsPage> page(std::string_view path);
  Figures gather() const;
  void tell(const Result<void>& how);

  Parts parts_;
  Wakeup bell_;
  std::unique_ptr<MetricsServer> server_;
  std::unique_ptr<MetricsServer> leaving_;  ///< until its connections have ended
  std::optional<Metrics> asked_;            ///< what the server was opened with
  std::optional<std::uint64_t> store_bytes_;
  std::optional<std::uint64_t> store_free_;
  std::string told_;  ///< the last fault that the log has heard of
};

}  // namespace gatehouse
