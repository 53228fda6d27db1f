#pragma once
// Between the desk that decides and the sources that run: how a door is reached, and what a source proves.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/app/access_desk.hpp"
#include "daemon/app/invitation_desk.hpp"
#include "daemon/app/source_witness.hpp"
#include "daemon/source_yard.hpp"

namespace gatehouse {

/// On the io thread. Made before the yard and the desk, which are told to it once they are there.
class DoorLine final : public DoorYard, public SourceWitness {
 public:
  DoorLine(const Settings& settings, std::function<bool()> cloud_connected)
      : settings_(settings), cloud_connected_(std::move(cloud_connected)) {}
  void join(SourceYard& sources, AccessDesk& desk, InvitationDesk& invitations);

  std::shared_ptr<DoorControl> control_of(const IntegrationId& integration) override;
  bool connected(const IntegrationId& integration) const override;
  bool cloud_connected() const override { return cloud_connected_(); }

  void on_proved(const IntegrationId& integration, Uptime at) override;
  void on_pass(bool full) override;
  void on_door_events(const IntegrationId& integration,
                      const std::vector<EventCommit::Item>& events) override;
  void on_door_status(const IntegrationId& integration, const std::vector<DoorStatus>& status) override;
  void name_presence_doors(EventCommit& commit) const override;

 private:
  const Settings& settings_;  ///< those in force
  std::function<bool()> cloud_connected_;
  SourceYard* sources_ = nullptr;
  AccessDesk* desk_ = nullptr;
  InvitationDesk* invitations_ = nullptr;
};

}  // namespace gatehouse
