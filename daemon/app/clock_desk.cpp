#include "daemon/app/clock_desk.hpp"

#include <utility>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t longest_reason = 200;

}  // namespace

std::string ClockDesk::show() const {
  JsonWriter json;
  json.begin_object();
  json.member("clock", parts_.clock.quality() == ClockQuality::ok ? "ok" : "unsynced");
  json.member("time", format_utc(parts_.floored.wall()));
  json.member("floor", format_utc(parts_.floored.floor()));
  json.end_object();
  return json.take();
}

Task<Result<std::string>> ClockDesk::reset(std::string reason, std::string by) {
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos || reason.size() > longest_reason)
    co_return Error{Errc::invalid, "a reason of 1 to 200 characters is needed"};
  const auto floor = parts_.floored.floor();  // first: it goes with the wall clock
  const auto wall = parts_.floored.wall();
  if (wall >= floor)
    co_return Error{Errc::refused,
                    "the host's clock does not stand before the floor, so there is nothing to reset; a clock "
                    "that was stepped is trusted again after ten minutes"};
  JsonWriter detail;
  detail.begin_object().member("reason", reason).member("floor", format_utc(floor)).end_object();
  AuditEntry audit{.actor = by,
                   .action = "clock.reset",
                   .target = "gateway",
                   .outcome = format_utc(wall),
                   .detail = detail.take(),
                   .person = std::nullopt};
  parts_.floored.believe_wall();
  auto kept = co_await parts_.store.lower_floor(std::move(audit));
  if (!kept) {
    parts_.floored.never_before(floor);
    co_return within("keep the clock's new floor", kept.error());
  }
  parts_.log.write(Level::warning, "the clock's floor was lowered from " + format_utc(floor) + " to " +
                                       format_utc(wall) + " by " + by + ": " + reason);
  co_return show();
}

}  // namespace gatehouse
