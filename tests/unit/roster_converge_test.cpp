// Whatever is sent twice, cut short, lost or overtaken by a restart: in the end the registry has whom the
// cloud has, and nobody went whom the guard did not let go.

#include <map>
#include <random>
#include <set>

#include <catch2/catch.hpp>

#include "tests/unit/roster_house.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// A cloud that keeps its people and tells the gateway of them, badly.
class FlakyCloud {
 public:
  FlakyCloud(RosterHouse& house, unsigned seed) : house_(house), chance_(seed) {}

  /// From `first` to before `last`.
  int pick(int first, int last) { return std::uniform_int_distribution<int>(first, last - 1)(chance_); }

  void change_something() {
    const int number = pick(1, 30);
    if (pick(0, 3) == 0 && people_.size() > 12)
      people_.erase(number);
    else
      people_[number] = pick(0, 3);
    ++version_;
    history_[cursor()] = people_;
  }
  /// A change from what the gateway should have, or from somewhere else.
  void send_change() {
    auto from = history_.begin();
    std::advance(from, pick(0, static_cast<int>(history_.size())));
    if (pick(0, 3) != 0 && house_.cursor()) from = history_.find(*house_.cursor());
    if (from == history_.end()) return;
    const auto before = house_.cursor();
    const auto word = house_.put(difference(from->first, from->second));
    REQUIRE(word == (before == from->first ? "" : "cursor_mismatch"));
  }
  void send_snapshot(bool careless) {
    Words all;
    for (const auto& [number, face] : people_) all.push_back(somebody(number, face));
    const auto id = "s" + std::to_string(++snapshots_);
    const std::size_t half = all.size() / 2;
    const Words first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(half));
    const Words second(all.begin() + static_cast<std::ptrdiff_t>(half), all.end());
    house_.put(house_.batch(id, 0, cursor(), first));
    const int trouble = careless ? pick(0, 4) : 0;
    if (trouble == 1) return;                                            // the rest is lost
    if (trouble == 2) house_.put(house_.batch(id, 0, cursor(), first));  // twice
    if (trouble == 3) house_.restart();
    const auto word = house_.put(house_.batch(id, 1, cursor(), second, static_cast<int>(all.size())));
    REQUIRE((word == "cursor_mismatch") == (trouble == 3));
  }
  std::string cursor() const { return "k" + std::to_string(version_); }
  std::set<std::string> ids() const {
    std::set<std::string> found;
    for (const auto& [number, face] : people_) found.insert("c" + std::to_string(number));
    return found;
  }
  /// Last names as the cloud has them.
  std::string name_of(const std::string& id) const { return names[people_.at(std::stoi(id.substr(1)))]; }

 private:
  static constexpr const char* names[] = {"Able", "Baker", "Clay"};
  static std::string somebody(int number, int face) {
    const auto text = std::to_string(number);
    return rostered("c" + text, "Ada" + text, names[face], "ada" + text + "@example.com");
  }
  std::string difference(const std::string& from, const std::map<int, int>& before) const {
    Words changes;
    for (const auto& [number, face] : people_) {
      const auto was = before.find(number);
      if (was == before.end() || was->second != face) changes.push_back(somebody(number, face));
    }
    for (const auto& [number, face] : before) {
      if (!people_.contains(number)) changes.push_back(dropped("c" + std::to_string(number)));
    }
    return RosterHouse::change(from, cursor(), changes);
  }

  RosterHouse& house_;
  std::mt19937 chance_;
  std::map<int, int> people_{{1, 0}, {2, 0}, {3, 0}};
  std::map<std::string, std::map<int, int>> history_{{"k0", people_}};
  int version_ = 0;
  int snapshots_ = 0;
};

std::set<std::string> as_set(const Words& words) {
  return {words.begin(), words.end()};
}

}  // namespace

TEST_CASE("Whatever goes wrong on the way, the roster converges to the cloud's", "[roster]") {
  const auto seed = GENERATE(range(1U, 13U));
  CAPTURE(seed);

  RosterHouse house;
  FlakyCloud cloud(house, seed);
  const int steps = cloud.pick(5, 25);
  for (int i = 0; i < steps; ++i) {
    cloud.change_something();
    const auto there = as_set(house.present());
    switch (cloud.pick(0, 4)) {
      case 0:
        cloud.send_snapshot(true);
        break;
      case 1:
        house.restart();
        break;
      default:
        cloud.send_change();
    }
    // The guard lets at most five go within its window (10 % of these few are less).
    std::size_t gone = 0;
    const auto now = as_set(house.present());
    for (const auto& id : there) gone += now.contains(id) ? 0 : 1;
    REQUIRE(gone <= 5);
  }
  cloud.send_snapshot(false);
  for (const auto& plan : house.plans()) {
    auto done = house.bench.get(house.plan_desk().apply(plan.id, plan.count, "root"));
    REQUIRE(done.ok());
  }
  REQUIRE(as_set(house.present()) == cloud.ids());
  REQUIRE(house.cursor() == cloud.cursor());
  REQUIRE(house.issues().empty());
  for (const auto& id : cloud.ids()) REQUIRE(house.person(id)->facts.last_name == cloud.name_of(id));
}
