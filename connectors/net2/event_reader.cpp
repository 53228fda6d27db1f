#include "connectors/net2/event_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace gatehouse {
namespace {

using namespace std::chrono_literals;

constexpr Duration overlap = 10min;
constexpr Duration wide_overlap = std::chrono::days(31);
constexpr Duration wide_every = 15min;
constexpr Duration way_kept = 1h;
constexpr std::size_t first_rows = 500;
constexpr std::size_t most_rows = 512'000;
constexpr std::size_t widening = 8;
constexpr std::string_view oldest_text = "1900-01-01T00:00:00";

bool may_mean_another_question(int status) {
  return status == 400 || status == 404 || status == 500;
}

constexpr std::size_t keep_all = most_rows;

/// More rows were to be had the last time, by asking for fewer than now: the server has a limit of its own
/// and what is beyond it cannot be seen. (Exactly as many as asked for, twice, is a log of that length.)
bool is_capped(std::uint64_t seen, std::uint64_t before, std::size_t asked) {
  const std::size_t asked_before = asked / widening;
  return seen < asked && before != 0 && seen <= before && before != asked_before;
}

Error too_many(Net2EventId after) {
  return {Errc::incomplete,
          fmt::format("GET /api/v1/events: this server cannot be asked for the events after {} in full",
                      after.value())};
}

}  // namespace

EventReader::EventReader(Net2Api& api, const ServerZone& zone, const Clock& clock, Log& log)
    : api_(api), zone_(zone), clock_(clock), log_(log) {}

Task<Result<EventReader::Answer>> EventReader::ask(std::string where, std::string order, std::size_t rows,
                                                   std::int64_t after, std::size_t keep) {
  std::string path = "/events?";
  if (!where.empty()) path += "where=" + percent_encode(where) + '&';
  if (!order.empty()) path += "orderBy=" + percent_encode(order) + '&';
  path += "rowCount=" + std::to_string(rows);

  Answer answer{.status = 0, .refusal = {}, .broken = {}, .rows = EventRows(after, keep)};
  JsonRows reading(event_shape(), [&answer](std::vector<Cell>& row) {
    answer.rows.take(row);
    return true;
  });
  std::uint64_t count = 0;
  auto said = co_await api_.read_rows(path, reading, count);
  if (!said && said.error().code == Errc::malformed && reading.begun()) {
    answer.broken = said.error();
    co_return answer;
  }
  if (!said) co_return said.error();
  answer.status = said->status;
  if (!is_success(*said)) {
    const Error refusal = Net2Api::refusal(*said, path);
    if (!may_mean_another_question(said->status)) co_return refusal;
    answer.refusal = refusal.detail;
  }
  co_return answer;
}

Task<Result<EventReader::Answer>> EventReader::ask_whole(std::string where, std::string order,
                                                         std::size_t rows, std::int64_t after,
                                                         std::size_t keep) {
  auto answer = co_await ask(std::move(where), std::move(order), rows, after, keep);
  if (answer && answer->broken) co_return std::move(*answer->broken);
  co_return answer;
}

EventPage EventReader::finish(Answer answer, const EventQuery& query, bool full) const {
  EventPage page = std::move(answer.rows).page(zone_, query.since, clock_.now());
  page.full = page.full || full;
  return page;
}

void EventReader::settle_for(Way way, const std::string& why) {
  if (way_ != way) {
    const char* said = way == Way::by_time ? "reading events by time with an overlap"
                                           : "reading the newest events down to the last known one";
    if (way != Way::by_id) log_.write(Level::warning, fmt::format("{}: {}", said, why));
  }
  way_ = way;
  try_better_at_ = clock_.uptime() + way_kept;
}

