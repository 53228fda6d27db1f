// gatehouse-sim: reads its command line, builds the site, and serves it until SIGTERM.

#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/sim/certificate.hpp"
#include "tests/sim/control.hpp"
#include "tests/sim/http_write.hpp"
#include "tests/sim/router.hpp"
#include "tests/sim/scenario.hpp"

namespace {

using namespace gatehouse::sim;
namespace asio = boost::asio;

struct Options {
  std::string listen = "127.0.0.1:8443";
  std::string control;
  std::string certificate, key;
  SiteSeed site;
  std::int64_t history = 0;
  std::int64_t first_event_id = 1;
  std::string scenario;
  std::string password = "gatehouse-sim";
  std::string client_id = "0f0e0d0c-1111-4222-8333-444455556666";
  std::string timezone = "Europe/London";
};

void add_options(CLI::App& app, Options& to) {
  app.add_option("--listen", to.listen, "ADDR:PORT of the API and of SignalR; port 0 takes any")
      ->capture_default_str();
  auto* certificate = app.add_option("--cert", to.certificate,
                                     "certificate chain (PEM); without it one is made for localhost");
  app.add_option("--key", to.key, "its key (PEM)")->needs(certificate);
  app.add_option("--control", to.control,
                 "ADDR:PORT of the control interface (plain HTTP; keep it on loopback)");
  app.add_option("--people", to.site.people, "number of people")
      ->capture_default_str()
      ->check(CLI::Range(0, 2'000'000));
  app.add_option("--doors", to.site.doors, "number of doors")
      ->capture_default_str()
      ->check(CLI::Range(0, 2'000));
  app.add_option("--seed", to.site.seed, "the same seed gives the same site")->capture_default_str();
  app.add_flag("--plain", to.site.plain, "people without quirks: all have e-mail, telephone and department");
  app.add_option("--history", to.history, "events of the last 30 days to begin with")
      ->capture_default_str()
      ->check(CLI::Range(0, 20'000'000));
  app.add_option("--first-event-id", to.first_event_id, "id of the first event")->capture_default_str();
  app.add_option("--scenario", to.scenario, "file of steps, one JSON object a line");
  app.add_option("--password", to.password, "password of the operator 'Gateway Service' (and of the others)")
      ->capture_default_str();
  app.add_option("--client-id", to.client_id, "client id of the licence")->capture_default_str();
  app.add_option("--timezone", to.timezone, "zone of the server's clock (IANA)")->capture_default_str();
  app.footer(
      "Operators: 'Gateway Service', 'System engineer' and 'OEM Client' (System Engineer), 'Front Desk' "
      "(Standard).\n"
      "tests/sim/README.md describes the control interface, the faults and the switches.");
}

int fail(const std::string& why) {
  std::fprintf(stderr, "gatehouse-sim: %s\n", why.c_str());
  return 1;
}

std::string url(const char* what, const char* scheme, const std::string& where, std::uint16_t port) {
  return std::string(what) + " " + scheme + "://" + where.substr(0, where.rfind(':')) + ":" +
         std::to_string(port);
}

int serve(const Options& options) {
  auto clock = SiteClock::in_zone(options.timezone);
  if (!clock) return fail("no time zone is called " + options.timezone);
  asio::io_context io(1);
  asio::ssl::context tls(asio::ssl::context::tls_server);
  limit_tls(tls.native_handle(), true);
  const auto certified = options.certificate.empty()
                             ? use_own_certificate(tls.native_handle())
                             : use_certificate_files(tls.native_handle(), options.certificate,
                                                     options.key.empty() ? options.certificate : options.key);
  if (!certified) return fail(certified.error().detail);

  World world(options.site, *clock, options.first_event_id);
  world.sign_in.client_id = options.client_id;
  world.sign_in.operators = {{0, "System", "engineer", options.password, 0},
                             {1, "Gateway", "Service", options.password, 0},
                             {2, "OEM", "Client", options.password, 0},
                             {3, "Front", "Desk", options.password, 40}};
  DoorMechanics mechanics(io.get_executor(), world);
  SignalrHub hub(io.get_executor(), world);
  Generator generator(io.get_executor(), world, options.site.seed);
  Router router;
  add_token_routes(router);
  add_user_routes(router);
  add_user_part_routes(router);
  add_directory_routes(router);
  add_door_routes(router);
  add_event_routes(router);
  add_query_routes(router);
  add_site_routes(router);

  HttpServer api(io, &tls,
                 {[&](const Request& request) {
                    const bool live = lower(request.path).starts_with("/signalr");
                    auto answer = live ? hub.handle(request) : router.handle(world, mechanics, request);
                    stamp(answer, world.clock.now());
                    return answer;
                  },
                  [&](const Request& request) { return world.faults.take(request); }, &hub, &world.switches});
  Simulator sim{io.get_executor(), tls, world, mechanics, hub, api, generator, asio::steady_timer(io)};
  HttpServer control(io, nullptr, {[&](const Request& request) { return handle_control(sim, request); }});

  if (options.history > 0) {
    const auto made = do_events(sim, {{"count", options.history}, {"spread", "30d"}, {"live", false}});
    if (!made) return fail(made.error().detail);
  }
  const auto port = api.listen(options.listen);
  if (!port) return fail(port.error().detail);
  std::printf("%s\n", url("listening", "https", options.listen, *port).c_str());
  if (!options.control.empty()) {
    const auto control_port = control.listen(options.control);
    if (!control_port) return fail(control_port.error().detail);
    std::printf("%s\n", url("control", "http", options.control, *control_port).c_str());
  }
  std::printf("pin %s\n", pin_of(tls.native_handle()).c_str());
  std::fflush(stdout);
  if (!options.scenario.empty()) {
    const auto started = start_scenario_file(sim, options.scenario);
    if (!started) return fail(started.error().detail);
  }
  // At once, as pulling the plug: nothing of the simulator outlives the process, so nothing is wound down.
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([](boost::system::error_code, int) { std::_Exit(0); });
  io.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A simulated Paxton Net2 server: REST and live events over HTTPS, with scripted faults."};
  app.set_version_flag("--version", "gatehouse-sim " GATEHOUSE_VERSION);
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    constexpr int wrong_usage = 2;  // CLI11 has a number of its own for each kind
    return app.exit(end) == 0 ? 0 : wrong_usage;
  }
  return serve(options);
}
