// A feed's inlet and what is said of it, over a real store; files are answers of a script.

#include <deque>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "daemon/app/feed_integration.hpp"
#include "daemon/host/zone_database.hpp"
#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

struct NoAlerts final : AlertStore {
  Task<Result<std::vector<Alert>>> load_alerts() override { co_return std::vector<Alert>(); }
  Task<Result<void>> tell_alerts(std::vector<Message> messages, std::vector<Alert> raised) override {
    for (const auto& one : messages)
      told.push_back(member(one.data, "state") + ' ' + member(one.data, "detail"));
    up = std::move(raised);
    co_return Result<void>{};
  }
  std::vector<std::string> told;
  std::vector<Alert> up;
};

struct Silence final : Log {
  void write(Level, std::string_view, std::initializer_list<LogField>) override {}
};

/// Reads when it is let.
struct GatedPeople final : ScriptedPeople {
  Task<Result<PeopleRead>> read_people(PeopleQuery query, RecordSink& sink) override {
    ++begun;
    if (gate != nullptr) co_await gate->wait();
    auto read = co_await ScriptedPeople::read_people(std::move(query), sink);
    co_return read;
  }
  std::unique_ptr<Wakeup> gate{};  ///< reads wait for it, where there is one
  int begun = 0;
};

class FeedDesk {
 public:
  /// Reads of the source wait from now on until it is rung, each.
  Wakeup& shut_gate() {
    source.gate = std::make_unique<Wakeup>(io.get_executor());
    return *source.gate;
  }
  explicit FeedDesk(Integration settings = feed_settings())
      : alerts(alert_store, world.clock, [] {}),
        loops(io.get_executor(), world.clock, log),
        bell(io.get_executor()) {
    source.people = {fed("a", "Ada", "Lovelace", "ada@example.com")};
    const FeedInlet inlet{.take_next = [this] { return take(); },
                          .wait_for_change = [this](Duration limit) { return wait(limit); }};
    auto zone = load_zone("Europe/London");
    REQUIRE(zone);
    integration.emplace(
        std::move(settings), two_sites,
        FeedIntegration::Parts{.inlet = inlet,
                               .clock = world.clock,
                               .log = log,
                               .alerts = alerts,
                               .status_changed = [] {},
                               .people = {.executor = io.get_executor(),
                                          .worker = world.worker.get_executor(),
                                          .source = source,
                                          .directory = *world.store,
                                          .issues = *world.store,
                                          .plans = *world.store,
                                          .people = *world.store,
                                          .turn = world.turn,
                                          .clock = world.clock,
                                          .alerts = alerts,
                                          .zone = *zone,
                                          .fold = world.fold,
                                          .tell_issues = true,
                                          .poll = {},
                                          .before_read = {},
                                          .news = [] {},
                                          .changed = {},
                                          .proved = [this](Uptime at) { proved.push_back(at); }}});
    integration->start(loops);
  }
  ~FeedDesk() {
    bool stopped = false;
    boost::asio::co_spawn(io, loops.stop(), [&](std::exception_ptr) { stopped = true; });
    becomes([&] { return stopped; });
  }

  template <typename Holds>
  bool becomes(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    io.restart();
    while (!holds() && std::chrono::steady_clock::now() < end) io.run_one_for(10ms);
    return holds();
  }
  /// Until nothing is left to take, and then `status`.
  bool rests_in(IntegrationState status) {
    return becomes([&] { return answers.empty() && waits > 0 && state() == status; });
  }
  void answer(std::vector<Result<bool>> next) {
    waits = 0;
    answers.assign(next.begin(), next.end());
    bell.ring();
  }
  IntegrationState state() const { return integration->status().judged.state; }
  std::string detail() const { return integration->status().judged.detail; }
  std::string hint() const { return integration->status().judged.hint; }
  std::vector<std::string> told() {
    bool done = false;
    boost::asio::co_spawn(io, alerts.tell(), [&](std::exception_ptr) { done = true; });
    becomes([&] { return done; });
    return alert_store.told;
  }

