// What a request on the LAN means: who may, once for a key, and the same answer again.

#include "daemon/app/lan_desk.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "connectors/json/read_sign_in_args.hpp"
#include "connectors/json/strict_json.hpp"
#include "tests/unit/scripted_https.hpp"

namespace gatehouse {
namespace {

using namespace std::chrono_literals;
using test::run;

/// Commands only: what a store keeps of them.
class KeyStore final : public AccessStore {
 public:
  Task<Result<void>> begin_access(AccessBegin begin) override {
    if (begin.command) kept[begin.command->issuer + "/" + begin.command->id] = *begin.command;
    co_return Result<void>{};
  }
  Task<Result<void>> end_access(AccessEnd end) override {
    if (end.command) kept[end.command->issuer + "/" + end.command->id] = *end.command;
    co_return Result<void>{};
  }
  Task<Result<std::vector<DoorIntent>>> open_intents() override { co_return std::vector<DoorIntent>{}; }
  Task<Result<DecisionRow>> decision(std::string id) override {
    if (unreadable) co_return Error{Errc::storage, "the disk"};
    DecisionRow row;
    row.decision.id = std::move(id);
    row.decision.revision = 0;
    row.decision.trace = "[]";
    row.decision.doors.push_back({.door = {IntegrationId("net2-hq"), Net2DoorId(1)},
                                  .allow = true,
                                  .reason = AccessReason::employee,
                                  .command = {DoorCommandState::unknown, ""}});
    co_return row;
  }
  Task<Result<std::vector<DecisionRow>>> decisions(Instant, std::string) override {
    co_return std::vector<DecisionRow>{};
  }
  Task<Result<std::size_t>> prune_decisions(Instant, std::size_t) override { co_return std::size_t{0}; }
  Task<Result<std::vector<TakenCommand>>> taken_commands(Instant now) override {
    if (unreadable) co_return Error{Errc::storage, "the disk"};
    std::vector<TakenCommand> list;
    for (const auto& [name, command] : kept) {
      if (command.until > now) list.push_back(command);
    }
    co_return list;
  }
  Task<Result<std::map<std::string, std::int64_t>>> command_floors() override {
    co_return std::map<std::string, std::int64_t>{};
  }
  Task<Result<std::size_t>> prune_commands(Instant, std::size_t) override { co_return std::size_t{0}; }

  std::map<std::string, TakenCommand> kept;
  bool unreadable = false;
};

struct Desk {
  Desk() {
    client.id = LanClientId("reception");
    client.access_points = {AccessPointId("reception")};
    client.feeds = {IntegrationId("cctv"), IntegrationId("lan-only"), IntegrationId("net2-hq"),
                    IntegrationId("off")};
    const auto add = [&](const char* id, IntegrationKind kind, bool enabled) {
      Integration one;
      one.id = IntegrationId(id);
      one.kind = kind;
      one.enabled = enabled;
      settings.integrations.push_back(one);
    };
    add("cctv", IntegrationKind::feed, true);
    settings.integrations.back().feed.directory = "/feeds/cctv";
    add("lan-only", IntegrationKind::feed, true);
    add("off", IntegrationKind::feed, false);
    add("net2-hq", IntegrationKind::net2, true);
    add("other", IntegrationKind::feed, true);
    start();
  }
  /// As after a restart.
  void start() {
    desk.reset();
    LanDesk::Parts parts{.executor = io.get_executor(),
                         .store = store,
                         .clock = clock,
                         .log = log,
                         .settings = settings,
                         .feeds = "/state/feeds",
                         .read_args = [](std::string_view json) { return read_sign_in_args(json); },
                         .sign_in = [this](SignInRequest request) { return decide(std::move(request)); },
                         .muster = [](std::string site) -> Task<Result<std::string>> {
                           if (site == "nowhere") co_return Error{Errc::not_found, site};
                           co_return std::string(R"({"on_site":[]})");
                         },
                         .state = [] { return GatewayState{}; },
                         .lockdown = [] { return std::set<SiteId>{SiteId("hq")}; }};
    desk = std::make_unique<LanDesk>(std::move(parts));
  }
  Task<Result<DecisionRecord>> decide(SignInRequest request) {
    asked.push_back(request);
    if (fails) co_return *fails;
    AccessBegin begin;
    begin.command = request.asker.command;
    if (keeps_decision) begin.command->decision = "01D" + std::to_string(asked.size());
    (void)co_await store.begin_access(std::move(begin));
    if (pending) {
      boost::system::error_code over;
      co_await pending->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, over));
    }
    if (fails_late) {
      store.kept.clear();
      co_return *std::exchange(fails_late, std::nullopt);
    }
    if (crash) co_return Error{Errc::cancelled, ""};
    DecisionRecord record;
    record.id = "01D" + std::to_string(asked.size());
    record.revision = 1;
    record.asked = request.asked;
    record.via = request.asker.via;
    if (unwritable) {
      DecidedDoor door;
      door.allow = true;
      door.command.why = "store_unwritable";
      record.doors.push_back(door);
      store.kept.clear();
      co_return record;
    }
    AccessEnd end;
    end.decision = record;
    request.asker.finish(end);
    (void)co_await store.end_access(std::move(end));
    record.revision = 2;  // something more has become known since
    co_return record;
  }
  void run_load() { REQUIRE(run(io, desk->load())); }
  LanReply sign_in(const std::string& key, std::string_view body = good) {
    return run(
        io, desk->sign_in(client,
                          {.key = key, .body = std::string(body), .digest = "sha256:" + std::string(body)}));
  }
  static constexpr std::string_view good =
      R"({"access_point":"reception","direction":"in","mode":"kiosk","person":{"id":"01J"}})";
  static constexpr std::string_view other =
      R"({"access_point":"reception","direction":"out","mode":"qr","person":{"cloud_id":"c-1"}})";

