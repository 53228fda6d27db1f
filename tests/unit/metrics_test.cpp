// Figures: what they say, in which form, and who may ask for them how.

#include <cstdio>
#include <string>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "connectors/metrics/metrics_server.hpp"
#include "daemon/app/figures.hpp"
#include "daemon/core/exposition.hpp"
#include "tests/unit/fakes.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

GatewayState a_state() {
  GatewayState state;
  state.version = "1.0.0";
  state.ready = true;
  state.started = Instant{std::chrono::seconds(1'780'300'800)};
  state.now = state.started + 90s;
  state.uptime = 90s;
  state.cloud_configured = true;
  state.outbox = OutboxReport{.pending = {1, 2, 3, 4}, .dead = 5, .bytes = 600, .oldest = state.now - 1500ms};
  IntegrationStatus net2;
  net2.id = "net2-hq";
  net2.judged.state = IntegrationState::active;
  net2.connected = true;
  net2.people = 20;
  state.integrations.push_back(net2);
  state.lockdown.insert(SiteId("annex"));
  return state;
}

/// A server with one page, and a client that says what it likes.
struct Served {
  explicit Served(MetricsTuning tuning = {}) {
    auto opened = MetricsServer::open(
        {"127.0.0.1", 0}, bench.io.get_executor(),
        [this](std::string_view path) -> std::optional<MetricsPage> {
          ++asked;
          if (path != "/metrics") return std::nullopt;
          return MetricsPage{200, "text/plain", "figures\n"};
        },
        tuning);
    REQUIRE(opened);
    server = std::move(*opened);
    server->start();
  }
  ~Served() { bench.get(server->stop()); }

  /// All that comes back until the server closes.
  Task<std::string> say(std::string words) {
    tcp::socket socket(bench.io);
    const tcp::endpoint there(asio::ip::address_v4::loopback(), server->port());
    co_await socket.async_connect(there, asio::use_awaitable);
    boost::system::error_code ended;
    co_await asio::async_write(socket, asio::buffer(words), asio::redirect_error(asio::use_awaitable, ended));
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::redirect_error(asio::use_awaitable, ended));
    co_return answer;
  }

  Bench bench;
  int asked = 0;
  std::unique_ptr<MetricsServer> server;
};

}  // namespace

TEST_CASE("Figures are OpenMetrics: types, units, suffixes, escapes, and an end", "[metrics]") {
  Exposition out;
  out.family("gatehouse_build", MetricType::info, "The release.")
      .sample(std::uint64_t{1}, {{"version", "1.0"}});
  out.family("gatehouse_age_seconds", MetricType::gauge, "An age.").sample(0.25).sample(1e300);
  out.family("gatehouse_things", MetricType::counter, "A \\ and\na line.")
      .sample(std::uint64_t{18'446'744'073'709'551'615U}, {{"a", "x\"y\\z\n"}, {"b", ""}});
  CHECK(out.take() ==
        "# TYPE gatehouse_build info\n"
        "# HELP gatehouse_build The release.\n"
        "gatehouse_build_info{version=\"1.0\"} 1\n"
        "# TYPE gatehouse_age_seconds gauge\n"
        "# UNIT gatehouse_age_seconds seconds\n"
        "# HELP gatehouse_age_seconds An age.\n"
        "gatehouse_age_seconds 0.25\n"
        "gatehouse_age_seconds 1e+300\n"
        "# TYPE gatehouse_things counter\n"
        "# HELP gatehouse_things A \\\\ and\\na line.\n"
        "gatehouse_things_total{a=\"x\\\"y\\\\z\\n\",b=\"\"} 18446744073709551615\n"
        "# EOF\n");
}

