// The daemon's own loops: signals, what is told of it, and what it looks after.

#include <algorithm>
#include <csignal>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include "daemon/app/housekeeping.hpp"
#include "daemon/core/crash_point.hpp"
#include "daemon/gateway.hpp"
#include "daemon/host/resident_pages.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration tell_state_every = seconds(60);
constexpr Duration look_at_store_every = seconds(10);
constexpr Duration look_at_loops_every = seconds(3);
constexpr Duration prune_every = minutes(30);

/// 0: cancelled.
Task<int> next_signal(asio::signal_set& signals) {
  int came = 0;
  {
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, Duration::max());
    const auto [error, number] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!error) came = number;
  }
  if (has_freeze_points) co_await freeze_point();
  co_return came;
}

}  // namespace

Task<void> Daemon::signal_loop(Pulse& /*pulse*/) {
  asio::signal_set signals(io_, SIGTERM, SIGINT, SIGHUP);
  for (;;) {
    const int number = co_await next_signal(signals);
    if (number == 0) co_return;
    (number == SIGHUP ? reload_bell_ : stop_bell_).ring();
  }
}

/// Apart from the signals: a reload that tries a certificate holds up no end.
Task<void> Daemon::reload_loop(Pulse& /*pulse*/) {
  for (;;) {
    if (has_freeze_points) co_await freeze_point();
    co_await reload_bell_.wait();
    auto done = co_await reload();  // told by reload() itself
    if (!done && done.error().code == Errc::busy) {
      reload_bell_.ring();  // the one under way may have read the files too early
      co_await pause(seconds(1));
      continue;
    }
    access_->note({.actor = "signal",
                   .action = "config.reload",
                   .target = base_.revision,
                   .outcome = done ? "done" : "refused"});
  }
}

Task<void> Daemon::state_loop(Pulse& /*pulse*/) {
  for (;;) {
    board_.put_anew(state_message(state(), clock_.new_id()));
    manager_.status(status_line(state()));
    show_properties();
    co_await alerts_->tell();
    co_await pause(milliseconds(200));  // several changes at once are told once
    co_await state_bell_.wait(alerts_->untold() ? Duration(seconds(2)) : tell_state_every);
  }
}

Task<void> Daemon::health_loop(Pulse& /*pulse*/) {
  for (;;) {
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
    release_free_memory();  // what was needed once in this minute: a handshake, somebody's question
  }
}

/// Keeps the figures of the outbox fresh, shows that the store answers, and prunes what is old.
Task<void> Daemon::store_loop(Pulse& /*pulse*/) {
  auto prune_at = clock_.uptime() + minutes(1);
  for (;;) {
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
      co_await prune_old(parts, base_.settings.retention);
    }
    co_await pause(look_at_store_every);
  }
}

/// Tells the bus that there is something new, at most five times a second.
Task<void> Daemon::change_loop(Pulse& /*pulse*/) {
  for (;;) {
    co_await change_bell_.wait();
    if (std::exchange(facts_changed_, false)) control_->tell_changed("facts");
    if (std::exchange(status_changed_, false)) control_->tell_changed("status");
    co_await pause(milliseconds(200));
  }
}

/// Looks every few seconds whether something stands still, and feeds the watchdog where nothing does.
Task<void> Daemon::watchdog_loop(Pulse& /*pulse*/) {
  const bool fed = manager_.watchdog_interval() > Duration{0};
  const auto every = fed ? std::min(look_at_loops_every, manager_.watchdog_interval()) : look_at_loops_every;
  auto due = clock_.uptime();
  bool held_up = false;
  for (;;) {
    // Where we come late ourselves, the whole process was held up (a virtual machine that was saved), and
    // everybody else is only about to go on.
    // Once in a row: what goes on so is no hold-up.
    held_up = !held_up && clock_.uptime() - due > std::chrono::seconds(2);
    looked_at_ = clock_.uptime();
    watchdog_missed_.reset();
    for (auto& thread : threads_) thread.look();
    if (cloud_) cloud_->look();
    if (!held_up) {
      auto late = find_late();
      if (late != late_ && !late.empty()) {
        log_.write(Level::error, "\"" + late.front() + "\" stands still; the watchdog is not fed",
                   {{"LOOP", late.front()}});
      }
      const bool changed = late != late_;
      late_ = std::move(late);
      if (changed) on_status_changed();
    }
    if (late_.empty()) manager_.feed_watchdog();
    while (freezes_at("thread io")) ::pause();  // pause(2); in a test build only
    due = clock_.uptime() + every;
    co_await pause(every);
  }
}

std::vector<std::string> Daemon::find_late() const {
  auto late = loops_.late();
  const auto add = [&](std::vector<std::string> more) { late.insert(late.end(), more.begin(), more.end()); };
  if (cloud_) add(cloud_->late());
  add(access_->late());
  add(support_->late());
  add(config_->late());
  for (const auto& source : sources_->all()) add(source->late());
  for (const auto& thread : threads_) {
    if (thread.late()) late.push_back(thread.name());
  }
  return late;
}

/// As the watchdog saw it last, who must not be the one that stands still. After a hold-up of the whole
/// process others may ask before it has come round, so it has to be missed twice.
std::vector<std::string> Daemon::late_loops() const {
  const auto now = clock_.uptime();
  const bool missed = ready_ && now - looked_at_ > look_at_loops_every + Pulse::patience - seconds(2);
  if (!missed) return late_;
  if (!watchdog_missed_) watchdog_missed_ = now;
  if (now - *watchdog_missed_ < seconds(1)) return late_;
  return {"watchdog"};
}

}  // namespace gatehouse