  boost::asio::io_context io;
  KeyStore store;
  test::HandClock clock;
  test::KeptLog log;
  Settings settings;
  LanClient client;
  std::vector<SignInRequest> asked;
  std::optional<Error> fails, fails_late;
  bool unwritable = false;
  bool crash = false;
  bool keeps_decision = true;
  std::optional<boost::asio::steady_timer> pending;
  std::unique_ptr<LanDesk> desk;
};

}  // namespace

TEST_CASE("S1-16: a key signs in once, and gets the same answer for a day", "[lan]") {
  Desk lan;
  const auto first = lan.sign_in("k");
  REQUIRE(first.status == 200);
  CHECK_THAT(first.body, Catch::Contains("\"id\":\"01D1\"") && Catch::Contains("\"via\":\"lan\""));
  REQUIRE(lan.asked.size() == 1);
  const auto& asker = lan.asked[0].asker;
  CHECK(asker.actor == "lan reception");
  CHECK(asker.command->issuer == "lan reception");
  CHECK(asker.command->id == "k");
  CHECK(asker.command->until == lan.clock.wall + 24h);
  CHECK_FALSE(lan.asked[0].walk_ins_allowed);

  const bool restarted = GENERATE(false, true);
  if (restarted) lan.start();
  lan.clock.wall += 23h;
  CHECK(lan.sign_in("k").body == first.body);
  CHECK(lan.sign_in("k", Desk::other).status == 409);
  CHECK(lan.asked.size() == 1);
  lan.clock.wall += 2h;
  if (restarted) lan.start();
  CHECK_THAT(lan.sign_in("k").body, Catch::Contains("\"id\":\"01D2\""));

  // Keys of another client are its own.
  lan.client.id = LanClientId("back-door");
  CHECK(lan.sign_in("k").status == 200);
  CHECK(lan.asked.size() == 3);
}

TEST_CASE("S1-16: who asks again while the first is under way waits for its answer", "[lan]") {
  Desk lan;
  lan.pending.emplace(lan.io, boost::asio::steady_timer::time_point::max());
  std::optional<LanReply> first;
  boost::asio::co_spawn(
      lan.io,
      test::keep_result(
          lan.desk->sign_in(lan.client, {.key = "k", .body = std::string(Desk::good), .digest = "d"}), first),
      boost::asio::detached);
  lan.io.poll();
  CHECK(lan.asked.size() == 1);
  std::optional<LanReply> second, third;
  for (auto* reply : {&second, &third}) {
    boost::asio::co_spawn(
        lan.io,
        test::keep_result(
            lan.desk->sign_in(lan.client, {.key = "k", .body = std::string(Desk::good), .digest = "d"}),
            *reply),
        boost::asio::detached);
  }
  lan.io.poll();
  CHECK_FALSE(first);
  CHECK_FALSE(second);
  // Another body is told so at once.
  const auto other = run(
      lan.io, lan.desk->sign_in(lan.client, {.key = "k", .body = std::string(Desk::good), .digest = "e"}));
  CHECK(other.status == 409);
  const bool fails = GENERATE(false, true);
  if (fails) lan.fails_late = Error{Errc::storage, "the disk"};
  lan.pending->cancel();
  lan.pending.reset();
  lan.io.restart();
  while (!(first && second && third) && lan.io.run_one() != 0) {
  }
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(third);
  CHECK(first->status == (fails ? 503 : 200));
  CHECK(second->status == 200);
  CHECK(third->body == second->body);
  if (!fails) CHECK(second->body == first->body);
  CHECK(lan.asked.size() == (fails ? 2 : 1));  // where nothing has happened the next one asks itself
}

