// kill -9 around the intent, the call to Net2 and the outcome (contract §3.2): no door opens twice, none
// opens late, and every outcome is recorded. The simulated Net2 counts what it was told.
#include <future>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/lan_house.hpp"

namespace gatehouse::whole {
namespace {

/// Where the daemon dies, in the order in which a sign-in passes them; with the pass it is killed at.
constexpr auto steps = std::to_array<const char*>({
    "store.access.begin.before",  // the intent is written, and not committed
    "store.access.begin.after",   // it is durable, and nobody was asked
    "door.asking",                // the call begins
    "door.writing",               // right before the first byte
    "door.answered",              // Net2 has answered, and nobody has heard of it
    "store.access.end.before",    // the outcome is written, and not committed
    "store.access.end.after",     // it is durable, and nobody was told
});

enum class Asked { by_cloud, on_lan, locally, by_operator };
constexpr auto ways = std::to_array({Asked::by_cloud, Asked::on_lan, Asked::locally, Asked::by_operator});

/// How a request got on, counted over the rounds.
struct Figures {
  int rounds = 0, died = 0, died_at_start = 0, opened = 0, nothing_begun = 0;
  std::map<std::string, int> outcomes;
  std::map<std::string, int> deaths;  ///< by step
};

class CrashHouse : public LanHouse {
 public:
  CrashHouse() {
    who_ = {{"id", person_id(ada)}};
    seen_ = decisions();
  }

  /// One request, a death at `step` (or, where that is empty, `after` a while), and a life after it.
  void one_round(Asked way, const std::string& step, Millis after, bool slow_net2);

  Figures figures;

 private:
  /// Decisions that the gateway keeps: id → command of the one door ("" where none was allowed).
  std::map<std::string, std::string> decisions() const;
  std::size_t operator_rows(const std::string& outcome) const;
  void launch(const std::string& step);
  /// Answers, or is dead.
  bool up();
  void ask_for(Asked way);
  void judge(Asked way, std::int64_t before, std::size_t begun_before);
  /// What Net2 was told so far, once nothing of a dead process is on its way to it any more.
  std::int64_t settled_opens() const;
  /// Requests that the slow Net2 has taken.
  std::int64_t hits() const { return number_at(net2.state(), "fault_hits"); }
  std::string fresh_epoch() const;