Task<Result<EventPage>> EventReader::read(EventQuery query) {
  query.limit = std::max<std::size_t>(query.limit, 1);
  if (way_ != Way::by_id && clock_.uptime() >= try_better_at_) way_ = Way::by_id;
  if (way_ == Way::by_id) {
    auto page = co_await read_by_id(query);
    if (way_ == Way::by_id) co_return page;
  }
  if (way_ == Way::newest_first) {
    auto page = co_await read_newest_first(query);
    if (way_ == Way::newest_first) co_return page;
  }
  auto page = co_await read_by_time(query);
  co_return page;
}

Task<Result<EventPage>> EventReader::read_by_id(const EventQuery& query) {
  const std::string where = fmt::format("eventId>{}", query.after.value());
  auto answer = co_await ask(where, "eventId asc", query.limit, query.after.value(), query.limit);
  if (!answer) co_return answer.error();
  if (answer->broken) {
    auto page = co_await salvage(query, std::move(*answer->broken));
    co_return page;
  }
  const bool full = answer->rows.seen() >= query.limit;
  const bool heeded = !answer->rows.has_known() && (!full || answer->rows.rising());
  if (answer->refusal.empty() && heeded) co_return finish(std::move(*answer), query, full);

  std::string why = "the server ignores eventId in `where` or `orderBy`";
  if (!answer->refusal.empty()) {
    // The same question without the id tells whether it is the id that is refused.
    auto plain = co_await ask_whole({}, {}, 1, 0, 1);
    if (!plain) co_return plain.error();
    if (!plain->refusal.empty()) co_return Error{Errc::busy, plain->refusal};
    why = answer->refusal;
  }
  settle_for(Way::newest_first, why);
  co_return EventPage{};
}

Task<Result<EventPage>> EventReader::read_newest_first(const EventQuery& query) {
  std::uint64_t before = 0;
  for (std::size_t rows = first_rows;; rows *= widening) {
    auto answer = co_await ask_whole({}, "eventId desc", rows, query.after.value(), query.limit);
    if (!answer) co_return answer.error();
    if (!answer->refusal.empty() || !answer->rows.falling()) {
      const bool said = !answer->refusal.empty();
      settle_for(Way::by_time, said ? answer->refusal : "the server does not order by eventId");
      co_return EventPage{};
    }
    if (answer->rows.has_known()) co_return finish(std::move(*answer), query, false);
    if (is_capped(answer->rows.seen(), before, rows)) {
      settle_for(Way::by_time, "the server gives fewer rows than asked for");
      co_return EventPage{};
    }
    if (answer->rows.seen() < rows) co_return finish(std::move(*answer), query, false);
    if (rows >= most_rows) co_return too_many(query.after);
    before = answer->rows.seen();
  }
}

Task<Result<EventPage>> EventReader::read_by_time(const EventQuery& query) {
  bool wide = clock_.uptime() >= wide_again_at_;
  std::uint64_t before = 0;
  for (std::size_t rows = first_rows;;) {
    std::string from(oldest_text);
    if (query.since) from = zone_.local_text_not_after(*query.since - (wide ? wide_overlap : overlap));
    const std::string where = fmt::format("eventTime>='{}'", from);
    auto answer = co_await ask_whole(where, "eventTime asc", rows, query.after.value(), query.limit);
    if (!answer) co_return answer.error();
    if (!answer->refusal.empty()) co_return Error{Errc::refused, answer->refusal};
    // A server that heeds nothing and gives its newest rows by id down to a known one has given all of them.
    if (answer->rows.has_known() && answer->rows.falling())
      co_return finish(std::move(*answer), query, false);
    if (is_capped(answer->rows.seen(), before, rows)) co_return too_many(query.after);
    if (answer->rows.seen() >= rows) {
      // In order of time the rows that do not fit may have smaller ids than those that do: only a complete
      // window may be believed.
      if (rows >= most_rows) co_return too_many(query.after);
      before = answer->rows.seen();
      rows *= widening;
      continue;
    }
    const std::int64_t newest = answer->rows.newest();
    if (wide) {
      wide_again_at_ = clock_.uptime() + wide_every;
      looked_into_ = newest;
    } else if (query.since && answer->rows.holes() > 0 && newest > looked_into_) {
      wide = true;
      before = 0;
      continue;
    }
    co_return finish(std::move(*answer), query, false);
  }
}

