#include "daemon/metrics_side.hpp"

#include <filesystem>
#include <utility>

#include "daemon/app/on_worker.hpp"
#include "daemon/core/exposition.hpp"
#include "daemon/host/process_figures.hpp"

namespace gatehouse {
namespace {

constexpr Duration metrics_retry = std::chrono::seconds(30);

struct Room {
  std::optional<std::uint64_t> used;
  std::optional<std::uint64_t> free;
};

/// Of the store's files. Blocks.
Room room_in(const std::string& state_dir) {
  Room room;
  const std::filesystem::path directory(state_dir);
  for (const char* name : {"gatehouse.db", "gatehouse.db-wal"}) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(directory / name, missing);
    if (!missing) room.used = room.used.value_or(0) + size;
  }
  std::error_code unknown;
  const auto space = std::filesystem::space(directory, unknown);
  if (!unknown) room.free = space.available;
  return room;
}

}  // namespace

MetricsSide::MetricsSide(Parts parts) : parts_(std::move(parts)), bell_(parts_.executor) {}

Task<void> MetricsSide::loop(Pulse& /*pulse*/) {
  for (;;) {
    co_await round();
    if (server_) co_await measure();
    co_await bell_.wait(metrics_retry);
  }
}

Task<void> MetricsSide::round() {
  const auto wanted = parts_.settings.metrics;
  if (server_ && asked_ == wanted) co_return;
  if (!wanted) {
    co_await exchange(nullptr, std::nullopt);
    parts_.alerts.over("metrics", "listener");
    co_return;
  }
  auto opened = MetricsServer::open(wanted->listen, parts_.executor,
                                    [this](std::string_view path) { return page(path); });
  if (!opened) {
    tell(opened.error());
    co_return;  // an old one goes on meanwhile
  }
  (*opened)->start();
  parts_.log.write(Level::info, "figures are at http://" + wanted->listen.host + ":" +
                                    std::to_string((*opened)->port()) + "/metrics");
  co_await exchange(std::move(*opened), wanted);
  tell(Result<void>{});
}

Task<void> MetricsSide::exchange(std::unique_ptr<MetricsServer> next, std::optional<Metrics> asked) {
  asked_ = std::move(asked);
  std::swap(server_, next);
  if (!next) co_return;
  leaving_ = std::move(next);
  co_await leaving_->stop();  // where this is cancelled, stop() waits for it
  leaving_.reset();
}

Task<void> MetricsSide::measure() {
  Room room;
  const std::function<void()> look = [this, &room] { room = room_in(parts_.state_dir); };
  co_await on_worker(parts_.worker, look);
  store_bytes_ = room.used;
  store_free_ = room.free;
}

std::optional<MetricsPage> MetricsSide::page(std::string_view path) {
  const auto state = parts_.gateway.state();
  if (path == "/metrics") {
    return MetricsPage{.status = 200,
                       .content_type = std::string(Exposition::content_type),
                       .body = figures_text(state, gather(), parts_.tallies)};
  }
  if (path == "/health") {
    return MetricsPage{.status = is_healthy(state) ? 200 : 503,
                       .content_type = "application/json",
                       .body = health_json(state) + "\n"};
  }
  return std::nullopt;
}

Figures MetricsSide::gather() const {
  Figures figures;
  for (const auto& source : parts_.sources.all()) {
    const auto& id = source->settings().id;
    Figures::OfIntegration one{.id = id.value(), .read_age = parts_.desk.ages().of(id).age, .issues = {}};
    if (const auto* people = source->people()) {
      for (const auto kind : {IssueKind::error, IssueKind::duplicate, IssueKind::match})
        one.issues[std::string(to_string(kind))] = 0;
      for (const auto& issue : people->sync().open_issues())
        ++one.issues[std::string(to_string(kind_of(issue.reason)))];
    }
    figures.integrations.push_back(std::move(one));
  }
  for (const auto& site : parts_.settings.gateway.sites) figures.sites.push_back(site.id.value());
  for (const auto& [site, people] : parts_.desk.book().count_present())
    figures.present[site.value()] = people;
  figures.alerts = parts_.alerts.raised();
  figures.store_bytes = store_bytes_;
  figures.store_free = store_free_;
  figures.process = process_figures();
  return figures;
}

void MetricsSide::tell(const Result<void>& how) {
  if (how) {
    told_.clear();
    parts_.alerts.over("metrics", "listener");
    return;
  }
  const auto& detail = how.error().detail;
  if (told_ == detail) return;
  told_ = detail;
  parts_.log.write(Level::error, "figures are not offered: " + detail);
  parts_.alerts.raise(
      {.kind = "metrics",
       .subject = "listener",
       .detail = detail,
       .hint = "choose another metrics.listen, or end what uses it; it is tried again by itself"});
}

Task<void> MetricsSide::stop() {
  if (leaving_) co_await leaving_->stop();
  co_await exchange(nullptr, std::nullopt);
}

}  // namespace gatehouse