TEST_CASE("S1-16: a request goes on where its connection is gone", "[lan]") {
  Desk lan;
  lan.pending.emplace(lan.io, boost::asio::steady_timer::time_point::max());
  boost::asio::cancellation_signal gone;
  boost::asio::co_spawn(
      lan.io, lan.desk->sign_in(lan.client, {.key = "k", .body = std::string(Desk::good), .digest = "d"}),
      boost::asio::bind_cancellation_slot(gone.slot(), [](std::exception_ptr, LanReply) {}));
  lan.io.poll();
  gone.emit(boost::asio::cancellation_type::terminal);
  lan.io.poll();
  std::optional<LanReply> again;
  boost::asio::co_spawn(
      lan.io,
      test::keep_result(
          lan.desk->sign_in(lan.client, {.key = "k", .body = std::string(Desk::good), .digest = "d"}), again),
      boost::asio::detached);
  lan.io.restart();
  lan.io.poll();
  CHECK_FALSE(again);
  lan.pending->cancel();
  lan.pending.reset();
  lan.io.restart();
  while (!again && lan.io.run_one() != 0) {
  }
  REQUIRE(again);
  CHECK(again->status == 200);
  CHECK(lan.asked.size() == 1);
}

TEST_CASE("S1-16: after a crash in the middle the key is used up, and nobody is let in twice", "[lan]") {
  Desk lan;
  lan.crash = true;
  CHECK(lan.sign_in("k").status == 503);
  lan.crash = false;
  SECTION("in this process nobody knows") {
    CHECK(lan.sign_in("k").status == 409);
  }
  SECTION("after the restart its decision is the answer, with doors that are unknown") {
    lan.start();
    lan.run_load();
    lan.store.unreadable = true;
    CHECK(lan.sign_in("k").status == 503);
    lan.store.unreadable = false;
    const auto answer = lan.sign_in("k");
    REQUIRE(answer.status == 200);
    CHECK_THAT(answer.body,
               Catch::Contains(R"("id":"01D1","revision":1)") && Catch::Contains(R"("command":"unknown")"));
    CHECK(lan.sign_in("k", Desk::other).status == 409);
    lan.start();
    CHECK(lan.sign_in("k").body == answer.body);
  }
  CHECK(lan.asked.size() == 1);
  CHECK(lan.sign_in("k2").status == 200);
}

TEST_CASE("S1-16: a key of a version that kept no decision is used up all the same", "[lan]") {
  Desk lan;
  lan.keeps_decision = false;
  lan.crash = true;
  CHECK(lan.sign_in("k").status == 503);
  lan.start();
  CHECK(lan.sign_in("k").status == 409);
  CHECK(lan.asked.size() == 1);
}

TEST_CASE("S1-16: what cannot be stored or read is 503, and the key is free", "[lan]") {
  Desk lan;
  SECTION("the intent") {
    lan.unwritable = true;
  }
  SECTION("anything") {
    lan.fails = Error{Errc::storage, "the disk"};
  }
  SECTION("the keys") {
    lan.store.unreadable = true;
  }
  const auto refused = lan.sign_in("k");
  CHECK(refused.status == 503);
  CHECK(refused.retry_after.has_value());
  CHECK(lan.asked.size() == (lan.store.unreadable ? 0 : 1));
  lan.unwritable = lan.store.unreadable = false;
  lan.fails.reset();
  CHECK(lan.sign_in("k").status == 200);
}

