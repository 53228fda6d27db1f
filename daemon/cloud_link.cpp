#include "daemon/cloud_link.hpp"

#include "daemon/app/gateway_state.hpp"
#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

constexpr Duration farewell_limit = std::chrono::milliseconds(1500);

Result<MqttSecrets> read_mqtt_secrets(const Cloud& cloud) {
  MqttSecrets secrets;
  if (cloud.tls.key) {
    auto key = read_secret(*cloud.tls.key);
    if (!key) return within("cloud.tls.key", key.error());
    secrets.key_pem = std::move(*key);
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
  options.secrets = [cloud] { return read_mqtt_secrets(cloud); };
  return options;
}

}  // namespace

std::string topic_root(const Settings& settings) {
  return settings.cloud->topic_root + '/' + settings.gateway.tenant + '/' + settings.gateway.id;
}

CloudLink::CloudLink(const Settings& settings, Parts parts)
    : parts_(std::move(parts)),
      uplink_(parts_.executor, options_of(settings, parts_)),
      forwarder_(settings.cloud->outbox.inflight, {.executor = parts_.executor,
                                                   .store = parts_.store,
                                                   .uplink = uplink_,
                                                   .clock = parts_.clock,
                                                   .log = parts_.log,
                                                   .alerts = parts_.alerts}),
      loops_(parts_.executor, parts_.clock, parts_.log) {}

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
  told_ = Errc::cancelled;
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
  parts_.board.on_down();
  forwarder_.on_down();
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
