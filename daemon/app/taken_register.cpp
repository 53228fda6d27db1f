#include "daemon/app/taken_register.hpp"

#include <algorithm>

namespace gatehouse {

void TakenRegister::load(const std::vector<TakenCommand>& taken, std::map<std::string, std::int64_t> floors) {
  for (const auto& command : taken)
    taken_[{command.issuer, command.id}] = {
        .answer = command.answer, .until = command.until, .keep = {}, .target = {}, .issued = 0};
  floors_ = std::move(floors);
}

bool TakenRegister::taken(const std::string& issuer, const std::string& id) const {
  return taken_.contains({issuer, id});
}

std::string TakenRegister::answer(const std::string& issuer, const std::string& id) const {
  const auto at = taken_.find({issuer, id});
  return at == taken_.end() ? std::string() : at->second.answer;
}

std::optional<std::int64_t> TakenRegister::floor(const std::string& target) const {
  std::optional<std::int64_t> latest;
  const auto applied = floors_.find(target);
  if (applied != floors_.end()) latest = applied->second;
  // Which ids were used up before a salvage or a restore is not known: no command of before counts any more.
  const auto of_all = floors_.find("*");
  if (of_all != floors_.end()) latest = std::max(latest.value_or(0), of_all->second);
  const auto pending = pending_.find(target);
  if (pending != pending_.end()) latest = std::max(latest.value_or(0), *pending->second.rbegin());
  return latest;
}

void TakenRegister::take(const TakenCommand& command, Uptime keep) {
  taken_[{command.issuer, command.id}] = {
      .answer = {}, .until = command.until, .keep = keep, .target = command.target, .issued = command.issued};
  if (!command.target.empty()) pending_[command.target].insert(command.issued);
}

void TakenRegister::drop_floor(Entry& entry) {
  const auto at = pending_.find(entry.target);
  if (at == pending_.end()) return;
  // One of them: another of the same second keeps its own.
  at->second.erase(at->second.find(entry.issued));
  if (at->second.empty()) pending_.erase(at);
  entry.target.clear();
}

void TakenRegister::release(const TakenCommand& command) {
  const auto at = taken_.find({command.issuer, command.id});
  if (at == taken_.end()) return;
  drop_floor(at->second);
  taken_.erase(at);
}

void TakenRegister::answered(const TakenCommand& command) {
  const auto at = taken_.find({command.issuer, command.id});
  if (at == taken_.end()) return;
  auto& entry = at->second;
  entry.answer = command.answer;
  if (entry.target.empty()) return;
  auto& floor = floors_.emplace(entry.target, entry.issued).first->second;
  floor = std::max(floor, entry.issued);
  drop_floor(entry);
}

void TakenRegister::refused(const TakenCommand& command) {
  const auto at = taken_.find({command.issuer, command.id});
  if (at == taken_.end()) return;
  at->second.answer = command.answer;
  drop_floor(at->second);
}

void TakenRegister::cap_floors(std::int64_t latest) {
  for (auto& [target, floor] : floors_) floor = std::min(floor, latest);
  for (auto& [key, entry] : taken_) {
    if (entry.target.empty() || entry.issued <= latest) continue;
    auto& pending = pending_[entry.target];
    pending.erase(pending.find(entry.issued));
    entry.issued = latest;
    pending.insert(latest);
  }
}

std::size_t TakenRegister::prune(Instant now, Uptime uptime) {
  return std::erase_if(taken_, [&](const auto& item) {
    return item.second.until <= now && item.second.keep <= uptime && !item.second.answer.empty();
  });
}

}  // namespace gatehouse
