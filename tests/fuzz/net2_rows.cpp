// Lists that Net2 answers with: people by querydb and by /users, and events. The first byte says which, and
// how large the pieces are in which it comes: cut anywhere, a list is the same list.

#include <algorithm>
#include <string>
#include <vector>

#include "connectors/net2/event_rows.hpp"
#include "connectors/net2/people_rows.hpp"
#include "tests/fuzz/must.hpp"

using namespace gatehouse;
using fuzz::must;

namespace {

const std::vector<FieldPlace>& places() {
  static const auto made = [] {
    PeopleQuery query;
    query.fields = {SourceField{"firstName"}, SourceField{"lastName"}, SourceField{"custom:Email"},
                    SourceField{"telephone"}, SourceField{"department"}};
    auto placed = place_fields(query, {{9, "Email"}});
    must(placed.ok(), "the fields can be placed");
    return *placed;
  }();
  return made;
}

const ServerZone& zone() {
  static const auto made = *ServerZone::load("Europe/London");
  return made;
}

enum class List { querydb, users, events };

RowShape shape_of(List list) {
  if (list == List::querydb) return querydb_shape(places(), true);
  if (list == List::users) return users_shape(places());
  return event_shape();
}

struct Outcome {
  std::vector<std::string> cells;
  bool good = false;
  std::uint64_t count = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome read(List list, std::string_view text, std::size_t piece) {
  Outcome outcome;
  EventRows events(10, 50);
  ValidityReader validity(zone());
  JsonRows rows(shape_of(list), [&](std::vector<Cell>& row) {
    for (const auto& cell : row) outcome.cells.push_back((cell.present ? "+" : "-") + cell.text);
    if (list == List::querydb) {
      auto person = querydb_row(row, places(), true, validity);
      if (person.complete) set_department(person.record, places(), "Staff");
    }
    if (list == List::users) users_row(row, places(), validity);
    if (list == List::events) events.take(row);
    return true;
  });
  for (std::size_t at = 0; at < text.size(); at += piece) {
    if (!rows.feed(text.substr(at, piece))) return {};
  }
  const auto count = rows.finish();
  if (!count) return {};
  outcome.good = true;
  outcome.count = *count;
  if (list == List::events) {
    const auto page = std::move(events).page(zone(), Instant{}, Instant{});
    must(std::ranges::is_sorted(page.events, {}, &Net2Event::id), "events come by ascending id");
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  const auto list = static_cast<List>(data[0] % 3);
  const auto whole = read(list, text, std::max<std::size_t>(1, text.size()));
  must(whole == read(list, text, 1 + data[0] / 3), "pieces change nothing");
  find_row_id(text);
  return 0;
}
