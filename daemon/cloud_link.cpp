#include "daemon/cloud_link.hpp"

#include "daemon/app/gateway_state.hpp"
#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

constexpr Duration farewell_limit = std::chrono::milliseconds(900);  ///< the service stops within a second
constexpr Duration beside_limit = std::chrono::seconds(10);          ///< for a new certificate to get in
constexpr Duration beside_farewell = std::chrono::milliseconds(300);
constexpr Duration follow_limit = std::chrono::seconds(8);  ///< for the link to come back with it

/// True while it lives.
class While {
 public:
  While(bool& flag, MqttUplink& uplink) : flag_(flag), uplink_(uplink) { set(true); }
  ~While() { set(false); }
  While(const While&) = delete;
  While& operator=(const While&) = delete;

 private:
  void set(bool on) {
    flag_ = on;
    uplink_.expect_takeover(on);
  }
  bool& flag_;
  MqttUplink& uplink_;
};

Result<MqttSecrets> read_mqtt_secrets(const Cloud& cloud, const std::optional<ClientIdentity>& identity) {
  MqttSecrets secrets;
  if (identity) {
    secrets.cert_pem = identity->cert_pem;
    secrets.key_pem = identity->key_pem;
  }
  if (cloud.password) {
    auto password = read_secret(*cloud.password);
    if (!password) return within("cloud.password", password.error());
    secrets.password = std::move(*password);
  }
  return secrets;
}

MqttOptions options_of(const Settings& settings, const CloudLink::Parts& parts) {
  const Cloud cloud = *settings.cloud;
  MqttOptions options;
  options.cloud = cloud;
  options.root = topic_root(settings);
  options.last_will = [&board = parts.board, &clock = parts.clock, gateway = parts.gateway] {
    return board.outgoing(offline_message(clock.new_id(), clock.now(), gateway)).payload;
  };
  options.secrets = [cloud, &shown = parts.identity]() -> Result<MqttSecrets> {
    auto identity = shown.next();
    if (!identity) return identity.error();
    return read_mqtt_secrets(cloud, *identity);
  };
  return options;
}

}  // namespace

/// Waits for the first word of a connection beside the real one.
class CloudLink::FirstWord final : public UplinkListener {
 public:
  /// `place` points to it as long as it lives.
  FirstWord(const boost::asio::any_io_executor& executor, FirstWord*& place)
      : place_(place), bell_(executor) {
    place_ = this;
  }
  ~FirstWord() { place_ = nullptr; }
  FirstWord(const FirstWord&) = delete;
  FirstWord& operator=(const FirstWord&) = delete;

  void on_up(LinkTerms) override { say({}); }
  void on_down(Error why) override { say(std::move(why)); }
  void on_outcomes(std::vector<PublishOutcome>) override {}
  void on_message(Incoming) override {}
  Task<Result<void>> wait(Duration limit) {
    if (!said_) co_await bell_.wait(limit);
    if (!said_) co_return Error{Errc::timeout, "the broker says nothing to it"};
    co_return *said_;
  }
  void say(Result<void> word) {
    if (!said_) said_ = std::move(word);
    bell_.ring();
  }

 private:
  FirstWord*& place_;
  std::optional<Result<void>> said_;
  Wakeup bell_;
};

std::string topic_root(const Settings& settings) {
  return settings.cloud->topic_root + '/' + settings.gateway.tenant + '/' + settings.gateway.id;
}

CloudLink::CloudLink(const Settings& settings, Parts parts)
    : parts_(std::move(parts)),
      settings_(settings),
      up_bell_(parts_.executor),
      uplink_(parts_.executor, options_of(settings, parts_)),
      forwarder_(settings.cloud->outbox.inflight, {.executor = parts_.executor,
                                                   .store = parts_.store,
                                                   .uplink = uplink_,
                                                   .clock = parts_.clock,
                                                   .log = parts_.log,
                                                   .alerts = parts_.alerts,
                                                   .tallies = parts_.tallies}),
      thread_({.name = "thread mqtt",
               .post = [this](std::function<void()> word) { uplink_.post(std::move(word)); },
               .excused = [this] { return uplink_.looks_up(); }},
              parts_.clock),
      loops_(parts_.executor, parts_.clock, parts_.log) {}

std::vector<std::string> CloudLink::late() const {
  auto late = loops_.late();
  if (thread_.late()) late.push_back(thread_.name());
  return late;
}

void CloudLink::start() {
  forwarder_.start(loops_);
  uplink_.start(*this);
}

