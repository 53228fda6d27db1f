#include "daemon/store/listings.hpp"

#include <algorithm>
#include <array>

#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/paging.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

QueuedRow read_queued(const Statement& row) {
  return {.row = row.integer(0),
          .lane = lane_of(row.integer(0)),
          .sequence = static_cast<std::uint64_t>(row.integer(1)),
          .type = message_type(row.text(5)),
          .topic = row.text(4),
          .bytes = static_cast<std::uint64_t>(row.integer(2)),
          .created = from_ms(row.integer(3))};
}

RowRange rows_behind(std::optional<Lane> lane, const Page& page) {
  const auto [after] = parse_after<1>(page);
  RowRange range = lane ? rows_of(*lane) : RowRange{1, rows_of(Lane::telemetry).last};
  range.first = std::max(range.first, after + 1);
  return range;
}

}  // namespace

Listing<Person> Listings::people(const PeopleFilter& filter, const Page& page) {
  static const std::string sql =
      "SELECT " + PersonRows::columns() +
      " FROM person WHERE id > ?1"
      " AND (?2 = '' OR first_name || ' ' || last_name LIKE ?2 ESCAPE '\\' OR email LIKE ?2 ESCAPE '\\'"
      "  OR EXISTS (SELECT 1 FROM person_source AS source"
      "   WHERE source.person = person.id AND source.external_id LIKE ?2 ESCAPE '\\'))"
      " AND (?3 IS NULL OR EXISTS (SELECT 1 FROM person_source AS source"
      "   WHERE source.person = person.id AND source.integration = ?3))"
      " AND (?4 = '' OR person_type = ?4)"
      " AND (?5 = '' OR site = ?5 OR EXISTS (SELECT 1 FROM json_each(person.sites) WHERE value = ?5))"
      " AND (?6 = '' OR (?6 = 'yes') = (admin_enabled AND (NOT tracked OR NOT EXISTS"
      "  (SELECT 1 FROM person_source AS source JOIN integration AS its ON its.key = source.integration"
      "   WHERE source.person = person.id AND NOT source.present AND (its.switch <> 'removed' OR NOT EXISTS"
      "   (SELECT 1 FROM person_source AS other JOIN integration AS theirs ON theirs.key = other.integration"
      "    WHERE other.person = person.id AND theirs.switch <> 'removed'"
      "     AND theirs.kind <> 'walk_in'))))))"
      " ORDER BY id LIMIT ?7";
  Listing<Person> listing;
  std::optional<std::int64_t> integration;
  if (!filter.integration.empty()) {
    integration = keys_.find(IntegrationId(filter.integration));
    if (!integration) return listing;
  }
  Statement rows = db_.use(sql);
  rows.bind(page.after, filter.search.empty() ? std::string() : pattern_containing(filter.search),
            integration)
      .bind(filter.person_type, filter.site, filter.access, limit_of(page) + 1);
  while (rows.step()) listing.rows.push_back(people_.read(rows));
  if (cut(listing, page)) listing.next = listing.rows.back().id.value();
  return listing;
}

std::vector<Person> Listings::find(const std::string& key) {
  if (key.empty()) return {};
  if (const auto slash = key.find('/'); slash != std::string::npos) {
    return find_where(
        "id IN (SELECT source.person FROM person_source AS source JOIN integration"
        " ON integration.key = source.integration WHERE integration.id = ?1 AND source.external_id = ?2)",
        key.substr(0, slash), key.substr(slash + 1));
  }
  if (key.find('@') != std::string::npos) return find_where("email = ?1 COLLATE NOCASE AND ?2 = ''", key, "");
  return find_where("id = ?1 AND ?2 = ''", key, "");
}

std::vector<Person> Listings::find_where(std::string_view condition, const std::string& a,
                                         const std::string& b) {
  std::vector<Person> found;
  Statement rows = db_.use("SELECT " + PersonRows::columns() + " FROM person WHERE " +
                           std::string(condition) + " ORDER BY id LIMIT 10");
  rows.bind(a, b);
  while (rows.step()) found.push_back(people_.read(rows));
  return found;
}

