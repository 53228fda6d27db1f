#include "tests/sim/generator.hpp"

#include <algorithm>

namespace gatehouse::sim {
namespace {

using namespace std::chrono_literals;
constexpr auto tick_length = 5ms;
/// A tick never makes more than this, so that answers still get out when the machine cannot keep the rate.
constexpr std::int64_t most_per_tick = 5000;

}  // namespace

Generator::Generator(boost::asio::any_io_executor executor, World& world, std::uint64_t seed)
    : world_(world), timer_(executor), random_(seed) {}

void Generator::start(std::function<void()> make, double rate, std::int64_t count) {
  jobs_.push_back({std::move(make), rate, count, std::chrono::steady_clock::now()});
  if (jobs_.size() == 1) tick();
}

void Generator::tick() {
  const auto now = std::chrono::steady_clock::now();
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    const double due = std::chrono::duration<double>(now - job->begun).count() * job->rate + 1;
    auto many = std::min(static_cast<std::int64_t>(due - job->made), most_per_tick);
    if (job->left >= 0) many = std::min(many, job->left);
    for (std::int64_t i = 0; i < many; ++i) job->make();
    job->made += static_cast<double>(many);
    if (job->left >= 0) job->left -= many;
    job = job->left == 0 ? jobs_.erase(job) : std::next(job);
  }
  if (jobs_.empty()) return;
  timer_.expires_after(tick_length);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) tick();
  });
}

const Person* Generator::random_person() {
  const auto& all = world_.people.all();
  if (all.empty()) return nullptr;
  const auto& person = all[random_() % all.size()];
  return person.active ? &person : nullptr;
}

const Door* Generator::random_door() {
  const auto& all = world_.doors.all;
  return all.empty() ? nullptr : &all[random_() % all.size()];
}

EventDraft Generator::random_event(const std::vector<int>& types) {
  static constexpr int everyday[] = {20, 20, 20, 20, 20, 20, 20, 20, 20, 20,
                                     20, 20, 23, 28, 29, 46, 47, 20, 26, 20};
  EventDraft draft;
  draft.type = types.empty() ? everyday[random_() % std::size(everyday)] : types[random_() % types.size()];
  if (const auto* door = random_door()) draft.door = door->address;
  draft.in = random_() % 2 == 0;
  if (draft.type == 23) draft.sub_type = 22;
  const bool personal =
      draft.type >= 15 && draft.type <= 31 && draft.type != 23 && draft.type != 28 && draft.type != 29;
  const auto* person = personal ? random_person() : nullptr;
  if (person) {
    draft.user = person->id;
    if (!person->cards.empty()) draft.card = to_integer(person->cards[0].value).value_or(0);
  }
  return draft;
}

}  // namespace gatehouse::sim
