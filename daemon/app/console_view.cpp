#include "daemon/app/console_view.hpp"

#include <algorithm>

#include "daemon/app/look_back.hpp"
#include "daemon/app/person_key.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

/// {"NAME":[…],"next":"…"}; `next` only where there is more.
template <typename Row, typename Write>
std::string list_json(std::string_view name, const std::vector<Row>& rows, const std::string& next,
                      Write write) {
  JsonWriter json;
  json.begin_object().key(name).begin_array();
  for (const auto& row : rows) write(json, row);
  json.end_array();
  if (!next.empty()) json.member("next", next);
  json.end_object();
  return json.take();
}

void write_event(JsonWriter& json, const EventRow& row) {
  const EventContext context{.integration = row.integration,
                             .generation = row.generation,
                             .person = row.person,
                             .catch_up = row.catch_up};
  std::string text = event_json(row.event, context);
  text.pop_back();  // the closing brace: one member more for those who look at a list of all kinds
  text += R"(,"type":")" + std::string(event_kind(row.event)) + R"("})";
  json.raw(text);
}

Person as_read(Person person, const GatewayDesk& desk) {
  person.last_synced =
      last_synced(person, [&](const IntegrationId& integration) { return desk.last_read(integration); });
  return person;
}

Result<std::optional<Lane>> lane_asked(const std::string& text) {
  if (text.empty()) return std::optional<Lane>();
  if (auto lane = parse_lane(text)) return lane;
  return Error{Errc::invalid, "unknown lane \"" + text + "\": alarm, access, people or telemetry"};
}

}  // namespace

Task<Result<std::string>> ConsoleView::status() {
  const auto state = co_await desk_.look();
  co_return status_json(state);
}

Task<Result<std::string>> ConsoleView::integrations() {
  const auto state = desk_.state();
  co_return list_json(
      "integrations", state.integrations, "",
      [](JsonWriter& json, const IntegrationStatus& status) { json.raw(integration_status_json(status)); });
}

Task<Result<std::string>> ConsoleView::integration(std::string id) {
  const auto state = desk_.state();
  const auto found = std::ranges::find(state.integrations, id, &IntegrationStatus::id);
  if (found == state.integrations.end()) {
    co_return Error{Errc::not_found, "no integration \"" + id + "\" (gatehouse integration list)"};
  }
  co_return integration_status_json(*found);
}

Task<Result<std::string>> ConsoleView::people(PeopleFilter filter, Page page) {
  auto listing = co_await store_.list_people(std::move(filter), std::move(page));
  if (!listing) co_return listing.error();
  co_return list_json("people", listing->rows, listing->next, [&](JsonWriter& json, const Person& person) {
    json.raw(person_json(as_read(person, desk_)));
  });
}

Task<Result<std::string>> ConsoleView::person(std::string key) {
  auto person = co_await find_one_person(store_, std::move(key));
  if (!person) co_return person.error();
  co_return person_json(as_read(std::move(*person), desk_));
}

Task<Result<std::string>> ConsoleView::why(std::string person) {
  auto found = co_await find_one_person(store_, std::move(person));
  if (!found) co_return found.error();
  auto shown = as_read(std::move(*found), desk_);
  auto text = co_await sync_.why(std::move(shown));
  co_return text;
}

Task<Result<std::string>> ConsoleView::decouple(std::string person, std::string reason, std::string until,
                                                std::string by) {
  auto found = co_await find_one_person(store_, std::move(person));
  if (!found) co_return found.error();
  auto text = co_await sync_.decouple(std::move(*found), std::move(reason), std::move(until), std::move(by));
  co_return text;
}

Task<Result<std::string>> ConsoleView::couple(std::string person, std::string by) {
  auto found = co_await find_one_person(store_, std::move(person));
  if (!found) co_return found.error();
  auto text = co_await sync_.couple(std::move(*found), std::move(by));
  co_return text;
}

Task<Result<std::string>> ConsoleView::events(EventFilter filter, Page page) {
  auto from = parse_look_back(filter.since, clock_.now());
  if (!from) co_return from.error();
  std::optional<IntegrationId> integration;
  if (!filter.integration.empty()) integration = IntegrationId(filter.integration);
  auto listing = co_await store_.list_events(*from, integration, std::move(page));
  if (!listing) co_return listing.error();
  co_return list_json("events", listing->rows, listing->next, write_event);
}

Task<Result<std::string>> ConsoleView::runs(std::string integration) {
  constexpr std::size_t at_most = 200;
  std::optional<IntegrationId> which;
  if (!integration.empty()) which = IntegrationId(integration);
  auto runs = co_await store_.list_runs(which, at_most);
  if (!runs) co_return runs.error();
  co_return list_json("runs", *runs, "",
                      [](JsonWriter& json, const SyncRun& run) { json.raw(sync_run_json(run)); });
}

Task<Result<std::string>> ConsoleView::outbox(OutboxFilter filter, Page page) {
  auto lane = lane_asked(filter.lane);
  if (!lane) co_return lane.error();
  if (!filter.dead) {
    auto listing = co_await store_.list_outbox(*lane, std::move(page));
    if (!listing) co_return listing.error();
    co_return list_json("outbox", listing->rows, listing->next, [](JsonWriter& json, const QueuedRow& row) {
      json.begin_object();
      write_queued(json, row);
      json.end_object();
    });
  }
  auto listing = co_await store_.list_dead_letters(*lane, std::move(page));
  if (!listing) co_return listing.error();
  co_return list_json("outbox", listing->rows, listing->next, [](JsonWriter& json, const DeadLetter& letter) {
    json.begin_object();
    write_dead_letter(json, letter);
    json.end_object();
  });
}

Task<Result<std::string>> ConsoleView::effective_config(std::string format) {
  co_return desk_.effective_config(format);
}

Task<Result<std::string>> ConsoleView::reload() {
  auto done = co_await desk_.reload();
  co_return done;
}

}  // namespace gatehouse
