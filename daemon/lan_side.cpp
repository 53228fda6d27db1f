#include "daemon/lan_side.hpp"

#include <fstream>
#include <iterator>

#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

constexpr Duration look_again = std::chrono::seconds(30);

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

LanSide::LanSide(Parts parts) : parts_(std::move(parts)), desk_(parts_.desk), bell_(parts_.executor) {}

Task<void> LanSide::loop(Pulse& pulse) {
  for (;;) {
    pulse.expect_within(look_again + std::chrono::minutes(1));
    co_await round();
    co_await bell_.wait(look_again);
  }
}

Task<void> LanSide::round() {
  const auto wanted = parts_.desk.settings.lan_api;
  if (!wanted) {
    co_await close();
    parts_.alerts.over("lan", "listener");
    co_return;
  }
  if (!loaded_) {
    auto loaded = co_await desk_.load();
    loaded_ = loaded.ok();
    if (!loaded) {
      tell(loaded);
      co_return;
    }
  }
  auto key = read_secret(wanted->key);
  if (!key) {
    tell(within("lan_api.tls.key", key.error()));
    co_return;
  }
  Asked asked{.settings = *wanted, .secrets = hash_text(*key, hash_text(contents(wanted->cert)))};
  if (server_ && asked_ == asked) co_return;
  co_await close();
  auto opened = open(*wanted);
  if (opened) asked_ = std::move(asked);
  tell(opened);
}

Result<void> LanSide::open(const LanApi& settings) {
  auto key = read_secret(settings.key);
  if (!key) return within("lan_api.tls.key", key.error());
  auto server = LanServer::open(settings, *key,
                                {.executor = parts_.executor,
                                 .worker = parts_.worker,
                                 .desk = desk_,
                                 .clock = parts_.desk.clock,
                                 .log = parts_.desk.log});
  if (!server) return within("lan_api", server.error());
  server_ = std::move(*server);
  server_->start();
  parts_.desk.log.write(Level::info, "the LAN interface listens at port " + std::to_string(server_->port()));
  return {};
}

void LanSide::tell(const Result<void>& how) {
  if (how) {
    told_.clear();
    parts_.alerts.over("lan", "listener");
    return;
  }
  const auto& detail = how.error().detail;
  if (told_ == detail) return;
  told_ = detail;
  parts_.desk.log.write(Level::error, "the LAN interface does not listen: " + detail);
  parts_.alerts.raise({.kind = "lan",
                       .subject = "listener",
                       .detail = detail,
                       .hint = "mend what is named; it is tried again by itself"});
}

Task<void> LanSide::close() {
  asked_.reset();
  if (!server_) co_return;
  co_await server_->stop();  // where that is cut short, stop() goes on with it
  server_.reset();
}

Task<void> LanSide::stop() {
  co_await close();
}

}  // namespace gatehouse