  boost::asio::io_context io;
  SyncWorld world;
  GatedPeople source;
  Silence log;
  NoAlerts alert_store;
  Alerts alerts;
  TaskGroup loops;
  Wakeup bell;
  std::deque<Result<bool>> answers;  ///< of take_next(); then: nothing there
  int takes = 0;
  std::vector<Uptime> proved;
  int waits = 0;  ///< for a change, since answer()
  std::optional<FeedIntegration> integration;

 private:
  Task<Result<bool>> take() {
    ++takes;
    if (answers.empty()) co_return false;
    auto next = std::move(answers.front());
    answers.pop_front();
    co_return next;
  }
  Task<bool> wait(Duration) {
    ++waits;
    auto rung = co_await bell.wait(1h);
    co_return rung;
  }
};

const Error broken_line{Errc::malformed, "line 3 of x.jsonl"};
const Error wrong_count{Errc::incomplete, "y.jsonl was cut"};
const Error no_directory{Errc::storage, "no directory"};

}  // namespace

TEST_CASE("S2-4: a feed of which nothing has come yet is pending, which is no fault", "[feed]") {
  FeedDesk desk;
  desk.source.fault = Error{Errc::not_found, "no snapshot yet"};
  REQUIRE(desk.becomes([&] { return desk.source.reads > 0 && !desk.source.fault; }));
  CHECK(desk.rests_in(IntegrationState::pending));
  CHECK(desk.told().empty());
  CHECK(waiting(*desk.world.store, Lane::people).empty());  // no run has failed either
}

TEST_CASE("S2-4: refused files make way for the next at once, and are not asked for in a circle", "[feed]") {
  FeedDesk desk;
  REQUIRE(desk.rests_in(IntegrationState::active));
  const int before = desk.takes;
  desk.answer({broken_line, wrong_count, broken_line});
  REQUIRE(desk.rests_in(IntegrationState::active));  // the last good one is in force; no record waits
  CHECK(desk.waits == 1);                            // not one for each: that would be half a minute
  CHECK(desk.takes == before + 4);
  CHECK(desk.detail() == "line 3 of x.jsonl");
  desk.answer({});
  CHECK(desk.rests_in(IntegrationState::active));
  CHECK(desk.detail() == "line 3 of x.jsonl");  // until a good one has come
  desk.answer({true});
  CHECK(desk.becomes([&] { return desk.detail().empty(); }));
  CHECK(desk.rests_in(IntegrationState::active));
  CHECK(desk.told() == std::vector<std::string>{"raised line 3 of x.jsonl", "over line 3 of x.jsonl"});
}

TEST_CASE("S2-4: trouble with a feed's directory is over by itself", "[feed]") {
  FeedDesk desk;
  REQUIRE(desk.rests_in(IntegrationState::active));
  for (int i = 0; i < 3; ++i) {
    desk.answer({no_directory});
    REQUIRE(desk.rests_in(IntegrationState::unreachable));
    CHECK(desk.detail() == "no directory");
    CHECK(desk.waits == 1);  // tried again after a wait only
  }
  desk.answer({});
  CHECK(desk.rests_in(IntegrationState::active));
  CHECK(desk.told() == std::vector<std::string>{"raised no directory", "over no directory"});
}

TEST_CASE("S2-4: a taken snapshot that cannot be read is a fault, too", "[feed]") {
  FeedDesk desk;
  REQUIRE(desk.rests_in(IntegrationState::active));
  desk.source.fault = Error{Errc::malformed, "done/x.jsonl has been removed"};
  desk.answer({true});
  REQUIRE(desk.becomes([&] { return !desk.detail().empty(); }));
  CHECK(desk.state() == IntegrationState::active);
  CHECK_THAT(desk.detail(), Catch::Contains("done/x.jsonl has been removed"));
  CHECK_THAT(desk.hint(), Catch::StartsWith("the last good snapshot stays in force"));
  CHECK(desk.told().size() == 1);
}

