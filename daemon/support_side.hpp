#pragma once
// What installers and operators need beside the doors: a check-up, figures, changes that can be taken back,
// copies of the state, and what the law lets a person ask for.

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/check_up.hpp"
#include "daemon/app/clock_desk.hpp"
#include "daemon/app/console_view.hpp"
#include "daemon/app/privacy_desk.hpp"
#include "daemon/app/state_desk.hpp"
#include "daemon/check_up_probes.hpp"
#include "daemon/cloud_link.hpp"
#include "daemon/control/methods.hpp"
#include "daemon/door_side.hpp"
#include "daemon/metrics_side.hpp"
#include "daemon/source_yard.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse {

/// On the io thread.
class SupportSide {
 public:
  /// References must outlive it.
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;
    const std::string& config_path;
    const Settings& settings;  ///< those in force
    const std::string& state_dir;
    Store& store;
    Clock& clock;
    FlooredClock& floored;
    Log& log;
    Alerts& alerts;
    ApiLog& api_log;
    const Tallies& tallies;
    GatewayDesk& gateway;
    SourceYard& sources;
    DoorSide& access;
    std::function<CloudLink*()> cloud;  ///< nullptr where none is configured, or while it is exchanged
    std::function<void()> news;         ///< something is in the outbox
    std::function<void()> restart;      ///< the daemon is to end, and to be started anew
  };
  explicit SupportSide(Parts parts);

  /// What it offers on D-Bus; it must outlive them.
  std::vector<Method> methods();

  /// Once, when the gateway is ready.
  void start();
  /// Settings were exchanged (Parts::settings has the new ones).
  void use();
  Task<void> stop();

  /// Names of loops that stand still.
  std::vector<std::string> late() const;

 private:
  Parts parts_;
  ClockDesk clock_;
  PrivacyDesk privacy_;
  StateDesk state_;
  MetricsSide metrics_;
  LiveProbes probes_;
  CheckUp check_up_;
  TaskGroup loops_;
};

}  // namespace gatehouse
