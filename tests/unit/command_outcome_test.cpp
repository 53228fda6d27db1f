// What stays of a command: its id with its first outcome, and the floor of what it was applied to.

#include <list>

#include <catch2/catch.hpp>

#include "tests/unit/command_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string sign_in_args =
    R"({"access_point":"reception","direction":"in","mode":"kiosk","person":{"id":"01P"}})";
const std::string open_args = R"({"door":"net2-hq/1","reason":"parcel"})";
const std::string door_target = "door net2-hq/1";
const Error locked_down{Errc::refused, "lockdown: the site is locked down"};

TakenCommand at_door(const std::string& id, std::int64_t issued) {
  TakenCommand command;
  command.issuer = "key cloud-1";
  command.id = id;
  command.target = door_target;
  command.issued = issued;
  command.answer = "{}";
  return command;
}

}  // namespace

TEST_CASE("A command that was refused never acts later: its copy gets the refusal", "[command]") {
  CommandBench bench;
  const auto open = bench.message(bench.token("door.open", open_args));
  bench.refuse_doors = locked_down;
  bench.take(open);
  CHECK(bench.last_code() == "lockdown");
  const auto first = bench.replies().back();
  REQUIRE(bench.store->taken.size() == 1);
  CHECK(boost::json::parse(bench.store->taken.begin()->second.answer) == first);
  CHECK(bench.store->floors.empty());
  REQUIRE(bench.store->audit.size() == 1);
  CHECK(bench.store->audit[0].outcome == "lockdown");

  bench.refuse_doors.reset();  // lifted
  for (int i = 0; i < 2; ++i) {
    bench.take(open);
    CHECK(bench.last_code() == "replayed");
    CHECK(bench.replies().back().at("error").at("first") == first);
    bench.make_desk();  // as after a restart
  }
  CHECK(bench.opened == 0);
  CHECK(bench.replies().size() == 3);
  // What was not applied supersedes nothing.
  bench.take("door.open", open_args, R"({"iat":)" + std::to_string(bench.second() - 1) + "}");
  CHECK(bench.last_code() == "");
  CHECK(bench.opened == 1);
}

TEST_CASE("A refusal that cannot be kept at once is told later, and its copy is not obeyed", "[command]") {
  CommandBench bench;
  const auto open = bench.message(bench.token("door.open", open_args));
  bench.refuse_doors = locked_down;
  bench.store->fail_on_call(1);
  bench.take(open);
  CHECK(bench.store->failed());
  CHECK(bench.last_code() == "lockdown");
  REQUIRE(bench.store->audit.size() == 1);
  CHECK(bench.store->audit[0].outcome == "lockdown");
  bench.refuse_doors.reset();
  bench.take(open);
  CHECK(bench.last_code() == "replayed");
  CHECK(bench.opened == 0);
}

TEST_CASE("A put of the roster that did not fit is not taken when it would", "[command]") {
  CommandBench bench;
  auto put = bench.message(bench.token("roster.put", R"({"from":"7","to":"8"})"));
  put.topic = "down/roster";
  bench.roster.refuse = Error{Errc::refused, "cursor_mismatch: the cursor here is 2"};
  bench.take(put);
  CHECK(bench.last_code() == "cursor_mismatch");
  const auto first = bench.replies().back();
  bench.roster.refuse.reset();
  bench.take(put);
  CHECK(bench.last_code() == "replayed");
  CHECK(bench.replies().back().at("error").at("first") == first);
  CHECK(bench.roster.commits.empty());
  // Where nothing could be kept it may come again.
  auto next = bench.message(bench.token("roster.put", R"({"from":"8","to":"9"})"));
  next.topic = "down/roster";
  bench.roster.refuse = Error{Errc::storage_full, "no space"};
  bench.take(next);
  CHECK(bench.last_code() == "store_unwritable");
  bench.roster.refuse.reset();
  bench.take(next);
  CHECK(bench.last_code() == "");
  CHECK(bench.roster.commits.size() == 1);
}

