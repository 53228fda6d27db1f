#include "connectors/mqtt/send_window.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {

void SendWindow::open(std::uint32_t inflight, std::uint16_t receive_maximum) {
  urgent_.clear();
  ordinary_.clear();
  slots_.clear();
  unacknowledged_ = 0;
  late_ = 0;
  inflight_ = std::min<std::size_t>(inflight, receive_maximum);
  receive_maximum_ = receive_maximum;
}

void SendWindow::add(std::vector<Outgoing>&& messages) {
  for (Outgoing& message : messages) {
    (message.urgent ? urgent_ : ordinary_).push_back(std::move(message));
  }
}

void SendWindow::add_last(Outgoing message) {
  urgent_.clear();
  ordinary_.clear();
  urgent_.push_back(std::move(message));
  inflight_ = receive_maximum_;
}

const Outgoing* SendWindow::next() const {
  if (urgent_.empty() && ordinary_.empty()) return nullptr;
  if (unacknowledged_ >= receive_maximum_ || unacknowledged_ - late_ >= inflight_ || out_of_ids())
    return nullptr;
  return urgent_.empty() ? &ordinary_.front() : &urgent_.front();
}

void SendWindow::sent(std::uint16_t id, Uptime now) {
  if (slots_.empty()) first_id_ = id;
  slots_.resize(std::max(slots_.size(), distance(id) + 1));
  slots_[distance(id)] = Slot{front_queue().front().token, now, true, false};
  ++unacknowledged_;
  front_queue().pop_front();
}

void SendWindow::set_aside() {
  front_queue().pop_front();
}

std::optional<std::int64_t> SendWindow::acknowledged(std::uint16_t id) {
  if (id == 0 || distance(id) >= slots_.size()) return std::nullopt;
  Slot& slot = slots_[distance(id)];
  if (!slot.on_its_way) return std::nullopt;
  const std::int64_t token = slot.token;
  slot.on_its_way = false;
  --unacknowledged_;
  if (slot.late) --late_;
  while (!slots_.empty() && !slots_.front().on_its_way) {
    slots_.pop_front();
    first_id_ = first_id_ == id_count ? std::uint16_t{1} : static_cast<std::uint16_t>(first_id_ + 1);
  }
  return token;
}

void SendWindow::expire_before(Uptime moment) {
  for (Slot& slot : slots_) {
    if (!slot.on_its_way || slot.late) continue;
    if (slot.at >= moment) return;
    slot.late = true;
    ++late_;
  }
}

bool SendWindow::stuck() const {
  return unacknowledged_ > 0 && late_ == unacknowledged_ && late_ >= inflight_;
}

}  // namespace gatehouse
