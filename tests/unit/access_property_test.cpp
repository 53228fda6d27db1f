// What holds at the doors whatever happens in whatever order.

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

namespace {

/// A building whose gateway is killed and started again, while its disk and its doors stay.
class Years {
 public:
  Years() { begin(); }

  void step() {
    switch (*rc::gen::inRange(0, 12)) {
      case 0:
      case 1:
      case 2:
        return sign_in();
      case 3:
        return act();
      case 4:
      case 5:
        return answer(
            *rc::gen::element(DoorCommandState::sent, DoorCommandState::failed, DoorCommandState::unknown));
      case 6:
      case 7:
        return at_->pass(*rc::gen::element<Duration>(100ms, 1s, 5s, 9s, 10s, 20s));
      case 8:
        return at_->opened(any_door());
      case 9:
        return at_->relay(any_door(), *rc::gen::arbitrary<bool>());
      case 10:
        return trouble();
      default:
        return *rc::gen::inRange(0, 3) == 0 ? lock() : crash();
    }
  }

  /// Everything gets better, and the daemon ends and starts as it should.
  void settle() {
    at_->store.cannot_write = at_->store.cannot_end = false;
    answer_all(DoorCommandState::sent);
    end();
    begin();
    answer_all(DoorCommandState::sent);
  }

  void check() const {
    RC_ASSERT(disk_.open.empty());
    for (const auto& [id, row] : disk_.decisions) {
      RC_ASSERT(row.decision.revision >= 1U);
      for (const auto& door : row.decision.doors)
        RC_ASSERT(door.command.state != DoorCommandState::scheduled);
    }
    RC_ASSERT(broken_.empty());
    check_gate();
    check_told();
  }

 private:
  void begin() {
    at_ = std::make_unique<DeskCase>(&disk_, clock_);
    at_->doors.slow = true;
    at_->doors.on_call = [this](const DoorOrder& order) { look_at(order); };
    at_->open_for_business();
  }
  void end() {
    at_->stop();
    for (const auto& call : at_->doors.calls) {
      if (call->order.door != gate.number) continue;
      // Only what is looked at later: the rest belongs to a process that is gone.
      DoorsFake::Call past = *call;
      past.answered.reset();
      past.order.stop = nullptr;
      gate_calls_.push_back(std::make_shared<DoorsFake::Call>(std::move(past)));
    }
    sign_ins_.clear();
    acts_.clear();
    at_.reset();
  }
  void crash() {
    at_->store.dead = true;
    answer_all(DoorCommandState::unknown);
    at_->doors.dead = true;
    end();
    begin();
  }

  /// What must be so when a byte is about to be written.
  void look_at(const DoorOrder& order) {
    if (clock_->uptime() >= order.deadline) broken_ += "a byte after the deadline; ";
    if (order.deadline > clock_->uptime() + 10s) broken_ += "a deadline too late; ";
    if (order.action == DoorAction::close) return;  // closing needs no disk
    const DoorId door{net2, order.door};
    const bool durable = std::ranges::any_of(
        disk_.open, [&](const auto& one) { return one.first.second == door && !one.second.scheduled; });
    if (!durable) broken_ += "a door was asked without a durable intent; ";
  }

  static DoorId any_door() { return *rc::gen::element(front_door, gate, back_door); }
  void sign_in() {
    const auto point = *rc::gen::element<std::string>("reception", "yard", "lobby", "all", "lift");
    auto asked = DeskCase::request(point, *rc::gen::element(PersonId("Ada"), PersonId("Eve")));
    if (*rc::gen::arbitrary<bool>())
      asked.asker.expires = clock_->uptime() + *rc::gen::element<Duration>(1s, 6s, 30s);
    sign_ins_.push_back(std::make_unique<std::optional<Result<DecisionRecord>>>());
    at_->bench.start_into(at_->desk.sign_in(std::move(asked)), *sign_ins_.back());
    at_->bench.run();
  }
  void act() {
    auto asked = DeskCase::act(any_door(), *rc::gen::element(DoorAction::open, DoorAction::hold));
    if (asked.action == DoorAction::hold) asked.seconds = 20s;
    acts_.push_back(std::make_unique<std::optional<Result<DoorReport>>>());
    at_->bench.start_into(at_->desk.move_door(std::move(asked)), *acts_.back());
    at_->bench.run();
  }
  void answer(DoorCommandState state) {
    auto& calls = at_->doors.calls;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (calls[i]->answer) continue;
      at_->doors.answer(i, state);
      return at_->bench.run();
    }
  }
  void answer_all(DoorCommandState state) {
    auto& calls = at_->doors.calls;
    for (std::size_t i = 0; i < calls.size(); ++i) {  // each may let another one go
      if (!calls[i]->answer) at_->doors.answer(i, state);
      at_->bench.run();
    }
  }
  void trouble() {
    auto& broken = *rc::gen::arbitrary<bool>() ? at_->store.cannot_write : at_->store.cannot_end;
    broken = !broken;
  }
  void lock() {
    LockdownRequest asked;
    asked.site = head_office;
    asked.on = *rc::gen::arbitrary<bool>();
    [[maybe_unused]] const auto done = at_->bench.get(at_->desk.set_lockdown(asked));
  }

  /// Never twice within ten seconds, but after a call of which not a byte was written.
  void check_gate() const {
    auto calls = gate_calls_;
    for (const auto& call : at_->doors.calls) {
      if (call->order.door == gate.number) calls.push_back(call);
    }
    for (std::size_t i = 1; i < calls.size(); ++i) {
      const bool moved = !calls[i - 1]->answer || calls[i - 1]->answer->state != DoorCommandState::failed;
      RC_ASSERT(!moved || calls[i]->at - calls[i - 1]->at >= Duration(10s));
    }
  }
  /// Revisions of a decision are told from 1 on, none left out, and one twice only as the same message.
  void check_told() const {
    std::map<std::string, std::string> known;  // by message id
    std::map<std::string, int> last;           // by decision
    for (const auto& message : disk_.messages) {
      if (message.type != "decision") continue;
      const auto [same, fresh] = known.emplace(message.id, message.data);
      RC_ASSERT(same->second == message.data);
      if (!fresh) continue;
      const auto revision = ++last[message.subject];
      const auto words = "\"revision\":" + std::to_string(revision) + ",";
      RC_ASSERT(message.data.find(words) != std::string::npos);
    }
    for (const auto& [id, row] : disk_.decisions) {
      RC_ASSERT(static_cast<int>(row.decision.revision) == last[id]);
      const auto words = "\"revision\":" + std::to_string(row.decision.revision) + ",";
      RC_ASSERT(decision_json(row.decision).find(words) != std::string::npos);
    }
  }

  AccessDisk disk_;
  std::shared_ptr<DeskClock> clock_ = std::make_shared<DeskClock>();
  std::vector<std::shared_ptr<DoorsFake::Call>> gate_calls_;  ///< of the processes before
  std::vector<std::unique_ptr<std::optional<Result<DecisionRecord>>>> sign_ins_;
  std::vector<std::unique_ptr<std::optional<Result<DoorReport>>>> acts_;
  std::string broken_;
  std::unique_ptr<DeskCase> at_;
};

}  // namespace

TEST_CASE("D-6: no door is moved late, twice, or without a durable intent, and every intent ends",
          "[access][property]") {
  CHECK(rc::check([] {
    Years years;
    for (int steps = *rc::gen::inRange(1, 60); steps > 0; --steps) years.step();
    years.settle();
    years.check();
  }));
}
