#include "daemon/door_line.hpp"

namespace gatehouse {

void DoorLine::join(SourceYard& sources, AccessDesk& desk, InvitationDesk& invitations) {
  sources_ = &sources;
  desk_ = &desk;
  invitations_ = &invitations;
}

std::shared_ptr<DoorControl> DoorLine::control_of(const IntegrationId& integration) {
  for (const auto& source : sources_->all()) {
    if (source->settings().id == integration) return source->doors();
  }
  return nullptr;
}

bool DoorLine::connected(const IntegrationId& integration) const {
  return sources_->status_of(integration).connected;
}

void DoorLine::on_proved(const IntegrationId& integration, Uptime at) {
  desk_->ages().proved(integration, at);
}

void DoorLine::on_pass(bool full) {
  // While the cloud is away what it was told of before may still be waiting: not once more a night.
  invitations_->on_pass(full && cloud_connected_());
}

void DoorLine::on_door_events(const IntegrationId& integration,
                              const std::vector<EventCommit::Item>& events) {
  desk_->on_events(integration, events);
}

void DoorLine::on_door_status(const IntegrationId& integration, const std::vector<DoorStatus>& status) {
  desk_->on_door_status(integration, status);
}

void DoorLine::name_presence_doors(EventCommit& commit) const {
  for (const auto& door : settings_.doors) {
    if (door.id.integration != commit.integration || door.presence == DoorPresence::none) continue;
    commit.presence.emplace_back(door.id.number, door.presence);
    if (door.site) commit.presence_sites.emplace(door.id.number, *door.site);
  }
}

}  // namespace gatehouse
