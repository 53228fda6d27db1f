// Event search, unknown cards, acknowledgement (net2-api.md §3.11).

#include <algorithm>

#include "tests/sim/event_rows.hpp"
#include "tests/sim/router.hpp"
#include "tests/sim/sql_condition.hpp"

namespace gatehouse::sim {
namespace {

struct Search {
  Condition where;
  std::vector<OrderBy> order;
  std::size_t limit;
};

bool by_id_only(const Search& search) {
  return search.order.empty() || search.order[0].column == event_id_column;
}

/// Index before which no row can hold, from what the condition says of ids and times.
std::size_t first_candidate(const World& world, const Condition& where) {
  std::size_t first = 0;
  if (const auto id = where.at_least(event_id_column)) {
    if (const auto* number = std::get_if<std::int64_t>(&*id))
      first = std::max(first, world.events.first_from(*number));
  }
  if (const auto time = where.at_least(event_time_column)) {
    if (const auto* date = std::get_if<SqlDate>(&*time))
      first = std::max(first, world.events.first_not_before(date->at));
  }
  return first;
}

/// Rows in the order asked for. By id the search stops at the limit; by anything else all hits are sorted.
std::vector<const EventRow*> find_rows(const World& world, const Search& search) {
  const auto& rows = world.events.rows();
  const EventRow* current = nullptr;
  const RowReader reader = [&](int column) { return event_cell(world, *current, column); };
  std::vector<const EventRow*> found;
  const auto look = [&](std::size_t index) {
    current = &rows[index];
    if (search.where.holds(reader)) found.push_back(current);
  };
  const std::size_t first = first_candidate(world, search.where);
  if (by_id_only(search)) {
    const bool descending =
        search.order.empty() ? world.switches.default_order == "newest" : search.order[0].descending;
    if (descending) {
      for (std::size_t i = rows.size(); i > first && found.size() < search.limit; --i) look(i - 1);
    } else {
      for (std::size_t i = first; i < rows.size() && found.size() < search.limit; ++i) look(i);
    }
    return found;
  }
  for (std::size_t i = first; i < rows.size(); ++i) look(i);
  const auto before = [&](const EventRow* a, const EventRow* b) {
    for (const auto& by : search.order) {
      const int order = order_cells(event_cell(world, *a, by.column), event_cell(world, *b, by.column));
      if (order != 0) return by.descending ? order > 0 : order < 0;
    }
    return a->id < b->id;
  };
  const auto keep = std::min(search.limit, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(keep), found.end(), before);
  found.resize(keep);
  return found;
}

Response get_events(Call& call) {
  auto& world = call.world;
  const auto text = [&](std::string_view name) {
    const auto* value = call.request.parameter(name);
    return value ? *value : std::string();
  };
  auto where = parse_condition(text("where"), event_columns());
  if (!where) return fault(400, where.error().detail);
  if (!world.switches.event_id_in_where && where->mentions(event_id_column))
    return fault(400, "Invalid column name 'eventId'.");
  auto order = parse_order(text("orderBy"), event_columns());
  if (!order) return fault(400, order.error().detail);
  std::int64_t limit = world.switches.default_row_count;
  if (const auto* asked = call.request.parameter("rowCount")) {
    const auto number = to_integer(trimmed(*asked));
    if (!number || *number < 0) return fault(400, "rowCount must be a number.");
    limit = *number;
  }
  const Search search{std::move(*where), std::move(*order), static_cast<std::size_t>(limit)};
  const auto found = find_rows(world, search);
  std::string body;
  body.reserve(found.size() * 430 + 16);
  JsonText out(body);
  out.open_array();
  for (const auto* row : found) write_rest_event(out, world, *row);
  out.close_array();
  return list_answer(world, std::move(body), "events");
}

Response unknown_tokens(Call& call) {
  const auto* asked = call.request.parameter("max");
  const auto most = asked ? to_integer(*asked).value_or(10) : 10;
  std::string body;
  JsonText out(body);
  out.open_array();
  std::int64_t count = 0;
  for (const auto& token : call.world.unknown_tokens) {
    if (count++ >= most) break;
    std::string at;
    append_local(at, token.at, false);
    out.open_object()
        .member("eventDate", at)
        .member("where", token.where)
        .member("tokenNumber", token.token)
        .close_object();
  }
  out.close_array();
  return list_answer(call.world, std::move(body));
}

Response acknowledge(Call& call) {
  auto& world = call.world;
  const auto body = call.body();
  const auto event = body ? integer_of(*body, "eventId") : std::nullopt;
  const auto address = body ? integer_of(*body, "address") : std::nullopt;
  if (!event && !address) return fault(400, "eventId or address must be given.");
  auto* door = address ? world.doors.find(*address) : nullptr;
  if (address && !door) return fault(404, "The door was not found.");
  if (event) {
    const auto index = world.events.first_from(*event);
    if (index >= world.events.rows().size() || world.events.rows()[index].id != *event)
      return fault(404, "The event was not found.");
    door = world.doors.find(world.events.rows()[index].address);
  }
  world.log({.type = 551,
             .sub_type = 552,
             .door = door ? door->address : 0,
             .details = call.caller->name(),
             .linked = event.value_or(0)});
  if (door && door->alarm_tripped) {
    door->alarm_tripped = false;
    world.door_changed(*door);
  }
  return answer(200);
}

}  // namespace

void add_event_routes(Router& router) {
  router.add("GET", "events", Right::events, get_events);
  router.add("GET", "events/latestunknowntokens", Right::events, unknown_tokens);
  router.add("POST", "events/alarms/acknowledge", Right::doors, acknowledge);
}

}  // namespace gatehouse::sim