TEST_CASE("The gateway in figures", "[metrics]") {
  Figures figures;
  figures.integrations.push_back(
      {.id = "net2-hq", .read_age = 2500ms, .issues = {{"error", 2}, {"match", 0}}});
  figures.present = {{"hq", 7}};
  figures.alerts = {{"cloud", 1}};
  figures.sites = {"hq", "annex"};
  figures.store_bytes = 4096;
  Tallies tallies;
  tallies.published = {10, 20, 30, 40};
  count(&tallies, &Tallies::decisions, "deny", "no_door");
  count(&tallies, &Tallies::decisions, "deny", "no_door");
  count(&tallies, &Tallies::door_commands, "open", "confirmed");
  count(nullptr, &Tallies::decisions, "deny", "no_door");
  tallies.command_refusals["replayed"] = 3;
  tallies.reloads_refused = 1;
  auto state = a_state();
  state.certificate_ends = {{"cloud.tls.cert", Instant{std::chrono::seconds(1'790'000'000)}}};
  const auto text = figures_text(state, figures, tallies);
  INFO(text);
  for (const auto* line : {"gatehouse_build_info{version=\"1.0.0\"} 1",
                           "gatehouse_ready 1",
                           "gatehouse_healthy 1",
                           "gatehouse_loops_late 0",
                           "gatehouse_start_time_seconds 1780300800",
                           "gatehouse_uptime_seconds 90",
                           "gatehouse_clock_trusted 1",
                           "gatehouse_cloud_connected 0",
                           "gatehouse_outbox_messages{lane=\"alarm\"} 1",
                           "gatehouse_outbox_messages{lane=\"telemetry\"} 4",
                           "gatehouse_outbox_bytes 600",
                           "gatehouse_outbox_oldest_age_seconds 1.5",
                           "gatehouse_outbox_dead_letters 5",
                           "gatehouse_messages_published_total{lane=\"access\"} 20",
                           "gatehouse_messages_refused_total{lane=\"access\"} 0",
                           "gatehouse_commands_refused_total{code=\"replayed\"} 3",
                           "gatehouse_integration_status{integration=\"net2-hq\",status=\"active\"} 1",
                           "gatehouse_integration_status{integration=\"net2-hq\",status=\"unreachable\"} 0",
                           "gatehouse_integration_connected{integration=\"net2-hq\"} 1",
                           "gatehouse_integration_read_age_seconds{integration=\"net2-hq\"} 2.5",
                           "gatehouse_issues{integration=\"net2-hq\",kind=\"error\"} 2",
                           "gatehouse_decisions_total{outcome=\"deny\",reason=\"no_door\"} 2",
                           "gatehouse_door_commands_total{action=\"open\",outcome=\"confirmed\"} 1",
                           "gatehouse_people_present{site=\"hq\"} 7",
                           "gatehouse_people_present{site=\"annex\"} 0",
                           "gatehouse_lockdown{site=\"hq\"} 0",
                           "gatehouse_lockdown{site=\"annex\"} 1",
                           "gatehouse_alerts{kind=\"cloud\"} 1",
                           "gatehouse_config_reloads_total{outcome=\"refused\"} 1",
                           "gatehouse_certificate_end_time_seconds{certificate=\"cloud.tls.cert\"} 1.79e+09",
                           "gatehouse_store_bytes 4096"})
    CHECK(has(text, std::string("\n") + line + "\n"));
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK_FALSE(has(text, "gatehouse_store_free_bytes"));  // not known is not zero

  state.late_loops = {"thread store"};
  CHECK(has(figures_text(state, figures, tallies), "\ngatehouse_healthy 0\n"));
  CHECK(has(health_json(state), R"("healthy":false)"));
  CHECK(has(health_json(state), R"("late_loops":["thread store"])"));
  state.late_loops.clear();
  state.outbox.reset();
  CHECK_FALSE(is_healthy(state));
  CHECK_FALSE(has(figures_text(state, figures, tallies), "gatehouse_outbox_bytes"));
}

TEST_CASE("Figures are offered on the loopback interface only", "[metrics]") {
  Bench bench;
  const auto pages = [](std::string_view) { return std::optional<MetricsPage>(); };
  for (const auto* host : {"0.0.0.0", "::", "192.0.2.1", "gateway.example"}) {
    const auto opened = MetricsServer::open({host, 0}, bench.io.get_executor(), pages);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::invalid);
  }
  const auto six = MetricsServer::open({"::1", 0}, bench.io.get_executor(), pages);
  CHECK((six || six.error().code == Errc::unreachable));  // a machine without IPv6
  Served first;
  const auto second =
      MetricsServer::open({"127.0.0.1", first.server->port()}, bench.io.get_executor(), pages);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::unreachable);
}

TEST_CASE("The listener for figures answers what it has, and refuses the rest", "[metrics]") {
  Served served;
  const auto ask = [&](const std::string& words) { return served.bench.get(served.say(words)); };
  const auto good = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  INFO(good);
  CHECK(good.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(has(good, "\r\nContent-Length: 8\r\n"));
  CHECK(good.ends_with("\r\n\r\nfigures\n"));
  CHECK(ask("GET /metrics?x=1 HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 "));
  const auto head = ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(has(head, "\r\nContent-Length: 8\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 404 "));
  CHECK(ask("GET /metrics/../secret HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 404 "));
  const int asked = served.asked;
  const auto post = ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  CHECK(post.starts_with("HTTP/1.1 405 "));
  CHECK(has(post, "\r\nAllow: GET, HEAD\r\n"));
  CHECK(
      ask("GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde").starts_with("HTTP/1.1 413 "));
  CHECK(ask("GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + std::string(9000, 'x') + "\r\n\r\n")
            .starts_with("HTTP/1.1 431 "));
  CHECK(ask("no request at all\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(served.asked == asked);  // no page was made for any of these
  CHECK(served.bench.until([&] { return served.server->connections() == 0; }));
}

TEST_CASE("Who is silent, slow or many holds no place for figures for long", "[metrics]") {
  Served served({.connections = 2, .request = 300ms, .answer = 300ms});
  const tcp::endpoint there(asio::ip::address_v4::loopback(), served.server->port());
  tcp::socket silent(served.bench.io);
  tcp::socket slow(served.bench.io);
  silent.connect(there);
  slow.connect(there);
  asio::write(slow, asio::buffer("GET /metrics HTT", 16));
  REQUIRE(served.bench.until([&] { return served.server->connections() == 2; }));
  // The third is closed without an answer, at once.
  CHECK(served.bench.get(served.say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")).empty());
  CHECK(served.server->connections() == 2);
  CHECK(served.bench.until([&] { return served.server->connections() == 0; }));
  CHECK(
      served.bench.get(served.say("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")).starts_with("HTTP/1.1 200 "));
}
