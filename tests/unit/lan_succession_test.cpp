// The LAN interface goes from one configuration to the next without turning anybody away.

#include <atomic>
#include <thread>

#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/lan_case.hpp"

namespace gatehouse::test {
namespace {

/// A kiosk here asks as fast as it can.
LanTuning no_limits() {
  LanTuning tuning;
  tuning.rates.client = {1'000'000, std::chrono::seconds(1)};
  tuning.rates.connection = {1'000'000, std::chrono::seconds(1)};
  return tuning;
}

struct LanChange {
  LanChange() {
    settings.listen = {"127.0.0.1", 0};  // as the case has it
    settings.cert = lan.files.cert.string();
    settings.clients = {{.id = LanClientId("reception"),
                         .token_sha256 = sha256_hex(lan_token),
                         .access_points = {AccessPointId("reception")},
                         .feeds = {IntegrationId("cctv")},
                         .muster = true,
                         .walk_ins = false}};
  }

  /// As LanSide does it. What of the settings is not in force.
  std::optional<Error> change(Result<std::string> key) {
    auto changing = [](LanChange* self, Result<std::string> with) -> Task<std::optional<Error>> {
      auto& lan = self->lan;
      auto next = LanServer::succeed(*lan.server, self->settings, with,
                                     {.executor = lan.io().get_executor(),
                                      .worker = lan.io().get_executor(),
                                      .desk = lan.desk,
                                      .check_feed = {},
                                      .clock = lan.clock,
                                      .log = lan.log},
                                     no_limits());
      if (!next) co_return next.error();
      auto before = std::exchange(lan.server, std::move(next->server));
      lan.server->start();
      co_await before->retire(!lan.server->same_clients(*before));
      co_return next->fault;
    };
    return boost::asio::co_spawn(lan.io(), changing(this, std::move(key)), boost::asio::use_future).get();
  }
  int health() const { return lan.ask(LanCase::request("GET /v1/health")).status; }

  LanCase lan{no_limits()};
  LanApi settings;
};

}  // namespace

TEST_CASE("certs: another certificate, and nobody is turned away meanwhile", "[lan][certificate]") {
  LanChange it;
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::atomic<int> last_status = 200;
  const auto port = it.lan.port;
  std::thread kiosk([&] {
    while (!stop) {
      const int status = it.health();
      ++(status == 200 ? answered : failed);
      if (status != 200) last_status = status;
    }
  });
  for (int i = 0; i < 5; ++i) {
    const auto files = it.lan.authority.issue_server("next" + std::to_string(i));
    it.settings.cert = files.cert.string();
    const auto fault = it.change(files.key_pem());
    INFO((fault ? fault->detail : ""));
    CHECK_FALSE(fault);
  }
  stop = true;
  kiosk.join();
  CHECK(it.lan.server->port() == port);
  CHECK(answered > 0);
  INFO("answered " << answered << ", the last other status: " << last_status);
  CHECK(failed == 0);
  CHECK(it.health() == 200);
}

TEST_CASE("certs: a bad certificate leaves the old one, but not the old list of clients",
          "[lan][certificate]") {
  LanChange it;
  REQUIRE(it.health() == 200);
  it.settings.clients.clear();
  SECTION("a key that cannot be read") {
    const auto fault = it.change(Error{Errc::invalid, "no such key"});
    REQUIRE(fault);
    CHECK(fault->detail == "no such key");
  }
  SECTION("another's key") {
    const auto fault = it.change(it.lan.authority.issue_server("other").key_pem());
    REQUIRE(fault);
    CHECK(fault->detail.find("lan_api.tls.key") != std::string::npos);
  }
  CHECK(it.health() == 401);  // served, and not let in
}

TEST_CASE("An address that cannot be listened on leaves the old one", "[lan]") {
  LanChange it;
  const auto port = it.lan.port;
  LanCase taken;
  it.settings.listen.port = taken.port;
  const auto fault = it.change(it.lan.files.key_pem());
  REQUIRE(fault);
  CHECK(fault->detail.find("lan_api.listen") != std::string::npos);
  CHECK(it.lan.server->port() == port);
  CHECK(it.health() == 200);
}

}  // namespace gatehouse::test