PeopleCount Listings::count() {
  PeopleCount count;
  {
    Statement total = db_.use("SELECT COUNT(*), COUNT(*) - SUM(tracked) FROM person");  // one row: no order
    total.step();
    count.total = static_cast<std::uint64_t>(total.integer(0));
    count.decoupled = static_cast<std::uint64_t>(total.integer(1));
  }
  Statement rows = db_.use(
      "SELECT integration.id, COUNT(*) FROM person_source AS source"
      " JOIN integration ON integration.key = source.integration"
      " GROUP BY source.integration ORDER BY integration.id");
  while (rows.step()) {
    count.by_integration.push_back(
        {IntegrationId(rows.text(0)), static_cast<std::uint64_t>(rows.integer(1))});
  }
  return count;
}

Listing<EventRow> Listings::events(std::optional<Instant> since,
                                   const std::optional<IntegrationId>& integration, const Page& page) {
  Listing<EventRow> listing;
  std::optional<std::int64_t> key;
  if (integration) {
    key = keys_.find(*integration);
    if (!key) return listing;
  }
  std::array<std::int64_t, 4> after{INT64_MIN, 0, 0, 0};
  if (!page.after.empty()) after = parse_after<4>(page);
  Statement rows = db_.use(
      "SELECT event.at, event.integration, event.generation, event.id, integration.id, at_known, type, "
      "sub_type,"
      " door, user, catch_up, description, details, record.person"
      " FROM event JOIN integration ON integration.key = event.integration"
      " LEFT JOIN record ON record.integration = event.integration AND record.number = event.user"
      "  AND event.nameless = 0"
      " WHERE event.at >= ?1 AND (event.at, event.integration, event.generation, event.id) > (?2, ?3, ?4, ?5)"
      " AND (?6 IS NULL OR event.integration = ?6)"
      " ORDER BY event.at, event.integration, event.generation, event.id LIMIT ?7");
  // The position is also a bound on the time, so that a late page does not walk through the earlier ones.
  const std::int64_t from = std::max(after[0], since ? to_ms(*since) : INT64_MIN);
  rows.bind(from, after[0], after[1], after[2], after[3], key, limit_of(page) + 1);
  std::string last;
  while (rows.step()) {
    if (listing.rows.size() == limit_of(page)) {
      listing.next = last;
      break;
    }
    EventRow row;
    row.integration = IntegrationId(rows.text(4));
    row.generation = rows.integer(2);
    row.event.id = Net2EventId(rows.integer(3));
    row.event.at = from_ms(rows.integer(0));
    row.event.at_known = rows.yes(5);
    row.event.type = static_cast<int>(rows.integer(6));
    row.event.sub_type = static_cast<int>(rows.integer(7));
    row.event.description = rows.text(11);
    row.event.details = rows.text(12);
    if (!rows.is_null(8)) row.event.door = Net2DoorId(rows.integer(8));
    if (!rows.is_null(9)) row.event.user = Net2UserId(rows.integer(9));
    row.catch_up = rows.yes(10);
    if (auto person = rows.maybe_text(13)) row.person = PersonId(std::move(*person));
    last = rows.text(0) + '/' + rows.text(1) + '/' + rows.text(2) + '/' + rows.text(3);
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

Listing<QueuedRow> Listings::outbox(std::optional<Lane> lane, const Page& page) {
  const RowRange range = rows_behind(lane, page);
  Listing<QueuedRow> listing;
  Statement rows = db_.use(
      "SELECT row, sequence, bytes, created, topic, substr(payload, 1, 1000) FROM outbox"
      " WHERE row BETWEEN ? AND ? ORDER BY row LIMIT ?");
  rows.bind(range.first, range.last, limit_of(page) + 1);
  while (rows.step()) listing.rows.push_back(read_queued(rows));
  if (cut(listing, page)) listing.next = std::to_string(listing.rows.back().row);
  return listing;
}

Listing<DeadLetter> Listings::dead_letters(std::optional<Lane> lane, const Page& page) {
  const RowRange range = rows_behind(lane, page);
  Listing<DeadLetter> listing;
  Statement rows = db_.use(
      "SELECT row, sequence, bytes, created, topic, payload, cause, detail, parked_at FROM dead_letter"
      " WHERE row BETWEEN ? AND ? ORDER BY row LIMIT ?");
  rows.bind(range.first, range.last, limit_of(page) + 1);
  while (rows.step()) {
    listing.rows.push_back(
        {read_queued(rows), rows.text(5), rows.text(6), rows.text(7), from_ms(rows.integer(8))});
  }
  if (cut(listing, page)) listing.next = std::to_string(listing.rows.back().message.row);
  return listing;
}

}  // namespace gatehouse