TEST_CASE("S2-4: a snapshot of nobody where there were people is refused, with a hint for a feed", "[feed]") {
  FeedDesk desk;
  REQUIRE(desk.rests_in(IntegrationState::active));
  desk.source.people.clear();
  desk.answer({true});
  REQUIRE(desk.becomes([&] { return !desk.detail().empty(); }));
  CHECK(desk.state() == IntegrationState::active);
  CHECK_THAT(desk.detail(), Catch::Contains("an empty list of people"));
  CHECK_THAT(desk.hint(), Catch::StartsWith("the last good snapshot stays in force"));
  CHECK(desk.integration->status().people == 1);
}

TEST_CASE("S2-4: each snapshot has its own pass before the next one is taken", "[feed]") {
  FeedDesk desk;
  REQUIRE(desk.rests_in(IntegrationState::active));
  Wakeup& gate = desk.shut_gate();
  const auto begun = desk.source.begun;
  const auto takes = desk.takes;
  desk.answer({true, true, true});
  for (int one = 1; one <= 3; ++one) {
    REQUIRE(desk.becomes([&] { return desk.source.begun == begun + one; }));
    CHECK(desk.takes == takes + one);
    if (one == 2) desk.source.fault = Error{Errc::malformed, "done/x.jsonl has been changed"};  // goes on
    gate.ring();
  }
  CHECK(desk.becomes([&] { return desk.takes == takes + 4; }));
  CHECK(desk.proved.size() == 2);
}

TEST_CASE("S2-4: what an earlier daemon had taken is read before anything is taken", "[feed]") {
  FeedDesk desk;
  Wakeup& gate = desk.shut_gate();
  REQUIRE(desk.becomes([&] { return desk.source.begun == 1; }));
  CHECK(desk.takes == 0);
  SECTION("unless passes are made by hand") {
    desk.integration->people().set_paused(true);
  }
  SECTION("then they are") {
    gate.ring();
  }
  CHECK(desk.becomes([&] { return desk.takes == 1; }));
  gate.ring();
}

TEST_CASE("S2-4: who comes by a small feed may be others tomorrow", "[feed]") {
  FeedDesk desk;
  REQUIRE(desk.rests_in(IntegrationState::active));
  const auto next_day = [&](std::vector<SourceRecord> visitors) {
    const auto read = desk.proved.size();
    desk.source.people = std::move(visitors);
    desk.answer({true});
    return desk.becomes([&] { return desk.proved.size() > read; });
  };
  REQUIRE(
      next_day({fed("b", "Bob", "Baker", "bob@example.com"), fed("c", "Cleo", "Cook", "cleo@example.com")}));
  REQUIRE(next_day({fed("d", "Dan", "Dyer", "dan@example.com"), fed("e", "Eve", "East", "eve@example.com")}));
  CHECK(desk.rests_in(IntegrationState::active));
  CHECK(desk.integration->status().people == 2);
}

TEST_CASE("D-3: a snapshot proves the copy current as of the read that took it in, and an old one nothing",
          "[feed]") {
  FeedDesk desk;
  REQUIRE(desk.rests_in(IntegrationState::active));
  CHECK(desk.proved.empty());  // what lay there before the start is of nobody knows when
  desk.answer({true});
  REQUIRE(desk.becomes([&] { return desk.proved.size() == 1; }));
  // One that comes while an older one is being read is proved by its own read, not by that one.
  Wakeup& gate = desk.shut_gate();
  const auto before = desk.source.begun;
  desk.integration->people().ring();
  REQUIRE(desk.becomes([&] { return desk.source.begun == before + 1; }));
  desk.answer({true});
  REQUIRE(desk.becomes([&] { return desk.answers.empty(); }));
  gate.ring();
  REQUIRE(desk.becomes([&] { return desk.source.begun == before + 2; }));
  CHECK(desk.proved.size() == 1);
  gate.ring();
  CHECK(desk.becomes([&] { return desk.proved.size() == 2; }));
}
