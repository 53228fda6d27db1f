#include "daemon/app/registry_turn.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

#include "daemon/app/pulse.hpp"

namespace gatehouse {

RegistryTurn::Held::Held(std::shared_ptr<Line> line, std::shared_ptr<Wakeup> bell)
    : line_(std::move(line)), bell_(std::move(bell)) {
  line_->push_back(bell_);
}

RegistryTurn::Held::~Held() {
  if (!line_) return;
  line_->remove(bell_);
  if (!line_->empty()) line_->front()->ring();
}

Task<RegistryTurn::Held> RegistryTurn::take() {
  const auto mine = co_await boost::asio::this_coro::executor;
  Held held(line_, std::make_shared<Wakeup>(without_pulse(mine)));
  // Whoever has the turn is watched; this loop says every now and then that it still waits.
  while (line_->front() != held.bell_) co_await held.bell_->wait(LongWait::watched_elsewhere);
  co_return held;
}

}  // namespace gatehouse
