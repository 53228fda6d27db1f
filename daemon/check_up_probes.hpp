#pragma once
// What `gatehouse doctor` looks with: the servers, the machine, the files, the running links.

#include <functional>
#include <string>
#include <vector>

#include "daemon/app/api_log.hpp"
#include "daemon/app/check_up.hpp"
#include "daemon/app/console_view.hpp"
#include "daemon/cloud_link.hpp"
#include "daemon/door_side.hpp"
#include "daemon/store/store.hpp"

namespace gatehouse {

/// On the io thread.
class LiveProbes final : public CheckUpProbes {
 public:
  /// References must outlive it.
  struct Parts {
    const std::string& config_path;
    const Settings& settings;  ///< those in force
    const std::string& state_dir;
    Store& store;
    Clock& clock;
    ApiLog& api_log;
    GatewayDesk& gateway;
    DoorSide& access;
    std::function<CloudLink*()> cloud;  ///< nullptr where there is none
  };
  explicit LiveProbes(Parts parts) : parts_(std::move(parts)) {}

  Task<Net2Evidence> look_at_net2(Integration integration, Duration limit) override;
  /// Never says CONNECT: the broker would throw the running link out, whose client id it would be.
  Task<CloudEvidence> look_at_cloud(Cloud cloud, Duration limit) override;
  HostEvidence look_at_host() override;
  Task<DatabaseLook> look_at_database(Duration limit) override;

 private:
  void look_at_clock(HostEvidence& host) const;
  void look_at_disk(HostEvidence& host) const;
  void look_at_files(HostEvidence& host) const;
  void look_at_secrets(HostEvidence& host) const;

  Parts parts_;
};

}  // namespace gatehouse