TEST_CASE("A client gets what its entry lists, and nothing else", "[lan]") {
  Desk lan;
  lan.client.access_points = {AccessPointId("elsewhere")};
  CHECK(lan.sign_in("k").status == 403);
  CHECK(lan.asked.empty());
  CHECK(run(lan.io, lan.desk->muster(lan.client, "")).status == 403);
  lan.client.muster = true;
  CHECK(run(lan.io, lan.desk->muster(lan.client, "")).body == R"({"on_site":[]})");
  CHECK(run(lan.io, lan.desk->muster(lan.client, "nowhere")).status == 404);
  CHECK(lan.desk->feed(lan.client, IntegrationId("cctv")).directory == "/feeds/cctv");
  CHECK(lan.desk->feed(lan.client, IntegrationId("lan-only")).directory == "/state/feeds/lan-only");
  CHECK(lan.desk->feed(lan.client, IntegrationId("other")).refusal.status == 403);
  CHECK(lan.desk->feed(lan.client, IntegrationId("off")).refusal.status == 404);
  CHECK(lan.desk->feed(lan.client, IntegrationId("net2-hq")).refusal.status == 404);
  CHECK_THAT(lan.desk->health().body, Catch::Contains(R"("lockdown":["hq"])"));
}

TEST_CASE("The args of a sign-in are taken in one way only", "[json]") {
  const auto known = read_sign_in_args(Desk::good);
  REQUIRE(known);
  CHECK(std::get<PersonId>(known->person) == PersonId("01J"));
  const auto cloud = read_sign_in_args(Desk::other);
  REQUIRE(cloud);
  CHECK(std::get<CloudPerson>(cloud->person).cloud_id == "c-1");
  CHECK(cloud->asked == SignIn{AccessPointId("reception"), Direction::out, SignInMode::qr});
  const auto with = [](const std::string& person, const std::string& more = "") {
    return R"({"access_point":"a","direction":"in","mode":"web","person":)" + person + more + "}";
  };
  const auto walk_in =
      read_sign_in_args(with(R"({"person_type":"visitor","first_name":"Grace ","last_name":"  Hopper"})"));
  REQUIRE(walk_in);
  CHECK(std::get<WalkInName>(walk_in->person).first_name == "Grace");
  CHECK(std::get<WalkInName>(walk_in->person).last_name == "Hopper");

  const auto bad = GENERATE_COPY(values<std::string>({
      "",
      "{",
      "[]",
      "null",
      std::string(Desk::good) + "x",
      std::string(Desk::good) + std::string(Desk::good),
      with(R"({"id":"1"})", R"(,"more":1)"),
      with(R"({"id":"1"})", R"(,"mode":"web")"),
      with(R"({"id":"1","id":"2"})"),
      with(R"({"id":"1","\u0069d":"2"})"),
      with(R"({"id":"1","cloud_id":"2"})"),
      with(R"({"id":1})"),
      with(R"({"id":null})"),
      with(R"({"id":""})"),
      with(R"({"id":{"x":1}})"),
      with(R"({"id":[[[[[[1]]]]]]})"),
      with("{\"id\":\"\xC3\x28\"}"),
      with("{\"id\":\"\xED\xA0\x80\"}"),
      with(R"({"id":"a\u0000b"})"),
      with(R"({"id":"a\nb"})"),
      with(R"({"id":")" + std::string(257, 'x') + "\"}"),
      with(R"({"person_type":"employee","first_name":"A","last_name":"B"})"),
      with(R"({"person_type":"visitor","first_name":"A"})"),
      with(R"({"first_name":"A","last_name":"B"})"),
      with(R"({"person_type":"visitor","first_name":"  ","last_name":"B"})"),
      with(R"("01J")"),
      with("{}"),
      R"({"direction":"in","mode":"web","person":{"id":"1"}})",
      R"({"access_point":"a","direction":"up","mode":"web","person":{"id":"1"}})",
      R"({"access_point":"a","direction":"in","mode":"Web","person":{"id":"1"}})",
      R"({"access_point":"a","direction":"in","person":{"id":"1"}})",
      R"({"access_point":"a","direction":"in","mode":"web"})",
  }));
  INFO(bad);
  const auto read = read_sign_in_args(bad);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::invalid);

  Desk lan;
  CHECK(lan.sign_in("k", bad).status == 400);
  CHECK(lan.asked.empty());
}

}  // namespace gatehouse