TEST_CASE("Under a doubtful clock iat and exp bound a command's life, and make no floor of the far future",
          "[command]") {
  CommandBench bench;
  bench.clock.trusted = false;
  const auto code = [&](const std::string& cmd, const std::string& args, const std::string& times) {
    bench.take(cmd, args, R"({"exp_uptime_ms":620000,)" + times + "}");
    return bench.last_code();
  };
  CHECK(code("door.open", open_args, R"("iat":10,"exp":9)") == "expired");
  CHECK(code("door.open", open_args, R"("iat":5,"exp":36)") == "ttl_too_long");
  CHECK(code("door.open", open_args, R"("iat":5,"exp":253402300799)") == "ttl_too_long");
  CHECK(code("status.get", "{}", R"("iat":5,"exp":3606)") == "ttl_too_long");
  CHECK(code("status.get", "{}", R"("iat":5,"exp":3605)") == "");
  CHECK(bench.opened == 0);
  CHECK(code("door.open", open_args, R"("iat":253402300790,"exp":253402300799)") == "");
  CHECK(bench.opened == 1);
  // On disk, and in memory as soon as somebody can say what time it is.
  CHECK(bench.store->floors.at(door_target) == bench.second() + 5);
  CHECK(code("door.open", open_args, R"("iat":253402300789,"exp":253402300799)") == "superseded");
  bench.clock.trusted = true;
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "superseded");
  bench.clock.pass(std::chrono::seconds(5));
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "");
  CHECK(bench.opened == 2);
}

TEST_CASE("A floor of the far future that the disk has is not believed", "[command]") {
  auto disk = std::make_shared<CommandStore>();
  disk->floors[door_target] = latest_second;
  CommandBench bench(disk);
  bench.clock.pass(std::chrono::seconds(6));
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "");
}

TEST_CASE("The floor is that of what was applied, whatever of the same second was given up", "[command]") {
  TakenRegister known;
  known.load({}, {{door_target, 5}});
  known.take(at_door("a", 10), Uptime{});
  known.take(at_door("b", 10), Uptime{});
  CHECK(known.floor(door_target) == 10);
  known.answered(at_door("b", 10));
  known.release(at_door("a", 10));
  CHECK(known.floor(door_target) == 10);
  CHECK_FALSE(known.taken("key cloud-1", "a"));
  known.take(at_door("c", 12), Uptime{});
  known.take(at_door("d", 12), Uptime{});
  known.release(at_door("d", 12));
  CHECK(known.floor(door_target) == 12);
  known.refused(at_door("c", 12));
  CHECK(known.floor(door_target) == 10);
  CHECK(known.taken("key cloud-1", "c"));
  CHECK(known.answer("key cloud-1", "c") == "{}");
  // What is under way is capped, too.
  known.take(at_door("e", latest_second), Uptime{});
  known.cap_floors(20);
  CHECK(known.floor(door_target) == 20);
  known.answered(at_door("e", latest_second));
  CHECK(known.floor(door_target) == 20);
}

