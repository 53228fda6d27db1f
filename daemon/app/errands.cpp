#include "daemon/app/errands.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

namespace gatehouse {
namespace asio = boost::asio;
namespace {

/// A store that is rewritten after an erasure may hold everything up for minutes; a thread that stands still
/// is seen within ten seconds by others.
constexpr Duration cancel_again_every = std::chrono::milliseconds(200);
constexpr Duration long_for_short_work = std::chrono::minutes(6);

}  // namespace

void Errands::start(std::string name, Task<void> work, Pace pace) {
  const auto mine = errands_.emplace(errands_.end());
  mine->name = std::move(name);
  mine->pace = pace;
  mine->late_from = clock_.uptime() + long_for_short_work;
  asio::co_spawn(executor_, std::move(work),
                 asio::bind_cancellation_slot(mine->cancel.slot(),
                                              [this, mine](std::exception_ptr why) { on_end(mine, why); }));
}

void Errands::on_end(std::list<Errand>::iterator errand, const std::exception_ptr& why) {
  const auto name = errand->name;
  errands_.erase(errand);
  ended_.ring();
  try {
    if (why) std::rethrow_exception(why);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return;
    log_.write(Level::error, "\"" + name + "\" failed: " + e.what());
  } catch (const std::exception& e) {
    log_.write(Level::error, "\"" + name + "\" failed: " + e.what());
  }
}

Task<bool> Errands::wait(Duration limit) {
  const auto end = clock_.uptime() + limit;
  while (!idle()) {
    const auto left = end - clock_.uptime();
    if (left <= Duration{0}) co_return false;
    const bool rung = co_await ended_.wait(left);
    if (!rung) co_return idle();
  }
  co_return true;
}

void Errands::cancel() {
  // An errand that ends is taken off the list, but never before this has returned: ends are posted.
  for (auto& errand : errands_) errand.cancel.emit(asio::cancellation_type::terminal);
}

Task<void> Errands::finish() {
  while (!idle()) {
    cancel();  // again and again: one that comes between two waits is only noted down
    co_await ended_.wait(cancel_again_every);
  }
}

std::vector<std::string> Errands::late() const {
  std::vector<std::string> names;
  for (const auto& errand : errands_) {
    if (errand.pace == Pace::short_work && clock_.uptime() > errand.late_from) names.push_back(errand.name);
  }
  return names;
}

}  // namespace gatehouse