  json::object who_;
  json::object sent_;  ///< claims of the last command
  std::string key_;    ///< of the last request on the LAN
  std::string epoch_;
  std::map<std::string, std::string> seen_;
  int number_ = 0;
  std::future<void> asking_;
};

std::map<std::string, std::string> CrashHouse::decisions() const {
  std::map<std::string, std::string> out;
  for (const auto& entry : list({"access", "list", "--since", "5m"}, "decisions")) {
    const auto& decision = entry.as_object();
    const auto& doors = decision.at("doors").as_array();
    out[text_at(decision, "id")] = doors.empty() ? "" : text_at(doors.at(0).as_object(), "command");
  }
  return out;
}

/// Rows of the audit about acts at the door; empty: of any outcome.
std::size_t CrashHouse::operator_rows(const std::string& outcome) const {
  std::size_t count = 0;
  for (const auto& entry : list({"audit", "show"}, "audit")) {
    const auto& row = entry.as_object();
    const bool mine = text_at(row, "action") == "door.open" && text_at(row, "actor") != "lan reception" &&
                      json::serialize(row).find("\"act\"") != std::string::npos;
    if (mine && (outcome.empty() || text_at(row, "outcome") == outcome)) ++count;
  }
  return count;
}

std::string CrashHouse::fresh_epoch() const {
  return deep(recorder.ask([](const Ledger& l) { return l.last("/up/state"); }), "data.epoch");
}

void CrashHouse::launch(const std::string& step) {
  gateway.env().clear();
  if (!step.empty()) gateway.env() = {{"GATEHOUSE_CRASH_AT", step}};
  gateway.launch();
}

bool CrashHouse::up() {
  return eventually(20s, [&] {
    if (!gateway.running()) return true;
    if (gateway.state() != "active") return false;
    const auto epoch = fresh_epoch();
    return !epoch.empty() && epoch != epoch_;
  });
}

std::int64_t CrashHouse::settled_opens() const {
  auto count = opens();
  for (;;) {
    const auto again = opens();
    if (again == count) return count;
    count = again;
  }
}

void CrashHouse::ask_for(Asked way) {
  ++number_;
  switch (way) {
    case Asked::by_cloud:
      sent_ = claims("access.sign_in", sign_in(who_));
      send(sent_);
      break;
    case Asked::by_operator:
      sent_ = claims("door.open", {{"door", front_door}, {"reason", "round " + std::to_string(number_)}});
      send(sent_);
      break;
    case Asked::on_lan:
      key_ = "key-" + std::to_string(number_);
      asking_ = std::async(std::launch::async,
                           [this] { try_to_ask("POST", "/v1/sign-in", signing_in(who_, key_)); });
      break;
    case Asked::locally:
      asking_ = std::async(std::launch::async, [this] {
        gateway.ask({"access", "sign-in", "--person", text_at(who_, "id"), "--access-point", "reception"});
      });
      break;
  }
}

void CrashHouse::judge(Asked way, std::int64_t before, std::size_t begun_before) {
  const auto at_death = settled_opens() - before;
  CHECK(at_death <= 1);
  epoch_ = fresh_epoch();
  launch("");
  REQUIRE(up());
  REQUIRE(gateway.running());
  CHECK(opens() - before == at_death);  // none opens late
  // The same request again: for the LAN it may be the first that is heard of, for a command it never is.
  std::optional<json::object> on_lan;
  if (way == Asked::on_lan) {
    on_lan = ask("POST", "/v1/sign-in", signing_in(who_, key_));
    CHECK(number_at(*on_lan, "status") == 200);
  } else if (way != Asked::locally) {
    send(sent_);
    const auto answer = call("status.get", {});  // behind it: it has been looked at
    CHECK(flag_at(answer, "ok"));
  }
  const auto opened = settled_opens() - before;
  CHECK(opened <= 1);
  if (way != Asked::on_lan) CHECK(opened == at_death);
  figures.opened += static_cast<int>(opened);

  std::string outcome;
  if (way == Asked::by_operator) {
    const bool begun = operator_rows("begun") > begun_before;
    if (!begun) CHECK(opened == 0);
    if (begun) {
      const auto told = reply(text_at(sent_, "jti"), 10s);
      REQUIRE(told);
      // A sign of life of before the death, or what the start made of it.
      outcome = deep(*told, "result.command");
      const auto code = deep(*told, "error.code");
      INFO(text(*told));
      CHECK(!outcome.empty());
      CHECK(code.empty());
    }
  } else {
    auto now = decisions();
    std::vector<std::string> fresh;
    for (const auto& [id, command] : now) {
      if (!seen_.contains(id)) fresh.push_back(id);
    }
    CHECK(fresh.size() <= 1);
    if (fresh.empty()) CHECK(opened == 0);
    if (!fresh.empty()) {
      outcome = now.at(fresh.front());
      if (on_lan) CHECK(deep(*on_lan, "body.id") == fresh.front());
      if (way == Asked::by_cloud) {
        const auto told = reply(text_at(sent_, "jti"), 10s);
        REQUIRE(told);
        INFO(text(*told));
        CHECK(deep(*told, "result.decision.id") == fresh.front());
      }
    }
    seen_ = std::move(now);
  }
  if (outcome.empty()) {
    ++figures.nothing_begun;
    return;
  }
  ++figures.outcomes[outcome];
  INFO("recorded as " << outcome << ", opened " << opened);
  CHECK((outcome == "sent" || outcome == "confirmed" || outcome == "failed" || outcome == "unknown"));
  if (outcome == "sent" || outcome == "confirmed") CHECK(opened == 1);
  if (outcome == "failed") CHECK(opened == 0);
}

void CrashHouse::one_round(Asked way, const std::string& step, Millis after, bool slow_net2) {
  ++figures.rounds;
  if (!step.empty()) {
    gateway.kill();
    epoch_ = fresh_epoch();
    launch(step);
    REQUIRE(up());
    if (!gateway.running()) {  // in the repair of the life before: that is a life, too
      ++figures.died_at_start;
      launch("");
      REQUIRE(up());
    }
  }
  const auto before = settled_opens();
  const auto begun_before = way == Asked::by_operator ? operator_rows("begun") : 0;
  const auto hits_before = hits();
  if (slow_net2) net2.fault(R"({"kind":"slow","path":"commands/door","delay":"40ms"})");
  ask_for(way);
  if (step.empty()) {
    // The moment is the point: random, and not tied to anything the daemon does.
    std::this_thread::sleep_for(after);
  } else if (eventually(5s, [&] { return !gateway.running(); })) {
    ++figures.deaths[step];
  }
  if (!gateway.running()) ++figures.died;
  gateway.kill();
  if (asking_.valid()) asking_.get();
  // A slow Net2 does its work after a while, for whoever asked before they died.
  if (slow_net2) CHECK(eventually(5s, [&] { return opens() - before == hits() - hits_before; }));
  net2.clear_faults();
  judge(way, before, begun_before);
}

void die_at_doors(int rounds) {
  std::mt19937_64 random(run_seed());
  CrashHouse house;
  std::uniform_int_distribution<int> any(0, 1'000'000);
  for (int i = 0; i < rounds; ++i) {
    // Half of them at each step in turn, half at any moment of a sign-in.
    const auto way = ways[static_cast<std::size_t>(any(random)) % ways.size()];
    const std::string step = i % 2 == 0 ? steps[static_cast<std::size_t>(i / 2) % steps.size()] : "";
    const Millis after(way == Asked::on_lan ? 60 + any(random) % 160 : any(random) % 120);
    const bool slow = any(random) % 2 == 0;
    const auto log = house.gateway.log();
    INFO("seed " << run_seed() << ", round " << i << ", way " << static_cast<int>(way) << ", step " << step
                 << ", after " << after.count() << " ms, slow " << slow << "\n"
                 << log.substr(log.size() > 1'000 ? log.size() - 1'000 : 0));
    house.one_round(way, step, after, slow);
  }
  const auto& f = house.figures;
  std::printf(
      "%d rounds, %d deaths at a step (%d of them in the repair of another), %d doors opened, "
      "%d rounds in which nothing had begun; outcomes:",
      f.rounds, f.died + f.died_at_start, f.died_at_start, f.opened, f.nothing_begun);
  for (const auto& [outcome, count] : f.outcomes) std::printf(" %s %d", outcome.c_str(), count);
  std::printf("; deaths:");
  for (const auto& [step, count] : f.deaths) std::printf(" %s %d", step.c_str(), count);
  std::printf("\n");
  CHECK(house.gateway.ask({"audit", "verify"}).status == 0);
  CHECK(lines(house.recorder.ledger().broken()).empty());
  CHECK(lines(house.recorder.ledger().faults()).empty());
}

TEST_CASE("D-6: kill -9 around intent, Net2 call and outcome opens no door twice, and none late",
          "[access][kill]") {
  die_at_doors(rounds(20));
}

TEST_CASE("D-6: 500 times kill -9 around intent, Net2 call and outcome", "[.long][access][kill]") {
  die_at_doors(rounds(500));
}

}  // namespace
}  // namespace gatehouse::whole
