// The daemon's own loops: signals, what is told of it, and what it looks after.

#include <csignal>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/app/housekeeping.hpp"
#include "daemon/gateway.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration tell_state_every = seconds(60);
constexpr Duration look_at_store_every = seconds(10);
constexpr Duration prune_every = minutes(30);

}  // namespace

Task<void> Daemon::signal_loop(Pulse& pulse) {
  asio::signal_set signals(io_, SIGTERM, SIGINT, SIGHUP);
  pulse.expect_within(std::chrono::hours(24 * 365 * 10));
  for (;;) {
    auto [error, number] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    if (number == SIGHUP) {
      auto done = co_await reload();  // told by reload() itself
      access_->note({.actor = "signal",
                     .action = "config.reload",
                     .target = base_.revision,
                     .outcome = done ? "done" : "refused"});
    } else {
      stop_bell_.ring();
    }
  }
}

Task<void> Daemon::state_loop(Pulse& pulse) {
  for (;;) {
    pulse.expect_within(tell_state_every + seconds(30));
    board_.put_anew(state_message(state(), clock_.new_id()));
    manager_.status(status_line(state()));
    show_properties();
    co_await alerts_->tell();
    co_await pause(milliseconds(200));  // several changes at once are told once
    co_await state_bell_.wait(alerts_->untold() ? Duration(seconds(2)) : tell_state_every);
  }
}

Task<void> Daemon::health_loop(Pulse& pulse) {
  for (;;) {
    pulse.expect_within(tell_state_every + seconds(30));
    co_await orphans_->look(base_.settings.integrations);
    co_await pause(tell_state_every);
    auto now = state();
    auto people = co_await store_->count_people();
    if (people) {
      now.people = people->total;
      now.decoupled = people->decoupled;
    }
    auto head = co_await store_->audit_head();
    if (head && head->number != 0) now.audit_head = std::move(*head);
    std::vector<Message> health{health_message(now, clock_.new_id())};
    auto told = co_await store_->append(std::move(health));
    if (told) on_news();
  }
}

/// Keeps the figures of the outbox fresh, shows that the store answers, and prunes what is old.
Task<void> Daemon::store_loop(Pulse& pulse) {
  auto prune_at = clock_.uptime() + minutes(1);
  for (;;) {
    pulse.expect_within(seconds(60));
    auto report = co_await store_->outbox_report();
    outbox_ = report ? std::optional(*report) : std::nullopt;
    if (report) {
      alerts_->over("store", "state");
    } else {
      alerts_->raise({.kind = "store",
                      .subject = "state",
                      .detail = report.error().detail,
                      .hint = "check the disk and the rights of the state directory"});
    }
    // A clock that has jumped must not make everything overdue.
    if (clock_.quality() == ClockQuality::ok) {
      auto coupled = co_await store_->couple_overdue(clock_.now());
      if (coupled && *coupled != 0) {
        on_news();
        sources_->know_anew();
      }
    }
    if (clock_.uptime() > prune_at && clock_.quality() == ClockQuality::ok) {
      prune_at = clock_.uptime() + prune_every;
      const HousekeepingParts parts{
          .store = *store_, .access = *store_, .audit = *store_, .clock = clock_, .log = log_};
      co_await prune_old(parts, base_.settings.retention, pulse);
    }
    co_await pause(look_at_store_every);
  }
}

Task<void> Daemon::watchdog_loop(Pulse& pulse) {
  std::string told;
  for (;;) {
    pulse.expect_within(manager_.watchdog_interval() * 4);
    const auto late = late_loops();
    if (late.empty()) {
      manager_.feed_watchdog();
      told.clear();
    } else if (told != late.front()) {
      told = late.front();
      log_.write(Level::error, "the loop \"" + told + "\" stands still; the watchdog is not fed",
                 {{"LOOP", told}});
    }
    co_await pause(manager_.watchdog_interval());
  }
}

std::vector<std::string> Daemon::late_loops() const {
  auto late = loops_.late();
  const auto add = [&](std::vector<std::string> more) { late.insert(late.end(), more.begin(), more.end()); };
  if (cloud_) add(cloud_->late());
  add(access_->late());
  add(support_->late());
  for (const auto& source : sources_->all()) add(source->late());
  return late;
}

}  // namespace gatehouse