TEST_CASE("There is always room for a lockdown, however many sign-ins wait", "[command]") {
  CommandBench bench;
  auto settings = command_settings(bench.keys_file);
  settings.cloud->rate.per_key = {1'000, std::chrono::seconds(1)};
  settings.cloud->rate.per_door = {1'000, std::chrono::seconds(1)};
  bench.desk->use(settings);
  std::list<Wakeup> never;  // one for each that waits
  for (int i = 0; i < 256; ++i) {
    bench.hold = &never.emplace_back(bench.io.get_executor());
    bench.take("access.sign_in", sign_in_args);
  }
  CHECK(bench.replies().empty());
  bench.take("access.sign_in", sign_in_args);
  CHECK(bench.last_code() == "rate_limited");
  bench.take("lockdown.set", R"({"site":"hq","on":true})");
  CHECK(bench.last_code() == "");
  REQUIRE(bench.locked.size() == 1);
  CHECK(bench.locked[0].second);
  bench.end_desk();
}

TEST_CASE("One key's refusals leave another's their replies", "[command]") {
  CommandBench bench;
  const auto elsewhere = bench.claims("door.open", open_args, R"({"aud":"acme/hq-02"})");
  const auto loud = bench.message(bench.signer.sign(elsewhere));
  for (int i = 0; i < 700; ++i) bench.desk->take(loud);
  bench.run();
  CHECK(bench.store->messages.size() == 600);
  bench.take(bench.message(bench.mute.sign(elsewhere)));
  CHECK(bench.store->messages.size() == 601);
  CHECK(bench.store->audit.back().actor == "key cloud-mute");
  bench.clock.pass(std::chrono::minutes(1));
  bench.take(loud);
  CHECK(bench.store->messages.size() == 602);
  REQUIRE(bench.store->audit.size() == 603);
  CHECK(bench.store->audit[601].outcome == "wrong_audience");
  CHECK(bench.store->audit[601].detail == R"({"count":100,"kid":"cloud-1"})");
}

TEST_CASE("A sign-in that a crash left open is answered by its decision", "[command]") {
  auto disk = std::make_shared<CommandStore>();
  CommandBench bench(disk);
  const auto open = bench.message(bench.token("access.sign_in", sign_in_args));  // the first: j1
  TakenCommand left;
  left.issuer = "key cloud-1";
  left.id = "j1";
  left.until = bench.clock.now() + std::chrono::minutes(1);
  left.reply_topic = "up/reply";
  left.doors.push_back(*parse_door_id("net2-hq/1"));
  left.decision = "01D";
  disk->taken.emplace(std::pair(left.issuer, left.id), left);
  bench.end_desk();
  SECTION("which the start has settled") {
    disk->decisions_stored.insert("01D");
    bench.make_desk();
    const auto replies = bench.replies();
    REQUIRE(replies.size() == 1);
    const auto& decision = replies[0].at("result").at("decision");
    CHECK(decision.at("id") == "01D");
    CHECK(decision.at("revision") == 1);
  }
  SECTION("or by its doors, where that is gone") {
    bench.make_desk();
    const auto replies = bench.replies();
    REQUIRE(replies.size() == 1);
    CHECK(replies[0].at("result").at("doors").at(0).at("command") == "unknown");
  }
  bench.take(open);
  CHECK(bench.last_code() == "replayed");
}

TEST_CASE("Args that a door does not take are bad_args before the command is late or too many", "[command]") {
  CommandBench bench;
  bench.take("door.open", open_args);
  CHECK(bench.last_code() == "");
  const auto older = R"({"iat":)" + std::to_string(bench.second() - 1) + "}";
  const auto code = [&](const std::string& cmd, const std::string& args) {
    bench.take(cmd, args, older);
    return bench.last_code();
  };
  CHECK(code("door.open", open_args) == "superseded");
  const std::string long_reason(201, 'x');
  CHECK(code("door.open", R"({"door":"net2-hq/1","reason":")" + long_reason + "\"}") == "bad_args");
  CHECK(code("door.open", R"({"door":"net2-hq/1","reason":"parcel","seconds":61})") == "bad_args");
  CHECK(code("door.open", R"({"door":"net2-hq/4","reason":"parcel","seconds":5})") == "bad_args");
  CHECK(code("door.hold_open", R"({"door":"net2-hq/4","reason":"parcel","seconds":5})") == "bad_args");
  CHECK(code("door.close", R"({"door":"net2-hq/4","reason":"parcel"})") == "bad_args");
  CHECK(bench.opened == 1);
  // And a key that may not do it is told that first.
  bench.write_keys({bench.signer.jwk(R"([{"cmd":"door.open","doors":["net2-hq/2"]}])")});
  bench.make_desk();
  bench.take("door.open", R"({"door":"net2-hq/1","reason":")" + long_reason + "\"}");
  CHECK(bench.last_code() == "out_of_scope");
}
