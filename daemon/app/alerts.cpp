#include "daemon/app/alerts.hpp"

#include <algorithm>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {

Message alert_message(const Alert& alert, std::string_view state, std::string id, Instant now) {
  JsonWriter json;
  json.begin_object();
  json.member("kind", alert.kind).member("state", state).member("subject", alert.subject);
  json.member("detail", alert.detail).member("hint", alert.hint);
  json.end_object();
  return Message{.lane = Lane::alarm,
                 .topic = "up/alarm",
                 .type = "alert",
                 .id = std::move(id),
                 .time = now,
                 .subject = alert.subject,
                 .data = json.take()};
}

Task<Result<void>> Alerts::load() {
  auto known = co_await store_.load_alerts();
  if (!known) co_return within("load the alerts", known.error());
  for (auto& alert : *known) {
    auto key = std::pair(alert.kind, alert.subject);
    raised_.emplace(std::move(key), std::move(alert));
  }
  co_return Result<void>{};
}

void Alerts::raise(Alert alert, bool anew) {
  auto key = std::pair(alert.kind, alert.subject);
  const auto known = raised_.find(key);
  if (!anew && known != raised_.end() && known->second.hint == alert.hint) return;
  const auto now = clock_.now();
  alert.since = known == raised_.end() ? now : known->second.since;
  pending_.push_back(alert_message(alert, "raised", clock_.new_id(), now));
  raised_.insert_or_assign(std::move(key), std::move(alert));
}

void Alerts::over(const std::string& kind, const std::string& subject) {
  const auto known = raised_.find({kind, subject});
  if (known == raised_.end()) return;
  pending_.push_back(alert_message(known->second, "over", clock_.new_id(), clock_.now()));
  raised_.erase(known);
}

void Alerts::over_but_for(const std::string& kind, std::span<const std::string> subjects) {
  std::vector<std::string> orphans;
  for (const auto& [key, alert] : raised_) {
    if (key.first == kind && std::ranges::find(subjects, key.second) == subjects.end())
      orphans.push_back(key.second);
  }
  for (const auto& subject : orphans) over(kind, subject);
}

std::map<std::string, std::uint64_t> Alerts::raised() const {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [name, alert] : raised_) ++counts[name.first];
  return counts;
}

Task<void> Alerts::tell() {
  constexpr std::size_t most_kept = 100;
  if (pending_.empty()) co_return;
  auto messages = pending_;
  const auto count = messages.size();
  std::vector<Alert> raised;
  raised.reserve(raised_.size());
  for (const auto& [key, alert] : raised_) raised.push_back(alert);
  auto told = co_await store_.tell_alerts(std::move(messages), std::move(raised));
  if (told) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    news_();
  } else if (pending_.size() > most_kept) {
    pending_.erase(pending_.begin(), pending_.end() - static_cast<std::ptrdiff_t>(most_kept));
  }
}

}  // namespace gatehouse
