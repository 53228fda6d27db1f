// How often: commands of a key, openings of a door (contract.md §2 cloud.rate), and what comes too late for
// it.

#include <catch2/catch.hpp>

#include "tests/unit/command_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {
const std::string sign_in_args =
    R"({"access_point":"reception","direction":"in","mode":"kiosk","person":{"id":"01P"}})";
const std::string open_args = R"({"door":"net2-hq/1","reason":"parcel"})";
}  // namespace

TEST_CASE("Commands by key and openings by door have their rates; what is forged costs nobody", "[command]") {
  CommandBench bench;
  for (int i = 0; i < 1000; ++i)
    bench.desk->take(bench.message(CommandSigner("cloud-1").sign(bench.claims("door.open", open_args))));
  bench.run();
  for (int i = 0; i < 20; ++i) {
    bench.take("door.open", open_args);
    REQUIRE(bench.last_code() == "");
  }
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "rate_limited");
  bench.clock.pass(std::chrono::seconds(1));
  for (int i = 0; i < 10; ++i) {  // and half a token that a second gave the door
    bench.take("door.open", open_args);
    REQUIRE(bench.last_code() == "");
  }
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "rate_limited");
  bench.take("door.close", open_args);
  CHECK(bench.last_code() == "");
  bench.take("door.open", R"({"door":"net2-hq/2","reason":"x"})");
  CHECK(bench.last_code() == "");
  CHECK(bench.opened == 32);
  // An act that is refused costs its door nothing.
  bench.clock.pass(std::chrono::seconds(3));
  bench.refuse_doors = Error{Errc::refused, "lockdown: the site is locked down"};
  for (int i = 0; i < 5; ++i) {
    bench.take("door.open", open_args);
    CHECK(bench.last_code() == "lockdown");
  }
}

TEST_CASE("A sign-in that its doors' rate refuses has done nothing, and may come again", "[command]") {
  CommandBench bench;
  auto settings = command_settings(bench.keys_file);
  settings.cloud->rate.per_key = {1'000, std::chrono::seconds(1)};
  settings.cloud->rate.per_door = {2, std::chrono::seconds(20)};
  bench.desk->use(settings);
  bench.take("access.sign_in", sign_in_args);
  bench.take("access.sign_in", sign_in_args);
  CHECK(bench.last_code() == "");
  const auto third = bench.message(bench.token("access.sign_in", sign_in_args));
  bench.take(third);
  CHECK(bench.last_code() == "rate_limited");
  CHECK(bench.store->audit.back().action == "command.refused");
  CHECK(bench.store->audit.back().outcome == "rate_limited");
  bench.take("door.open", open_args);  // the same openings
  CHECK(bench.last_code() == "rate_limited");
  CHECK(bench.opened == 2);
  CHECK(bench.store->taken.size() == 2);
  bench.clock.pass(std::chrono::seconds(10));
  bench.take(third);
  CHECK(bench.last_code() == "");
  CHECK(bench.opened == 3);
}

TEST_CASE("A delay that outlives every command of the cloud is warned of", "[command]") {
  CommandBench bench;
  auto settings = command_settings(bench.keys_file);
  settings.cloud->command_max_ttl = std::chrono::seconds(30);
  settings.access_points[0].delay = std::chrono::seconds(29);
  settings.access_points[1].delay = std::chrono::seconds(30);
  bench.desk->use(settings);
  CHECK(bench.log.count("access point back: its delay") == 1);
  CHECK(bench.log.count("access point reception") == 0);
}