/// A row that is no JSON must not hold up those behind it: fewer rows are read until those before it are had,
/// and at last it alone. A list that merely stops short never comes here; it is incomplete, not broken.
Task<Result<EventPage>> EventReader::salvage(const EventQuery& query, Error why) {
  const std::int64_t after = query.after.value();
  const std::string where = fmt::format("eventId>{}", after);
  for (std::size_t rows = query.limit / 2; rows >= 1; rows /= 2) {
    auto fewer = co_await ask(where, "eventId asc", rows, after, rows);
    if (!fewer) co_return fewer.error();
    const bool good =
        !fewer->broken && fewer->refusal.empty() && !fewer->rows.has_known() && fewer->rows.rising();
    if (good && fewer->rows.seen() > 0) co_return finish(std::move(*fewer), query, true);
  }
  auto body =
      co_await api_.get("/events?where=" + percent_encode(where) + "&orderBy=eventId%20asc&rowCount=1");
  if (!body) co_return body.error();
  const auto id = find_row_id(*body);
  if (!id || *id <= after || !trim(*body).ends_with(']')) co_return why;
  EventPage page;
  page.unreadable.push_back({Net2EventId(*id), "the row is broken JSON"});
  page.full = true;
  co_return page;
}

Task<Result<std::optional<Net2Event>>> EventReader::newest() {
  using Found = std::optional<Net2Event>;
  // Two rows tell whether the order was heeded; where it was not, only the whole log may be believed.
  auto answer = co_await ask_whole({}, "eventId desc", 2, 0, keep_all);
  if (!answer) co_return answer.error();
  for (std::size_t rows = first_rows; answer->refusal.empty() && !answer->rows.falling(); rows *= widening) {
    answer = co_await ask_whole({}, "eventId desc", rows, 0, keep_all);
    if (!answer) co_return answer.error();
    if (answer->rows.seen() < rows) break;
    if (rows >= most_rows)
      co_return Error{Errc::refused, "GET /api/v1/events: the server does not order by eventId"};
  }
  if (!answer->refusal.empty()) {
    answer = co_await ask_whole({}, "eventTime desc", first_rows, 0, keep_all);
    if (!answer) co_return answer.error();
    if (!answer->refusal.empty()) co_return Error{Errc::refused, answer->refusal};
  }
  if (answer->rows.seen() == 0) co_return Found{};
  auto page = std::move(answer->rows).page(zone_, std::nullopt, clock_.now());
  if (page.events.empty())
    co_return Error{Errc::malformed, "GET /api/v1/events: the newest event has no usable id"};
  co_return Found{std::move(page.events.back())};
}

Task<Result<std::optional<Net2Event>>> EventReader::first_since(Instant since) {
  using Found = std::optional<Net2Event>;
  const std::string where = fmt::format("eventTime>='{}'", zone_.local_text_not_after(since));
  for (std::size_t rows = first_rows;; rows *= widening) {
    auto answer = co_await ask_whole(where, "eventId asc", rows, 0, rows);
    if (!answer) co_return answer.error();
    if (!answer->refusal.empty()) {
      answer = co_await ask_whole(where, "eventTime asc", rows, 0, rows);
      if (!answer) co_return answer.error();
      if (!answer->refusal.empty()) co_return Error{Errc::refused, answer->refusal};
    }
    const bool whole = answer->rows.seen() < rows;
    const bool oldest_first = answer->rows.rising();
    auto page = std::move(answer->rows).page(zone_, std::nullopt, clock_.now());
    for (std::size_t i = 0; i < page.events.size() && (whole || oldest_first); ++i) {
      if (page.events[i].at_known && page.events[i].at >= since) co_return Found{std::move(page.events[i])};
    }
    if (whole) co_return Found{};
    if (rows >= most_rows) co_return too_many(Net2EventId(0));
  }
}

}  // namespace gatehouse
