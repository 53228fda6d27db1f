// When a deadline closes its socket, and when it does not.

#include <chrono>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

#include "connectors/https/deadline.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

struct Line {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket{io, boost::asio::ip::tcp::v4()};
  std::optional<Deadline> deadline;

  void begin(Duration limit) { deadline.emplace(socket, limit); }
  void pass(Duration time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_until(end);
    }
  }
};

}  // namespace

TEST_CASE("A deadline closes its socket when the time is up", "[https][deadline]") {
  Line line;
  line.begin(20ms);
  line.pass(2ms);
  CHECK_FALSE(line.deadline->passed());
  line.io.run_for(2s);
  CHECK(line.deadline->passed());
  CHECK_FALSE(line.socket.is_open());
}

TEST_CASE("A deadline that is put off holds from then on", "[https][deadline]") {
  Line line;
  line.begin(200ms);
  for (int i = 0; i < 6; ++i) {
    line.pass(50ms);
    line.deadline->restart(200ms);
  }
  CHECK_FALSE(line.deadline->passed());
  CHECK(line.socket.is_open());
  const auto began = std::chrono::steady_clock::now();
  line.io.restart();
  line.io.run_for(2s);
  CHECK(line.deadline->passed());
  CHECK(std::chrono::steady_clock::now() - began >= 150ms);
}

TEST_CASE("A deadline that comes nearer comes in time, and the farther one no more", "[https][deadline]") {
  Line line;
  line.begin(1h);
  line.deadline->restart(20ms);
  line.io.run_for(2s);
  CHECK(line.deadline->passed());
}

TEST_CASE("A deadline that is over leaves the socket to the next one", "[https][deadline]") {
  Line line;
  line.begin(10ms);
  line.deadline.reset();
  line.begin(1h);
  line.pass(40ms);
  CHECK(line.socket.is_open());
  CHECK_FALSE(line.deadline->passed());

  SECTION("also where its time was up just before") {
    line.begin(1ms);
    while (std::chrono::steady_clock::now() < line.deadline->until()) {
    }
    line.deadline.reset();  // the timer is over, and nobody has run what it does
    line.pass(20ms);
    CHECK(line.socket.is_open());
  }
  SECTION("also where it is put off when its time was up just before") {
    line.begin(1ms);
    while (std::chrono::steady_clock::now() < line.deadline->until()) {
    }
    line.deadline->restart(1h);
    line.pass(20ms);
    CHECK(line.socket.is_open());
  }
}
