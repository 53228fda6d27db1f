#include "daemon/app/state_board.hpp"

#include "daemon/core/json_writer.hpp"

namespace gatehouse {

Outgoing StateBoard::outgoing(const Message& message) const {
  return {.token = 0,
          .topic = message.topic,
          .payload = envelope(message, source_, std::nullopt, clock_.quality()),
          .retain = true,
          .urgent = true};
}

void StateBoard::put(const Message& message) {
  const auto known = board_.find(message.topic);
  if (known != board_.end() && known->second.data == message.data) return;
  put_anew(message);
}

void StateBoard::put_anew(const Message& message) {
  auto& posted = board_[message.topic];
  posted.data = message.data;
  posted.sent = outgoing(message);
  if (uplink_ != nullptr) uplink_->publish({posted.sent});
}

void StateBoard::on_up(Uplink& uplink) {
  uplink_ = &uplink;
  std::vector<Outgoing> all;
  all.reserve(board_.size());
  for (const auto& [topic, posted] : board_) all.push_back(posted.sent);
  if (!all.empty()) uplink_->publish(std::move(all));
}

Message door_state_message(const IntegrationId& integration, const SourceDoor& door, const DoorStatus& status,
                           std::string id, Instant now) {
  const std::string number = std::to_string(door.id.value());
  JsonWriter json;
  json.begin_object();
  json.member("door", integration.value() + '/' + number).member("name", door.name);
  json.member("relay_open", status.relay_open).member("contact_closed", status.contact_closed);
  json.member("alarm_tripped", status.alarm_tripped).member("intruder_armed", status.intruder_armed);
  json.member("psu_ok", status.psu_ok).member("tamper_ok", status.tamper_ok);
  json.end_object();
  return Message{.lane = std::nullopt,
                 .topic = "up/door/" + integration.value() + '/' + number,
                 .type = "door.state",
                 .id = std::move(id),
                 .time = now,
                 .subject = integration.value() + '/' + number,
                 .data = json.take()};
}

}  // namespace gatehouse