Task<void> CloudLink::stop() {
  parts_.board.on_down();
  co_await loops_.stop();
  auto farewell =
      parts_.board.outgoing(offline_message(parts_.clock.new_id(), parts_.clock.now(), parts_.gateway));
  co_await uplink_.stop(std::move(farewell), farewell_limit);
  co_await forwarder_.flush();
}

void CloudLink::on_up(LinkTerms terms) {
  since_ = parts_.clock.now();
  last_failure_.reset();
  told_ = Errc::cancelled;
  parts_.identity.on_up();
  up_bell_.ring();
  parts_.log.write(Level::info, "connected to the cloud; " + std::to_string(terms.receive_maximum) +
                                    " messages may be on their way at a time");
  parts_.alerts.over("cloud", "broker");
  parts_.changed();
  parts_.board.on_up(uplink_);
  forwarder_.on_up();
}

void CloudLink::on_down(Error why) {
  const bool was_up = since_.has_value();
  since_.reset();
  last_failure_ = Failure{.why = why, .at = parts_.clock.uptime()};
  parts_.board.on_down();
  forwarder_.on_down();
  if (renewing_ && was_up) {  // by ourselves; it is back in a second
    taken_over_ = true;
    parts_.identity.on_lost();
    return parts_.changed();
  }
  if (was_up) parts_.identity.on_lost();
  if (!was_up && parts_.identity.on_failed(why))
    return uplink_.hurry();  // the old certificate is still there
  if (was_up || told_ != why.code) {
    parts_.log.write(Level::warning,
                     std::string(was_up ? "the cloud connection is lost: " : "no cloud connection: ") +
                         why.detail + "; news is kept until it is back");
  }
  told_ = why.code;
  if (why.code == Errc::unauthenticated || why.code == Errc::forbidden || why.code == Errc::tls ||
      why.code == Errc::refused || why.code == Errc::invalid) {
    parts_.alerts.raise({.kind = "cloud",
                         .subject = "broker",
                         .detail = why.detail,
                         .hint = "check cloud.tls, cloud.username and the broker's account of this gateway"});
  }
  if (was_up) parts_.changed();
}

/// The broker closes the old connection of a client id when a new one is let in: what is refused leaves the
/// old one alone.
Task<Result<void>> CloudLink::try_beside(ClientIdentity identity) {
  auto options = options_of(settings_, parts_);
  options.secrets = [cloud = *settings_.cloud, identity] { return read_mqtt_secrets(cloud, identity); };
  options.timing.connect = beside_limit;
  FirstWord word(parts_.executor, beside_word_);
  MqttUplink beside(parts_.executor, std::move(options));
  beside.start(word);
  auto how = co_await word.wait(beside_limit + std::chrono::seconds(1));
  auto farewell =
      parts_.board.outgoing(offline_message(parts_.clock.new_id(), parts_.clock.now(), parts_.gateway));
  co_await beside.stop(std::move(farewell), beside_farewell);
  co_return how;
}

void CloudLink::give_up_renewal() {
  giving_up_ = true;
  if (beside_word_ != nullptr) beside_word_->say(Error{Errc::cancelled, "the gateway is stopping"});
  up_bell_.ring();
}

Task<Result<bool>> CloudLink::renew(bool anew) {
  if (giving_up_) co_return false;
  auto untried = parts_.identity.untried(anew);
  if (!untried) co_return untried.error();
  if (!connected()) uplink_.hurry();
  if (!*untried || !connected()) co_return false;
  const While renewing(renewing_, uplink_);
  taken_over_ = false;
  auto trying = try_beside(**untried);
  auto how = co_await std::move(trying);
  parts_.identity.on_tried(**untried, how);
  if (!how) co_return how.error();
  up_bell_.hush();
  if (!taken_over_) uplink_.reconnect("the certificate was renewed");
  uplink_.hurry();
  for (const auto end = parts_.clock.uptime() + follow_limit; parts_.clock.uptime() < end;) {
    co_await up_bell_.wait(std::chrono::milliseconds(500));
    if (connected() || giving_up_) break;
    uplink_.hurry();
  }
  co_return true;
}

void CloudLink::on_message(Incoming message) {
  if (parts_.command) return parts_.command(std::move(message));
  parts_.log.write(Level::warning, "a message on " + message.topic +
                                       " was ignored: " + std::to_string(message.payload.size()) + " bytes" +
                                       (message.retained ? ", retained" : ""));
}

void CloudLink::send(const Message& message) {
  if (!connected()) return;
  auto out = parts_.board.outgoing(message);
  out.retain = false;
  out.urgent = false;
  out.correlation = message.correlation;
  std::vector<Outgoing> batch;
  batch.push_back(std::move(out));
  uplink_.publish(std::move(batch));
}

}  // namespace gatehouse
