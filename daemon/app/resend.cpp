#include "daemon/app/resend.hpp"

#include "daemon/app/wakeup.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/core/person.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t page_size = 500;
constexpr std::uint64_t much = 5'000;  ///< messages that wait in a lane

}  // namespace

struct Resend::Round {
  std::string id;
  std::string_view of = "people";
  Lane lane = Lane::people;
  std::string topic = "up/people";
  std::optional<EventsResendArgs> events;
  std::uint64_t count = 0;
  std::uint64_t alarms = 0;
};

Message Resend::marker(const Round& round, std::string_view state, bool complete) const {
  JsonWriter json;
  json.begin_object();
  json.member("resend", round.id).member("of", round.of);
  const auto& events = round.events;
  json.key("integration");
  events ? json.value(events->integration.value()) : json.null();
  json.key("from");
  events ? json.value(format_utc(events->from)) : json.null();
  json.key("to");
  events ? json.value(format_utc(events->to)) : json.null();
  json.member("state", state).member("count", round.count).member("alarms", round.alarms);
  json.member("complete", complete);
  json.end_object();
  return {.lane = round.lane,
          .topic = round.topic,
          .type = "resend",
          .id = parts_.clock.new_id(),
          .time = parts_.clock.now(),
          .subject = round.id,
          .data = json.take()};
}

/// Not faster than the cloud takes it: what is resent must not push news out of the outbox.
Task<Result<void>> Resend::put(std::vector<Message> messages, Lane lane) {
  for (;;) {
    auto report = co_await parts_.outbox.outbox_report();
    if (!report) co_return report.error();
    if (report->pending[index_of(lane)] < much) break;
    co_await pause(std::chrono::milliseconds(200));
  }
  auto put = co_await parts_.outbox.append(std::move(messages));
  if (put) parts_.news();
  co_return put;
}

Task<Result<std::string>> Resend::people() {
  Round round;
  round.id = parts_.clock.new_id();
  auto known = co_await parts_.queries.count_people();
  if (!known) co_return known.error();
  round.count = known->total;
  std::vector<Message> begin{marker(round, "begin", true)};
  auto begun = co_await put(std::move(begin), round.lane);
  if (!begun) co_return begun.error();
  round.count = 0;
  auto sent = co_await send_people(round);
  auto ended = co_await end(round, std::move(sent));
  co_return ended;
}

Task<Result<void>> Resend::send_people(Round& round) {
  Page page{.after = "", .limit = page_size};
  const PeopleFilter everybody;
  do {
    auto listing = co_await parts_.queries.list_people(everybody, page);
    if (!listing) co_return listing.error();
    std::vector<Message> messages;
    messages.reserve(listing->rows.size());
    for (const auto& person : listing->rows)
      messages.push_back(person_upserted(person, {}, parts_.clock.new_id(), parts_.clock.now()));
    const auto count = messages.size();
    if (count != 0) {
      auto told = co_await put(std::move(messages), round.lane);
      if (!told) co_return told.error();
    }
    round.count += count;
    page.after = listing->next;
  } while (!page.after.empty());
  co_return Result<void>{};
}

Task<Result<std::string>> Resend::events(EventsResendArgs args) {
  Round round;
  round.id = parts_.clock.new_id();
  round.of = "events";
  round.lane = Lane::access;
  round.topic = "up/access";
  round.events = std::move(args);
  auto counted = co_await each_event(round, false);
  if (!counted) co_return counted.error();
  std::vector<Message> begin{marker(round, "begin", true)};
  auto begun = co_await put(std::move(begin), round.lane);
  if (!begun) co_return begun.error();
  round.count = 0;
  round.alarms = 0;
  auto sent = co_await each_event(round, true);
  auto ended = co_await end(round, std::move(sent));
  co_return ended;
}

Task<Result<void>> Resend::each_event(Round& round, bool send) {
  Page page{.after = "", .limit = page_size};
  const auto args = *round.events;
  do {
    auto listing = co_await parts_.queries.list_events(args.from, args.integration, page);
    if (!listing) co_return listing.error();
    std::vector<Message> messages;
    for (const auto& row : listing->rows) {
      if (row.event.at < args.from || row.event.at >= args.to) continue;
      auto message = event_message(row.event, {.integration = row.integration,
                                               .generation = row.generation,
                                               .person = row.person,
                                               .catch_up = row.catch_up});
      message.id = parts_.clock.new_id();
      ++round.count;
      if (message.lane == Lane::alarm) ++round.alarms;
      if (send) messages.push_back(std::move(message));
    }
    if (!messages.empty()) {
      auto told = co_await put(std::move(messages), round.lane);
      if (!told) co_return told.error();
    }
    page.after = listing->next;
  } while (!page.after.empty());
  co_return Result<void>{};
}

Task<Result<std::string>> Resend::end(Round& round, Result<void> sent) {
  std::vector<Message> last{marker(round, "end", sent.ok())};
  auto ended = co_await put(std::move(last), round.lane);
  if (!sent) co_return sent.error();
  if (!ended) co_return ended.error();
  JsonWriter json;
  json.begin_object();
  json.member("resend", round.id).member("count", round.count).member("alarms", round.alarms);
  json.end_object();
  co_return json.take();
}

}  // namespace gatehouse
