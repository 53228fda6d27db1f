#include "daemon/lan_side.hpp"

#include <fstream>
#include <iterator>
#include <utility>

#include "connectors/feed/feed_lines.hpp"
#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

constexpr Duration lan_retry = std::chrono::seconds(30);

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

LanSide::LanSide(Parts parts) : parts_(std::move(parts)), desk_(parts_.desk), bell_(parts_.executor) {}

Task<void> LanSide::loop(Pulse& /*pulse*/) {
  for (;;) {
    co_await round();
    co_await bell_.wait(lan_retry);
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
  const auto key = read_secret(wanted->key);
  Asked asked{.settings = *wanted,
              .secrets = hash_text(key ? *key : key.error().detail, hash_text(contents(wanted->cert)))};
  if (server_ && asked_ == asked) co_return;
  auto opened = open(*wanted, key);
  if (!opened) {
    tell(opened.error());
    co_return;
  }
  // What could not be put in force is tried again and again; what could is served from here on.
  if (server_ && opened->fault && tried_ == asked) co_return;
  tried_ = asked;
  asked_ = opened->fault ? std::nullopt : std::optional(std::move(asked));
  auto before = std::exchange(server_, std::move(opened->server));
  server_->start();
  tell(opened->fault ? Result<void>(*opened->fault) : Result<void>());
  parts_.desk.log.write(Level::info, "the LAN interface listens at port " + std::to_string(server_->port()));
  if (before == nullptr) co_return;
  leaving_.push_back(std::move(before));
  co_await let_leave();
}

/// Those that were replaced end what they have begun. Where this is cut short, stop() goes on with it.
Task<void> LanSide::let_leave() {
  while (!leaving_.empty()) {
    const bool strictly = !server_ || !server_->same_clients(*leaving_.front());
    co_await leaving_.front()->retire(strictly);
    leaving_.pop_front();
  }
}

Result<LanServer::Succession> LanSide::open(const LanApi& settings, const Result<std::string>& key) {
  const LanServer::Parts parts{.executor = parts_.executor,
                               .worker = parts_.worker,
                               .desk = desk_,
                               .check_feed = [] { return std::make_unique<FeedLines>(); },
                               .clock = parts_.desk.clock,
                               .log = parts_.desk.log};
  const auto named = [&] { return key ? key : Result<std::string>(within("lan_api.tls.key", key.error())); };
  if (server_) return LanServer::succeed(*server_, settings, named(), parts);
  if (!key) return within("lan_api.tls.key", key.error());
  auto server = LanServer::open(settings, *key, parts);
  if (!server) return within("lan_api", server.error());
  LanServer::Succession first;
  first.server = std::move(*server);
  return first;
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
  parts_.desk.log.write(Level::error, (server_ ? "the LAN interface goes on with what was in force before: "
                                               : "the LAN interface does not listen: ") +
                                          detail);
  parts_.alerts.raise({.kind = "lan",
                       .subject = "listener",
                       .detail = detail,
                       .hint = "mend what is named; it is tried again by itself"});
}

Task<void> LanSide::close() {
  asked_.reset();
  tried_.reset();
  if (!server_) {
    co_await let_leave();
    co_return;
  }
  leaving_.push_back(std::move(server_));
  co_await let_leave();
}

Task<void> LanSide::stop() {
  co_await close();
  co_await desk_.stop();
}

}  // namespace gatehouse
