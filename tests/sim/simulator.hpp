#pragma once
// Everything a control verb or a scenario step may touch.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/sim/door_mechanics.hpp"
#include "tests/sim/generator.hpp"
#include "tests/sim/http_server.hpp"
#include "tests/sim/signalr_hub.hpp"
#include "tests/sim/world.hpp"

namespace gatehouse::sim {

struct Simulator {
  boost::asio::any_io_executor executor;
  boost::asio::ssl::context& tls;
  World& world;
  DoorMechanics& mechanics;
  SignalrHub& hub;
  HttpServer& api;
  Generator& generator;
  boost::asio::steady_timer back_again;  ///< ends a spell of refusing or of black hole
};

}  // namespace gatehouse::sim
