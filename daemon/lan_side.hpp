#pragma once
// The LAN interface while a configuration asks for it (contract §7): opened, opened anew, closed.

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "connectors/lan/lan_server.hpp"
#include "daemon/app/alerts.hpp"
#include "daemon/app/lan_desk.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/app/wakeup.hpp"

namespace gatehouse {

/// On the io thread.
class LanSide {
 public:
  /// References must outlive it.
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;
    Alerts& alerts;
    LanDesk::Parts desk;
  };
  explicit LanSide(Parts parts);

  /// Other settings are in force, or secrets may have changed: the loop looks.
  void look() { bell_.ring(); }
  /// Listens as the settings in force say; what fails is an alert, and tried again. Until it is cancelled.
  Task<void> loop(Pulse& pulse);
  /// After loop() has ended.
  Task<void> stop();

 private:
  /// What a server was opened with.
  struct Asked {
    LanApi settings;
    std::uint64_t secrets = 0;  ///< a hash of key and certificate
    bool operator==(const Asked&) const = default;
  };
  Task<void> round();
  Task<void> close();
  Task<void> let_leave();
  Result<LanServer::Succession> open(const LanApi& settings, const Result<std::string>& key);
  void tell(const Result<void>& how);

  Parts parts_;
  LanDesk desk_;
  Wakeup bell_;
  bool loaded_ = false;
  std::unique_ptr<LanServer> server_;
  std::list<std::unique_ptr<LanServer>> leaving_;  ///< replaced, and ending what they have begun
  std::optional<Asked> asked_;                     ///< none: what is served is not all that is wanted
  std::optional<Asked> tried_;
  std::string told_;  ///< the last fault that the log has heard of
};

}  // namespace gatehouse
