#include "connectors/mqtt/mqtt_uplink.hpp"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "connectors/mqtt/link_engine.hpp"
#include "connectors/mqtt/mailbox.hpp"

namespace gatehouse {
namespace {

/// What the mqtt thread may see of the options: values only.
MqttOptions values_of(const MqttOptions& options) {
  MqttOptions values;
  values.cloud = options.cloud;
  values.root = options.root;
  values.timing = options.timing;
  return values;
}

template <typename... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overload(Ts...) -> Overload<Ts...>;

}  // namespace

struct MqttUplink::State {
  State(boost::asio::any_io_executor io, MqttOptions given)
      : options(std::move(given)), ended(std::move(io)) {}

  void take(LinkEvent&& event);
  Result<Attempt> prepare() const;
  /// After the engine's stop(): waits for the thread, or leaves it alone where it hangs in a name look-up.
  void part();

  MqttOptions options;
  boost::asio::steady_timer ended;  ///< cancelled when the thread says that it ends
  bool has_ended = false;
  UplinkListener* listener = nullptr;
  std::shared_ptr<Mailbox> mailbox;
  std::shared_ptr<LinkEngine> engine;
  std::thread thread;
};

void MqttUplink::State::take(LinkEvent&& event) {
  std::visit(Overload{[&](LinkUp& up) { listener->on_up(up.terms); },
                      [&](LinkDown& down) { listener->on_down(std::move(down.why)); },
                      [&](LinkOutcomes& sent) { listener->on_outcomes(std::move(sent.outcomes)); },
                      [&](LinkMessage& arrived) { listener->on_message(std::move(arrived.message)); },
                      [&](AttemptWanted&) { engine->proceed(prepare()); },
                      [&](LinkStopped&) {
                        has_ended = true;
                        ended.cancel();
                      }},
             event);
}

Result<Attempt> MqttUplink::State::prepare() const {
  Attempt attempt;
  if (options.last_will) attempt.will = options.last_will();
  if (options.secrets) {
    auto secrets = options.secrets();
    if (!secrets) return within("read the secrets of the cloud link", secrets.error());
    attempt.secrets = std::move(*secrets);
  }
  return attempt;
}

void MqttUplink::State::part() {
  mailbox->close();
  if (!thread.joinable()) return;
  if (engine->hangs()) {
    thread.detach();  // it holds what it needs, and can reach nothing of ours through a closed mailbox
  } else {
    thread.join();
  }
}

MqttUplink::MqttUplink(const boost::asio::any_io_executor& io, MqttOptions options)
    : state_(std::make_shared<State>(io, std::move(options))) {
  // The mailbox is closed before the state goes away, so a plain pointer will do.
  state_->mailbox = std::make_shared<Mailbox>(
      io, [state = state_.get()](LinkEvent&& event) { state->take(std::move(event)); });
  std::random_device chance;
  const std::uint64_t seed = (std::uint64_t{chance()} << 32) | chance();
  state_->engine = std::make_shared<LinkEngine>(values_of(state_->options), state_->mailbox, seed);
}

MqttUplink::~MqttUplink() {
  if (state_->thread.joinable()) state_->engine->stop(std::nullopt, Duration{0});
  state_->part();
}

void MqttUplink::start(UplinkListener& listener) {
  state_->listener = &listener;
  state_->thread = std::thread([engine = state_->engine] { engine->run(); });
}

void MqttUplink::post(std::function<void()> word) {
  state_->engine->post(std::move(word));
}

bool MqttUplink::looks_up() const {
  return state_->engine->hangs();
}

void MqttUplink::publish(std::vector<Outgoing> messages) {
  state_->engine->publish(std::move(messages));
}

void MqttUplink::reconnect(std::string why) {
  state_->engine->reconnect(std::move(why));
}

void MqttUplink::hurry() {
  state_->engine->hurry();
}

void MqttUplink::expect_takeover(bool expected) {
  state_->engine->expect_takeover(expected);
}

Task<void> MqttUplink::stop(Outgoing farewell, Duration limit) {
  auto state = state_;
  if (!state->thread.joinable()) co_return;
  if (!state->has_ended) {
    // The farewell's PUBACK gets the larger part; the rest is for the DISCONNECT and the thread's end.
    state->engine->stop(std::move(farewell), limit * 3 / 4);
    state->ended.expires_after(limit);
    boost::system::error_code cut_short;
    co_await state->ended.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cut_short));
  }
  state->part();
}

}  // namespace gatehouse
