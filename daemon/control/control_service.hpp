#pragma once
// The daemon's D-Bus service (contract §1): name org.gatehouse.Gateway1, one interface per noun.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_console.hpp"
#include "daemon/app/console.hpp"
#include "daemon/app/ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/control/methods.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// What anyone who may talk to the service can watch without asking: the properties of
/// org.gatehouse.Gateway1, each change told by PropertiesChanged. Nothing personal belongs here: the bus's
/// own policy is all that guards it.
struct PublicStatus {
  std::string version;
  bool ready = false;
  std::string status;           ///< one line, as systemd is told
  std::string config_revision;  ///< "sha256:…"
  std::string reload_error;     ///< empty: the last reload was good
  bool cloud_connected = false;

  bool operator==(const PublicStatus&) const = default;
};

/// Offers a Console on a bus, for as long as it lives, whatever the bus does: one that cannot be reached or
/// goes away is tried again with back-off, and never ends the daemon. All on the io thread.
class ControlService {
 public:
  /// All of it must live until stop() has returned.
  struct Parts {
    Console& console;
    AccessVerbs& access;
    /// What is offered beside these two; made by the methods of `control/` for other desks.
    std::vector<Method> more = {};
    /// Told of each act of an operator that leaves no row of the audit by itself, when it has ended.
    std::function<void(AuditEntry)> audit;
    Log& log;
  };
  ControlService(boost::asio::any_io_executor executor, Bus bus, Polkit polkit, Parts parts);
  ~ControlService();
  ControlService(const ControlService&) = delete;
  ControlService& operator=(const ControlService&) = delete;

  /// Returns at once. With Bus::Kind::none nothing is offered.
  void start();

  /// Gives the name back, cancels the calls under way, and returns when all have ended.
  Task<void> stop();

  void set_properties(PublicStatus status);

  /// The signal Changed(s what) of org.gatehouse.Gateway1: who shows something reads it again. It says what
  /// kind of thing, never which: "facts" (events, decisions, activity, people, issues, the outbox) or
  /// "status".
  void tell_changed(const std::string& what);

  /// For `gateway.polkit` after a reload. The bus itself is not changed without a restart.
  void set_polkit(Polkit polkit);

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace gatehouse
