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

void Alerts::raise(Alert alert) {
  auto key = std::pair(alert.kind, alert.subject);
  const auto known = raised_.find(key);
  if (known != raised_.end() && known->second.hint == alert.hint) return;
  pending_.push_back(alert_message(alert, "raised", clock_.new_id(), clock_.now()));
  raised_.insert_or_assign(std::move(key), std::move(alert));
}

void Alerts::over(const std::string& kind, const std::string& subject) {
  const auto known = raised_.find({kind, subject});
  if (known == raised_.end()) return;
  pending_.push_back(alert_message(known->second, "over", clock_.new_id(), clock_.now()));
  raised_.erase(known);
}

Task<void> Alerts::tell() {
  constexpr std::size_t most_kept = 100;
  if (pending_.empty()) co_return;
  auto messages = pending_;
  const auto count = messages.size();
  auto told = co_await store_.append(std::move(messages));
  if (told) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    news_();
  } else if (pending_.size() > most_kept) {
    pending_.erase(pending_.begin(), pending_.end() - static_cast<std::ptrdiff_t>(most_kept));
  }
}

}  // namespace gatehouse
