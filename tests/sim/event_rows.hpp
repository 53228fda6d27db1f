#pragma once
// Event rows as columns (for SQL) and as JSON (REST and live); net2-api.md §3.11, §5.5.

#include "tests/sim/json_text.hpp"
#include "tests/sim/sql_value.hpp"
#include "tests/sim/world.hpp"

namespace gatehouse::sim {

Columns event_columns();
inline constexpr int event_id_column = 0;
inline constexpr int event_time_column = 1;

Cell event_cell(const World& world, const EventRow& row, int column);

/// A row of GET /events: local time with offset and milliseconds.
void write_rest_event(JsonText& out, const World& world, const EventRow& row);
/// The argument of liveEvents: no id, and a time without offset unless the switches say otherwise.
void write_live_event(JsonText& out, const World& world, const EventRow& row);

}  // namespace gatehouse::sim
