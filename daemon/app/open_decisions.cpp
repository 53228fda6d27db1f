#include "daemon/app/open_decisions.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse {

Task<void> EndWriter::write(AccessEnd end) {
  const auto tried = std::make_shared<Wakeup>(executor_);
  auto ring = [tried] { tried->ring(); };
  errands_.start("end of " + end.owner, write_to_the_end(std::move(end), std::move(ring)),
                 Errands::Pace::open_ended);
  co_await tried->wait();
}

Task<void> EndWriter::write_to_the_end(AccessEnd end, std::function<void()> tried) {
  constexpr Duration longest = std::chrono::seconds(5);
  Duration wait = std::chrono::milliseconds(50);
  for (bool first = true;; first = false) {
    auto again = end;
    const auto written = co_await store_.end_access(std::move(again));
    if (written && !end.messages.empty()) news_();
    if (first) tried();
    if (written) co_return;
    if (first)
      log_.write(Level::warning, "cannot store how " + end.owner + " went: " + written.error().detail);
    if (hurried_) co_return;
    const auto bell = std::make_shared<Wakeup>(executor_);
    sleeping_.push_back(bell);
    co_await bell->wait(wait);
    std::erase(sleeping_, bell);
    wait = std::min(wait * 2, longest);
  }
}

void EndWriter::hurry() {
  hurried_ = true;
  for (const auto& bell : sleeping_) bell->ring();
}

void OpenDecisions::keep(DecisionRecord stored) {
  auto open = std::make_shared<Open>();
  auto id = stored.id;
  open->record = std::move(stored);
  open_.insert_or_assign(std::move(id), std::move(open));
}

const DecisionRecord* OpenDecisions::find(const std::string& id) const {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : &found->second->record;
}

Task<DecisionRecord> OpenDecisions::settle(std::string id, Settled doors, std::vector<AuditEntry> audit,
                                           Finish finish) {
  const auto found = open_.find(id);
  if (found == open_.end()) co_return DecisionRecord{};
  const auto open = found->second;
  for (auto& [door, answer] : doors) {
    const auto decided = std::ranges::find(open->record.doors, door, &DecidedDoor::door);
    if (decided == open->record.doors.end()) continue;
    if (answer.state == DoorCommandState::sent && open->confirmed.contains(door))
      answer.state = DoorCommandState::confirmed;
    decided->command = std::move(answer);
    open->settled.insert(door);
  }
  for (auto& entry : audit) open->audit.push_back(std::move(entry));
  if (finish) open->finish = std::move(finish);
  const auto tried = std::make_shared<Wakeup>(executor_);
  open->waiting.push_back(tried);
  changed(open);
  co_await tried->wait();
  co_return open->record;
}

void OpenDecisions::confirm(const std::string& id, const DoorId& door) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  const auto& open = found->second;
  open->confirmed.insert(door);
  const auto decided = std::ranges::find(open->record.doors, door, &DecidedDoor::door);
  if (decided == open->record.doors.end() || decided->command.state != DoorCommandState::sent) return;
  decided->command = {DoorCommandState::confirmed, ""};
  changed(open);
}

void OpenDecisions::changed(const std::shared_ptr<Open>& open) {
  open->changed = true;
  if (open->writing) return;
  open->writing = true;
  errands_.start("revision of " + open->record.id, write(open), Errands::Pace::open_ended);
}

AccessEnd OpenDecisions::next_revision(Open& open) {
  ++open.record.revision;
  AccessEnd end;
  end.owner = open.record.id;
  end.doors.assign(open.settled.begin(), open.settled.end());
  end.decision = open.record;
  end.audit = std::exchange(open.audit, {});
  end.messages.push_back(decision_message(open.record, clock_.new_id(), clock_.now()));
  if (const auto finish = std::exchange(open.finish, {})) finish(end);
  open.settled.clear();
  open.changed = false;
  return end;
}

Task<void> OpenDecisions::write(std::shared_ptr<Open> open) {
  while (open->changed) {
    auto end = next_revision(*open);
    auto waiting = std::exchange(open->waiting, {});
    auto tried = [waiting = std::move(waiting)] {
      for (const auto& one : waiting) one->ring();
    };
    co_await writer_.write_to_the_end(std::move(end), std::move(tried));
  }
  open->writing = false;
}

void OpenDecisions::sweep() {
  const auto is_open = [this](const Open& open) {
    const auto pending = [](const DecidedDoor& door) {
      return door.command.state == DoorCommandState::scheduled;
    };
    return open.writing || open.record.revision == 0 || std::ranges::any_of(open.record.doors, pending) ||
           watch_.watches(open.record.id);
  };
  std::erase_if(open_, [&](const auto& one) { return !is_open(*one.second); });
}

}  // namespace gatehouse
