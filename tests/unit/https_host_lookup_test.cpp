#include <algorithm>
#include <array>
#include <optional>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "connectors/https/host_lookup.hpp"
#include "tests/unit/scripted_https.hpp"

using namespace gatehouse;
using namespace std::chrono_literals;
using Found = Result<std::vector<boost::asio::ip::address>>;

TEST_CASE("A name has its addresses, each once", "[https][lookup]") {
  boost::asio::io_context io;
  const auto found = test::run(io, look_up_host("localhost", 5s));
  REQUIRE(found);
  REQUIRE_FALSE(found->empty());
  CHECK(std::ranges::all_of(*found, [](const auto& address) { return address.is_loopback(); }));
  for (const auto& address : *found) CHECK(std::ranges::count(*found, address) == 1);
}

TEST_CASE("Many may ask for one name at a time, and each is answered", "[https][lookup]") {
  boost::asio::io_context io;
  std::array<std::optional<Found>, 20> answers;
  for (auto& answer : answers) {
    boost::asio::co_spawn(io, test::keep_result(look_up_host("localhost", 5s), answer),
                          [](const std::exception_ptr&) {});
  }
  io.run();
  for (const auto& answer : answers) {
    REQUIRE(answer);
    CHECK(answer->ok());
  }
}

TEST_CASE("Who is cancelled or gone before the answer leaves nothing behind", "[https][lookup]") {
  // RFC 2606: nobody has that name; how long that takes to find out is the system's affair.
  const std::string nobody = "gatehouse-test.invalid";
  SECTION("cancelled") {
    boost::asio::io_context io;
    boost::asio::cancellation_signal signal;
    std::optional<Found> answer;
    boost::asio::co_spawn(
        io, test::keep_result(look_up_host(nobody, 1h), answer),
        boost::asio::bind_cancellation_slot(signal.slot(), [](const std::exception_ptr&) {}));
    io.poll();
    signal.emit(boost::asio::cancellation_type::terminal);
    io.run();
    if (answer) CHECK_FALSE(answer->ok());
  }
  SECTION("gone with its io_context") {
    std::optional<Found> answer;
    {
      boost::asio::io_context io;
      boost::asio::co_spawn(io, test::keep_result(look_up_host(nobody, 1h), answer),
                            [](const std::exception_ptr&) {});
      io.poll();
    }
    CHECK_FALSE((answer && answer->ok()));
  }
  SECTION("out of time") {
    boost::asio::io_context io;
    CHECK_FALSE(test::run(io, look_up_host(nobody, 0ms)));
  }
}
