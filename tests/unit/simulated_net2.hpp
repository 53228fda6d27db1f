#pragma once
// The simulator's Net2 server within the test, over HTTPS, and our link to it.

#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "connectors/net2/net2_source.hpp"
#include "tests/sim/certificate.hpp"
#include "tests/sim/door_mechanics.hpp"
#include "tests/sim/http_server.hpp"
#include "tests/sim/http_write.hpp"
#include "tests/sim/router.hpp"
#include "tests/unit/scripted_https.hpp"

namespace gatehouse::test {

/// The server alone.
class SimulatedServer {
 public:
  SimulatedServer(boost::asio::io_context& io, int people)
      : world({.people = people, .plain = true}, *sim::SiteClock::in_zone("Europe/London"), 1),
        mechanics_(io.get_executor(), world),
        tls_(boost::asio::ssl::context::tls_server),
        server_(io, &tls_, service()) {
    if (!sim::use_own_certificate(tls_.native_handle())) throw std::runtime_error("no certificate");
    world.sign_in.client_id = "licence";
    world.sign_in.operators = {{1, "Gateway", "Service", "Secret1", 0}};
    world.directory.fields[11].name = "Gatehouse";
    sim::add_token_routes(router_);
    sim::add_user_routes(router_);
    sim::add_user_part_routes(router_);
    sim::add_directory_routes(router_);
    sim::add_door_routes(router_);
    sim::add_query_routes(router_);
    sim::add_event_routes(router_);
    sim::add_site_routes(router_);
    const auto port = server_.listen("127.0.0.1:0");
    if (!port) throw std::runtime_error(port.error().detail);
    url = "https://127.0.0.1:" + std::to_string(*port);
    pin = sim::pin_of(tls_.native_handle());
  }

  /// As the control interface takes it: tests/sim/README.md.
  void fault(const std::string& rule) {
    auto parsed = sim::Faults::parse(boost::json::parse(rule).get_object());
    if (!parsed) throw std::runtime_error(parsed.error().detail);
    world.faults.add(std::move(*parsed));
  }

  sim::World world;
  std::string url, pin;

 private:
  sim::HttpService service() {
    sim::HttpService made;
    made.handle = [this](const sim::Request& request) {
      if (request.method != "GET" && request.path.find("/users") != std::string::npos)
        writes.push_back(request.method + ' ' + request.path + ' ' + request.body);
      auto answered = router_.handle(world, mechanics_, request);
      if (stamped) sim::stamp(answered, world.clock.now());
      if (after) after(request);
      return answered;
    };
    made.take_fault = [this](const sim::Request& request) { return world.faults.take(request); };
    made.switches = &world.switches;
    return made;
  }

 public:
  std::vector<std::string> writes;                   ///< requests that change a user
  std::function<void(const sim::Request&)> after{};  ///< each request, once it is done
  bool stamped = false;                              ///< its answers carry the site's time, not the machine's

 private:
  sim::DoorMechanics mechanics_;
  sim::Router router_;
  boost::asio::ssl::context tls_;
  sim::HttpServer server_;
};

inline Net2Server server_settings(const std::string& url, const std::string& pin) {
  Net2Server settings;
  settings.url = url;
  settings.username = "Gateway Service";
  settings.timezone = "Europe/London";
  settings.tls.pins = {pin};
  return settings;
}

/// Patience that lets a test of silence end soon.
inline std::unique_ptr<Net2Link> make_test_link(boost::asio::io_context& io, boost::asio::thread_pool& worker,
                                                const Net2Server& settings, const Clock& clock, Log& log) {
  Net2Options options;
  options.patience.connect = std::chrono::seconds(2);
  options.patience.silence = std::chrono::milliseconds(200);
  options.patience.door = std::chrono::milliseconds(200);
  options.patience.slow_list = std::chrono::milliseconds(400);
  options.patience.write = std::chrono::milliseconds(200);
  options.pacing.between = Duration(0);
  auto made = make_net2_source(io.get_executor(), worker.get_executor(), settings,
                               {"Gateway Service", "Secret1", "licence"}, clock, log, options);
  if (!made) throw std::runtime_error(made.error().detail);
  return std::move(*made);
}

/// Both ends on one thread.
struct SimulatedNet2 {
  explicit SimulatedNet2(int people = 3)
      : server(io, people),
        world(server.world),
        link(make_test_link(io, worker, server_settings(server.url, server.pin), clock, log)) {}
  ~SimulatedNet2() { worker.join(); }
  SimulatedNet2(const SimulatedNet2&) = delete;
  SimulatedNet2& operator=(const SimulatedNet2&) = delete;

  Net2Writer& writer() { return link->writer(); }
  template <typename T>
  Result<T> ask(Task<Result<T>> call) {
    return run(io, std::move(call));
  }

  boost::asio::io_context io;
  boost::asio::thread_pool worker{1};
  HandClock clock;
  KeptLog log;
  SimulatedServer server;
  sim::World& world;
  std::unique_ptr<Net2Link> link;
};

}  // namespace gatehouse::test
