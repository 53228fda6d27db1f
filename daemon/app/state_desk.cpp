#include "daemon/app/state_desk.hpp"

#include <utility>

#include "daemon/app/wakeup.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr Duration look_often = std::chrono::seconds(5);
constexpr Duration first_look = std::chrono::minutes(10);
constexpr Duration between_looks = std::chrono::hours(24);
/// A disk that goes on failing must not make the daemon do nothing but start.
constexpr Duration between_restarts = std::chrono::hours(1);

const Alert damaged{
    .kind = "store",
    .subject = "damaged",
    .detail = "a page of the store is not as it was written: the disk or the memory is at fault",
    .hint = "look at the disk (dmesg, smartctl); the next start of gatehouse salvages what is whole",
    .since = {}};

}  // namespace

Task<Result<std::string>> StateDesk::show() {
  auto asked = parts_.salvage.salvage_state();
  const Result<SalvageState> state = co_await std::move(asked);
  if (!state) co_return state.error();
  JsonWriter json;
  json.begin_object().key("salvage");
  state->report.empty() ? json.null() : json.raw(state->report);
  json.key("locked_down");
  state->doubt.empty() ? json.null() : json.value(state->doubt);
  json.member("newcomers_disabled", state->newcomers_doubted).key("doubted_people").begin_array();
  for (const auto& person : state->doubted_people) json.value(person.value());
  json.end_array().end_object();
  co_return json.take();
}

Task<Result<std::string>> StateDesk::accept(std::string by) {
  auto asked = parts_.salvage.accept_salvage(std::move(by));
  const Result<SalvageAccepted> done = co_await std::move(asked);
  if (!done) co_return done.error();
  parts_.alerts.over("store", "salvage");
  parts_.alerts.over("store", "restore");
  parts_.accepted();
  parts_.news();
  JsonWriter json;
  json.begin_object().member("accepted", true).member("enabled", done->enabled).end_object();
  co_return json.take();
}

Task<Result<std::string>> StateDesk::check_pages() {
  auto asked = parts_.salvage.look_at_pages();
  const Result<PageLook> look = co_await std::move(asked);
  if (!look) co_return look.error();
  JsonWriter json;
  json.begin_object().member("pages", std::uint64_t{look->pages}).end_object();
  co_return json.take();
}

Task<void> StateDesk::loop(Pulse& /*pulse*/) {
  const Uptime began = parts_.clock.uptime();
  Uptime next = began + first_look;
  bool told = false;
  parts_.alerts.over(damaged.kind, damaged.subject);  // this start has looked, and salvaged
  for (;;) {
    co_await pause(look_often);
    const Uptime now = parts_.clock.uptime();
    if (now >= next) {
      next = now + between_looks;
      auto asked = check_pages();
      const Result<std::string> look = co_await std::move(asked);
      if (!look) parts_.log.write(Level::error, "the store's pages: " + look.error().detail);
    }
    if (!parts_.salvage.damaged()) continue;
    if (!std::exchange(told, true)) {
      parts_.log.write(Level::error, damaged.detail);
      parts_.alerts.raise(damaged);
      parts_.news();
    }
    if (now - began < between_restarts) continue;
    parts_.restart();
    co_return;
  }
}

}  // namespace gatehouse
