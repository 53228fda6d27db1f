#include "daemon/app/taken_register.hpp"

#include <algorithm>

namespace gatehouse {

void TakenRegister::load(const std::vector<TakenCommand>& taken, std::map<std::string, std::int64_t> floors) {
  for (const auto& command : taken)
    taken_[{command.issuer, command.id}] = {
        .answer = command.answer, .until = command.until, .keep = {}, .floor_before = std::nullopt};
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
  const auto at = floors_.find(target);
  if (target.empty() || at == floors_.end()) return std::nullopt;
  return at->second;
}

void TakenRegister::take(const TakenCommand& command, Uptime keep) {
  taken_[{command.issuer, command.id}] = {
      .answer = {}, .until = command.until, .keep = keep, .floor_before = floor(command.target)};
  if (command.target.empty()) return;
  auto& lowest = floors_.emplace(command.target, command.issued).first->second;
  lowest = std::max(lowest, command.issued);
}

void TakenRegister::release(const TakenCommand& command) {
  const auto at = taken_.find({command.issuer, command.id});
  if (at == taken_.end()) return;
  const auto before = at->second.floor_before;
  taken_.erase(at);
  // Unless another has raised it meanwhile.
  if (command.target.empty() || floor(command.target) != command.issued) return;
  if (before) {
    floors_[command.target] = *before;
  } else {
    floors_.erase(command.target);
  }
}

void TakenRegister::answered(const TakenCommand& command) {
  const auto at = taken_.find({command.issuer, command.id});
  if (at != taken_.end()) at->second.answer = command.answer;
}

std::size_t TakenRegister::prune(Instant now, Uptime uptime) {
  return std::erase_if(taken_, [&](const auto& item) {
    return item.second.until <= now && item.second.keep <= uptime && !item.second.answer.empty();
  });
}

}  // namespace gatehouse
