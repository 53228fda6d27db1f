#include "daemon/control/control_service.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sdbus-c++/Error.h>
#include <unistd.h>

#include "daemon/control/bus_address.hpp"
#include "daemon/control/bus_link.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/control/bus_probe.hpp"
#include "daemon/control/control_object.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr Duration first_pause = 250ms;
constexpr Duration longest_pause = 10s;
constexpr auto stable = 10s;
constexpr Duration patience_with_bus = 3s;
constexpr auto for_ever = std::chrono::steady_clock::time_point::max();

std::vector<std::string> changed_names(const PublicStatus& a, const PublicStatus& b) {
  std::vector<std::string> names;
  if (a.version != b.version) names.emplace_back("Version");
  if (a.ready != b.ready) names.emplace_back("Ready");
  if (a.status != b.status) names.emplace_back("Status");
  if (a.config_revision != b.config_revision) names.emplace_back("ConfigRevision");
  if (a.reload_error != b.reload_error) names.emplace_back("ReloadError");
  if (a.cloud_connected != b.cloud_connected) names.emplace_back("CloudConnected");
  return names;
}

}  // namespace

class ControlService::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::any_io_executor executor, Bus bus, Polkit polkit, Parts parts)
      : executor_(std::move(executor)),
        bus_(std::move(bus)),
        state_(std::make_shared<ControlState>(ControlState{.console = parts.console,
                                                           .access = parts.access,
                                                           .more = std::move(parts.more),
                                                           .audit = std::move(parts.audit),
                                                           .log = parts.log,
                                                           .status = {},
                                                           .household = {geteuid(), std::nullopt, polkit},
                                                           .stopping = false,
                                                           .under_way = {},
                                                           .acting = 0,
                                                           .on_idle = {}})),
        retry_(executor_),
        ended_(executor_, for_ever) {}

  void start() {
    if (bus_.kind == Bus::Kind::none || running_) return;
    running_ = true;
    auto ended = [self = shared_from_this()](std::exception_ptr thrown) {
      self->running_ = false;
      self->object_ = nullptr;
      self->link_ = nullptr;
      self->ended_.cancel();
      if (thrown && !self->state_->stopping) std::rethrow_exception(thrown);
    };
    asio::co_spawn(executor_, run(shared_from_this()),
                   asio::bind_cancellation_slot(loop_.slot(), std::move(ended)));
  }

  Task<void> stop() {
    const auto self = shared_from_this();
    state_->stopping = true;
    if (!state_->under_way.empty()) {
      asio::steady_timer idle(executor_, for_ever);
      state_->on_idle = [&idle] { idle.cancel(); };
      for (auto& signal : state_->under_way) signal.emit(asio::cancellation_type::terminal);
      co_await idle.async_wait(asio::as_tuple(asio::use_awaitable));
      state_->on_idle = nullptr;
    }
    if (link_) leave();
    if (!running_) co_return;
    loop_.emit(asio::cancellation_type::terminal);
    if (!running_) co_return;
    co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  void set_properties(PublicStatus status) {
    const auto changed = changed_names(state_->status, status);
    state_->status = std::move(status);
    if (changed.empty() || !object_) return;
    try {
      object_->tell_changed(changed);
    } catch (const sdbus::Error&) {
      link_->kick();  // a lost connection; serve() finds out and says so
    }
  }

  void tell_changed(const std::string& what) {
    if (!object_) return;
    try {
      object_->tell_news(what);
    } catch (const sdbus::Error&) {
      link_->kick();
    }
  }

  void set_polkit(Polkit polkit) { state_->household.polkit = polkit; }

 private:
  static Task<void> run(std::shared_ptr<Implementation> self) {
    Duration pause = first_pause;
    while (!self->state_->stopping) {
      const auto began = std::chrono::steady_clock::now();
      const auto why = co_await self->serve_once();
      if (self->state_->stopping) break;
      self->tell(why);
      if (std::chrono::steady_clock::now() - began > stable) pause = first_pause;
      self->retry_.expires_after(pause);
      pause = std::min(pause * 2, longest_pause);
      co_await self->retry_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  /// Until the connection is lost or could not be made.
  Task<Error> serve_once() {
    const auto address = bus_address(bus_, read_bus_environment());
    if (!address) co_return address.error();
    const auto alive = co_await probe_bus(*address, patience_with_bus);
    if (!alive) co_return alive.error();
    if (state_->stopping) co_return Error{Errc::cancelled, "stopping"};
    const auto link = BusLink::open(executor_, *address);
    if (!link) co_return link.error();
    const auto announced = announce(*link);
    if (!announced) co_return announced.error();
    auto why = co_await (*link)->serve();
    object_ = nullptr;
    link_ = nullptr;
    co_return why;
  }

  Result<void> announce(const std::shared_ptr<BusLink>& link) {
    try {
      auto object = ControlObject::make(link, state_);
      link->bus().requestName(bus_names::service);
      link_ = link;
      object_ = std::move(object);
    } catch (const sdbus::Error& error) {
      link->close();
      return Error{Errc::refused, std::string("the bus does not give us the name ") + bus_names::service +
                                      ": " + error.getMessage() +
                                      " (is another gatehoused running, or org.gatehouse.Gateway1.conf not "
                                      "installed with the bus's policies?)"};
    }
    state_->log.write(Level::info, "offered on D-Bus", {{"BUS_NAME", bus_names::service}});
    last_trouble_.clear();
    return {};
  }

  void leave() {
    try {
      link_->bus().releaseName(bus_names::service);
    } catch (const sdbus::Error&) {
      // The bus is gone, and the name with it.
    }
    link_->close();
  }

  /// Each trouble once, not at every try.
  void tell(const Error& why) {
    if (why.detail == last_trouble_) return;
    last_trouble_ = why.detail;
    state_->log.write(Level::warning, "not on D-Bus, so the command line cannot reach the daemon: " +
                                          why.detail + "; trying again for ever");
  }

  asio::any_io_executor executor_;
  Bus bus_;
  std::shared_ptr<ControlState> state_;
  std::shared_ptr<BusLink> link_;
  std::shared_ptr<ControlObject> object_;
  asio::cancellation_signal loop_;
  asio::steady_timer retry_;
  asio::steady_timer ended_;  ///< never expires; cancelled when the loop has ended
  bool running_ = false;
  std::string last_trouble_;
};

ControlService::ControlService(asio::any_io_executor executor, Bus bus, Polkit polkit, Parts parts)
    : implementation_(
          std::make_shared<Implementation>(std::move(executor), std::move(bus), polkit, std::move(parts))) {}

ControlService::~ControlService() = default;

void ControlService::start() {
  implementation_->start();
}

Task<void> ControlService::stop() {
  return implementation_->stop();
}

void ControlService::set_properties(PublicStatus status) {
  implementation_->set_properties(std::move(status));
}

void ControlService::tell_changed(const std::string& what) {
  implementation_->tell_changed(what);
}

void ControlService::set_polkit(Polkit polkit) {
  implementation_->set_polkit(polkit);
}

}  // namespace gatehouse
