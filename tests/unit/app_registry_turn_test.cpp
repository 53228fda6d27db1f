// One pass at a time looks for people and writes what follows from it.

#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <catch2/catch.hpp>

#include "daemon/app/registry_turn.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// Takes its turn, says so, and keeps it until it is told to go on.
Task<void> hold(RegistryTurn& turn, Wakeup& leave, std::string& said, char name) {
  const auto held = co_await turn.take();
  said += name;
  co_await leave.wait();
}

}  // namespace

TEST_CASE("The turn goes round in the order in which it was asked for, past whoever has left",
          "[sync][turn]") {
  Bench bench;
  const auto executor = bench.io.get_executor();
  RegistryTurn turn;
  std::string said;
  Wakeup a(executor), b(executor), c(executor);
  boost::asio::cancellation_signal stop_a, stop_b;
  const auto start = [&](Wakeup& leave, char name, auto token) {
    boost::asio::co_spawn(executor, hold(turn, leave, said, name), token);
    bench.run();
  };
  start(a, 'a', boost::asio::bind_cancellation_slot(stop_a.slot(), boost::asio::detached));
  start(b, 'b', boost::asio::bind_cancellation_slot(stop_b.slot(), boost::asio::detached));
  start(c, 'c', boost::asio::detached);
  CHECK(said == "a");
  SECTION("whoever is done") {
    a.ring();
    bench.run();
    CHECK(said == "ab");
    b.ring();
    bench.run();
    CHECK(said == "abc");
  }
  SECTION("whoever is cancelled while waiting") {
    stop_b.emit(boost::asio::cancellation_type::all);
    bench.run();
    CHECK(said == "a");
    a.ring();
    bench.run();
    CHECK(said == "ac");
  }
  SECTION("whoever is cancelled with the turn") {
    stop_a.emit(boost::asio::cancellation_type::all);
    bench.run();
    CHECK(said == "ab");
    b.ring();
    bench.run();
    CHECK(said == "abc");
  }
  SECTION("whoever is cancelled when it comes") {
    a.ring();
    boost::asio::post(executor, [&] { stop_b.emit(boost::asio::cancellation_type::all); });
    bench.run();
    CHECK(said.find('c') != std::string::npos);
  }
  c.ring();
  bench.run();
  start(a, 'd', boost::asio::detached);
  CHECK(said.back() == 'd');
  a.ring();
  bench.run();
}

TEST_CASE("S1-13: two servers that are read at once make one person of each whom both have", "[sync][turn]") {
  SyncWorld world;
  auto there = sync_settings();
  there.id = IntegrationId("net2-annex");
  there.name = "Annex";
  SyncDesk here(world, sync_settings());
  SyncDesk annex(world, there);
  here.people(1, 300);
  annex.people(1, 300);
  Bench bench;
  std::optional<Result<PassReport>> first;
  std::optional<Result<PassReport>> second;
  bench.start_into(here.sync->run({}), first);
  bench.start_into(annex.sync->run({}), second);
  REQUIRE(bench.until([&] { return first && second; }));
  REQUIRE(first->ok());
  REQUIRE(second->ok());
  CHECK(here.everybody().size() == 300);
  CHECK(here.person(7)->sources.size() == 2);
  CHECK(here.issues().empty());
  CHECK(annex.issues().empty());
}
