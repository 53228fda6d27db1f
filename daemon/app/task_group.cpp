#include "daemon/app/task_group.hpp"

#include <algorithm>
#include <exception>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

namespace gatehouse {
namespace asio = boost::asio;
namespace {

constexpr Duration cancel_again_every = std::chrono::milliseconds(200);

}  // namespace

void TaskGroup::start(std::string name, std::function<Task<void>(Pulse&)> loop) {
  Loop& mine = loops_.emplace_back(std::move(name), clock_);
  mine.body = std::move(loop);
  asio::co_spawn(asio::any_io_executor(PulsedExecutor(executor_, mine.pulse)), mine.body(*mine.pulse),
                 asio::bind_cancellation_slot(mine.cancel.slot(),
                                              [this, &mine](std::exception_ptr why) { on_end(mine, why); }));
}

void TaskGroup::on_end(Loop& loop, const std::exception_ptr& why) {
  loop.running = false;
  ended_.ring();
  if (stopping_) return;
  std::string reason = "it returned";
  try {
    if (why) std::rethrow_exception(why);
  } catch (const std::exception& e) {
    reason = e.what();
  }
  log_.write(Level::error, "the loop \"" + loop.pulse->name() + "\" has ended by itself: " + reason,
             {{"LOOP", loop.pulse->name()}});
  loop.pulse->ended();
}

bool TaskGroup::any_running() const {
  return std::ranges::any_of(loops_, [](const Loop& loop) { return loop.running; });
}

Task<void> TaskGroup::stop() {
  stopping_ = true;
  while (any_running()) {
    // Again and again: one that comes while a loop waits for nothing that can be cancelled is only noted
    // down, and an adapter may have told its coroutine not to look.
    for (auto& loop : loops_) {
      if (loop.running) loop.cancel.emit(asio::cancellation_type::terminal);
    }
    co_await ended_.wait(cancel_again_every);
  }
  loops_.clear();
}

std::vector<std::string> TaskGroup::late() const {
  std::vector<std::string> names;
  for (const auto& loop : loops_) {
    if (loop.pulse->late()) names.push_back(loop.pulse->name());
  }
  return names;
}

}  // namespace gatehouse
