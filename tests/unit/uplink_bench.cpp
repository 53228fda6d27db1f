#include "tests/unit/uplink_bench.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>

namespace gatehouse::test {

using namespace std::chrono_literals;

UplinkBench::UplinkBench(TestAuthority& authority, std::uint16_t port) {
  const CertificateFiles client = authority.issue_client("acme.hq-01");
  Cloud& cloud = options.cloud;
  cloud.host = "127.0.0.1";
  cloud.port = port;
  cloud.client_id = "acme.hq-01";
  cloud.tls.ca = authority.ca().string();
  cloud.tls.cert = client.cert.string();
  options.root = "gatehouse/v1/acme/hq-01";
  options.last_will = [] { return std::string(R"({"online":false})"); };
  options.secrets = [client] {
    MqttSecrets secrets;
    secrets.key_pem = client.key_pem();
    return Result<MqttSecrets>(secrets);
  };
  options.timing.backoff.first = 5ms;
  options.timing.backoff.most = 20ms;
  options.timing.connect = 5s;
  options.timing.tick = 20ms;
}

UplinkBench::~UplinkBench() = default;

void UplinkBench::start() {
  uplink_ = std::make_unique<MqttUplink>(io_.get_executor(), options);
  uplink_->start(*this);
}

bool UplinkBench::run_until(const std::function<bool()>& holds) {
  const auto work = boost::asio::make_work_guard(io_);
  const auto end = std::chrono::steady_clock::now() + 40s;  // 66,000 messages under a sanitizer
  io_.restart();
  while (!holds()) {
    if (io_.run_one_until(end) == 0) return holds();
  }
  return true;
}

bool UplinkBench::stop(Outgoing farewell, std::chrono::milliseconds limit) {
  const auto before = std::chrono::steady_clock::now();
  bool stopped = false;
  auto stopping = [&]() -> Task<void> {
    co_await uplink_->stop(farewell, limit);
    stopped = true;
  };
  boost::asio::co_spawn(io_, stopping, boost::asio::detached);
  return run_until([&] { return stopped; }) && std::chrono::steady_clock::now() - before < limit + 500ms;
}

void UplinkBench::on_up(LinkTerms given) {
  ++ups;
  terms = given;
  if (when_up) when_up();
}

void UplinkBench::on_outcomes(std::vector<PublishOutcome> given) {
  outcomes.insert(outcomes.end(), given.begin(), given.end());
}

Outgoing numbered(std::int64_t token, std::string payload) {
  Outgoing message;
  message.token = token;
  message.topic = "up/access";
  message.payload = std::move(payload);
  return message;
}

}  // namespace gatehouse::test
