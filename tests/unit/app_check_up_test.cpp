// The check-up as a whole: everything at once, in a bounded time, one at a time.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "daemon/app/check_up.hpp"
#include "tests/unit/scripted_https.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

class FewSources final : public IntegrationDesk {
 public:
  const Integration* configured(const IntegrationId&) const override { return nullptr; }
  std::vector<Integration> all_configured() const override { return {}; }
  PeopleSync* people_of(const IntegrationId&) override { return nullptr; }
  IntegrationStatus status_of(const IntegrationId& id) const override {
    IntegrationStatus status;
    status.id = id.value();
    status.judged.state = id.value() == "off" ? IntegrationState::disabled : IntegrationState::unreachable;
    return status;
  }
  Task<void> halt(std::vector<IntegrationId>) override { co_return; }
  Task<void> proceed() override { co_return; }
};

class ScriptedProbes final : public CheckUpProbes {
 public:
  explicit ScriptedProbes(boost::asio::io_context& io) : io_(io) {}

  Task<Net2Evidence> look_at_net2(Integration integration, Duration) override {
    asked.push_back(integration.id.value());
    co_await stay();
    Net2Evidence evidence;
    evidence.contact = {.peer = integration.id.value() + ":8443", .trouble = trouble};
    evidence.contact.named = true;
    co_return evidence;
  }
  Task<CloudEvidence> look_at_cloud(Cloud, Duration) override {
    asked.emplace_back("cloud");
    co_await stay();
    CloudEvidence evidence;
    evidence.contact = ServerContact{.peer = "mqtt:8883", .named = true, .trouble = trouble};
    co_return evidence;
  }
  HostEvidence look_at_host() override { return host; }
  Task<DatabaseLook> look_at_database(Duration) override {
    asked.emplace_back("database");
    co_await stay();
    co_return DatabaseLook{.outcome = DatabaseLook::Outcome::sound};
  }

  Task<void> stay() {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    most_at_once = std::max(most_at_once, ++at_once);
    boost::asio::steady_timer timer(io_, takes);
    const auto [ended] = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    cancelled += ended ? 1 : 0;
    --at_once;
  }

  Duration takes{30};
  ContactTrouble trouble = ContactTrouble::refused;
  HostEvidence host;
  std::vector<std::string> asked;
  int at_once = 0;
  int most_at_once = 0;
  int cancelled = 0;

 private:
  boost::asio::io_context& io_;
};

Integration named(const char* id, IntegrationKind kind = IntegrationKind::net2) {
  Integration integration;
  integration.id = IntegrationId(id);
  integration.kind = kind;
  integration.enabled = true;
  return integration;
}

struct CheckUpBench {
  CheckUpBench() : probes(io), check_up({io.get_executor(), settings, sources, probes, clock}) {
    settings.integrations = {named("hq"), named("annex"), named("off"), named("cctv", IntegrationKind::feed)};
    settings.cloud.emplace();
  }
  boost::json::value examine(std::string id = "") {
    auto report = run(io, check_up.examine(std::move(id)));
    REQUIRE(report);
    return boost::json::parse(*report);
  }
  static std::vector<std::string> codes(const boost::json::value& report) {
    std::vector<std::string> all;
    for (const auto& finding : report.at("findings").as_array()) {
      const auto& object = finding.as_object();
      all.push_back(std::string(object.at("subject").as_string()) + ' ' +
                    std::string(object.at("code").as_string()));
    }
    return all;
  }

  boost::asio::io_context io;
  Settings settings;
  FewSources sources;
  HandClock clock;
  ScriptedProbes probes;
  CheckUp check_up;
};

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("A check-up looks at everything at once, but at nothing that is switched off", "[doctor]") {
  CheckUpBench bench;
  const auto report = bench.examine();
  CHECK(bench.probes.asked == Codes{"database", "cloud", "hq", "annex"});
  CHECK(bench.probes.most_at_once == 4);
  CHECK(CheckUpBench::codes(report) == Codes{"hq net2.refused", "annex net2.refused", "cctv feed.link",
                                             "off integration.disabled", "cloud cloud.refused"});
}

TEST_CASE("A check-up names a dead name server once", "[doctor]") {
  CheckUpBench bench;
  bench.probes.trouble = ContactTrouble::no_name_server;
  CHECK(CheckUpBench::codes(bench.examine()) ==
        Codes{"gateway network.dns", "cctv feed.link", "off integration.disabled"});
}

TEST_CASE("A check-up of one integration leaves the others alone", "[doctor]") {
  CheckUpBench bench;
  bench.probes.host.secrets = {{"annex", "password", "missing"}, {"hq", "password", "missing"}};
  bench.probes.host.dead_letters = 3;
  bench.probes.host.state_trouble = "it cannot be written";
  const auto report = bench.examine("annex");
  CHECK(bench.probes.asked == Codes{"annex"});
  CHECK(CheckUpBench::codes(report) ==
        Codes{"gateway state.unwritable", "annex secret.unreadable", "annex net2.refused"});
  const auto unknown = run(bench.io, bench.check_up.examine("anex"));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::not_found);
}

TEST_CASE("Two check-ups do not get into each other's way", "[doctor]") {
  CheckUpBench bench;
  int ended = 0;
  const auto one = [&]() -> Task<void> {
    auto report = co_await bench.check_up.examine("");
    CHECK(report);
    ++ended;
  };
  boost::asio::co_spawn(bench.io, one(), boost::asio::detached);
  boost::asio::co_spawn(bench.io, one(), boost::asio::detached);
  bench.io.restart();
  bench.io.run();
  CHECK(ended == 2);
  CHECK(bench.probes.most_at_once == 4);
  CHECK(bench.probes.asked.size() == 8);
}

TEST_CASE("A check-up that is given up ends its probes", "[doctor]") {
  CheckUpBench bench;
  bench.probes.takes = std::chrono::hours(1);
  boost::asio::cancellation_signal cancel;
  bool ended = false;
  const auto one = [&]() -> Task<void> {
    auto report = co_await bench.check_up.examine("");
    ended = true;
  };
  boost::asio::co_spawn(bench.io, one(),
                        boost::asio::bind_cancellation_slot(cancel.slot(), boost::asio::detached));
  bench.io.restart();
  bench.io.run_for(std::chrono::milliseconds(100));
  CHECK(bench.probes.at_once == 4);
  cancel.emit(boost::asio::cancellation_type::terminal);
  bench.io.run_for(std::chrono::seconds(2));
  CHECK(ended);
  CHECK(bench.probes.cancelled == 4);
  CHECK(bench.probes.at_once == 0);
}
