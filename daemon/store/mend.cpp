#include "daemon/store/mend.hpp"

#include <algorithm>
#include <utility>

#include "daemon/store/outbox_tables.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

void set(Database& db, std::string_view key, std::string_view value) {
  db.use("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").bind(key, value).run();
}

std::string get(Database& db, std::string_view key) {
  Statement row = db.use("SELECT value FROM meta WHERE key = ?");  // the key: one row
  return row.bind(key).step() ? row.text(0) : std::string();
}

void forget(Database& db, std::string_view key) {
  db.use("DELETE FROM meta WHERE key = ?").bind(key).run();
}

bool has_word(const std::string& words, std::string_view word) {
  return (' ' + words + ' ').find(' ' + std::string(word) + ' ') != std::string::npos;
}

struct LaneRows {
  std::uint64_t rows = 0;
  std::int64_t last_row = 0;
  std::vector<std::uint64_t> sequences{};  ///< of the newest stream, ascending
};

LaneRows rows_in(Database& db, Lane lane, const std::string& stream) {
  LaneRows found;
  const RowRange all = rows_of(lane);
  Statement row = db.use("SELECT row, sequence, payload FROM outbox WHERE row BETWEEN ? AND ? ORDER BY row");
  row.bind(all.first, all.last);
  while (row.step()) {
    ++found.rows;
    found.last_row = row.integer(0);
    const auto sequence = static_cast<std::uint64_t>(row.integer(1));
    if (sequence != 0 && message_stream(row.text(2)) == stream) found.sequences.push_back(sequence);
  }
  std::ranges::sort(found.sequences);
  return found;
}

struct LaneWas {
  std::uint64_t next_sequence = 0, pending = 0;  ///< 0: not known
  std::int64_t next_row = 0;
};

/// What of the lane's numbers stands in no row any more. It may have been delivered: then the gap says of a
/// message that came that it will not come, which changes nothing.
void add_gaps(std::vector<Gap>& gaps, Lane lane, const LaneWas& was, const LaneRows& rows) {
  const auto add = [&](std::uint64_t from, std::uint64_t to) {
    if (from > to) return std::uint64_t{0};
    gaps.push_back(
        {lane, from, to, to - from + 1, "salvage", "the store was damaged where these messages were"});
    return to - from + 1;
  };
  std::uint64_t told = 0;
  std::uint64_t expected = 0;
  for (const auto sequence : rows.sequences) {
    if (expected != 0) told += add(expected, sequence - 1);
    expected = sequence + 1;
  }
  if (was.next_sequence == 0) return;
  const std::uint64_t missing = was.pending > rows.rows ? was.pending - rows.rows : 0;
  if (expected != 0) told += add(expected, was.next_sequence - 1);
  const std::uint64_t first = rows.sequences.empty() ? was.next_sequence : rows.sequences.front();
  if (missing > told) add(first > missing - told ? first - (missing - told) : 1, first - 1);
}

void start_stream(Database& db, const std::string& stream, bool messages_lost, Mended& mended) {
  mended.old_stream = get(db, "stream");
  std::string earlier;
  for (const auto lane : all_lanes) {
    const auto index = static_cast<std::int64_t>(index_of(lane));
    LaneWas was;
    {
      Statement row = db.use("SELECT next_sequence, pending, next_row FROM lane WHERE lane = ?");
      if (row.bind(index).step()) {
        was = {static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)),
               row.integer(2)};
      }
    }
    const LaneRows rows = rows_in(db, lane, mended.old_stream);
    if (messages_lost) add_gaps(mended.gaps, lane, was, rows);
    const std::int64_t parked = [&] {
      Statement row =
          db.use("SELECT COALESCE(MAX(row), 0) FROM dead_letter WHERE row BETWEEN ? AND ?");  // one row
      return row.bind(rows_of(lane).first, rows_of(lane).last).step() ? row.integer(0) : 0;
    }();
    const std::int64_t last = std::max(rows.last_row, parked);
    const std::int64_t next_row = std::max(was.next_row, last == 0 ? 1 : last - rows_of(lane).first + 2);
    db.use(
          "INSERT OR REPLACE INTO lane (lane, next_sequence, next_row, pending, bytes)"
          " SELECT ?1, 1, ?2, COUNT(*), COALESCE(SUM(bytes), 0) FROM outbox WHERE row BETWEEN ?3 AND ?4")
        .bind(index, next_row, rows_of(lane).first, rows_of(lane).last)
        .run();
    earlier += (earlier.empty() ? "" : ",") + std::to_string(rows_of(lane).first - 1 + next_row - 1);
  }
  set(db, "stream", stream);
  set(db, "earlier_rows", earlier);
}

/// Whose row is lost, but whom others name: they keep their id, their rights and their visits, and are
/// disabled. Their source's next complete read says how they are called.
void keep_ids(Database& db) {
  db.script(R"sql(
INSERT OR IGNORE INTO person_source (person, integration, external_id, present)
  SELECT person, integration, COALESCE(external_id, CAST(number AS TEXT)), 0 FROM record
  WHERE person IS NOT NULL AND person NOT IN (SELECT person FROM person_source);
INSERT OR IGNORE INTO doubted_person
  SELECT DISTINCT person FROM person_source WHERE person NOT IN (SELECT id FROM person);
INSERT OR IGNORE INTO person (id, first_name, last_name, email, phone, person_type, membership_status,
    synced_tags, site, sites, roamer, roamer_sites, admin_enabled, tracked, custom_tags)
  SELECT person, '', COALESCE((SELECT MAX(name) FROM record WHERE record.person = doubted_person.person), ''),
    '', '', 'employee', '', '[]', '', '[]', 0, '[]', 0, 1, '[]' FROM doubted_person;
)sql");
}

/// Tables that name integrations by a number which nobody explains any more.
void keep_integrations(Database& db) {
  db.script(R"sql(
INSERT OR IGNORE INTO integration (key, id, badge)
  SELECT key, 'lost-' || key, 'lost' FROM (SELECT integration AS key FROM record UNION
    SELECT integration FROM person_source UNION SELECT integration FROM event UNION
    SELECT integration FROM activity UNION SELECT integration FROM run UNION SELECT integration FROM door)
  WHERE key NOT IN (SELECT key FROM integration);
INSERT OR IGNORE INTO event_cursor (integration, generation, low, high, last_at)
  SELECT integration, generation, MAX(id), MAX(id), MAX(at) FROM event AS newest
  WHERE generation = (SELECT MAX(generation) FROM event WHERE event.integration = newest.integration)
  GROUP BY integration;
)sql");
}

/// The chain goes on behind the newest row that is left; `audit verify` names what is missing before it.
void keep_audit(Database& db) {
  db.script(R"sql(
INSERT OR IGNORE INTO audit_ends (one, head, head_hash, pruned, pruned_hash)
  SELECT 1, COALESCE(MAX(number), 0), COALESCE((SELECT hash FROM audit ORDER BY number DESC LIMIT 1), ZEROBLOB(32)),
    0, ZEROBLOB(32) FROM audit;
)sql");
}

void use_up_commands(Database& db, Instant now) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(now.time_since_epoch()).count();
  db.use("INSERT OR REPLACE INTO command_floor (target, issued) VALUES ('*', ?)").bind(seconds).run();
}

}  // namespace

void leave_to_mend(Database& db, const SalvageReport& report) {
  std::string words = "salvage";
  if (report.people_lost) words += " people";
  if (report.sources_lost) words += " sources";
  if (report.messages_lost) words += " messages";
  set(db, "mend", words);
  set(db, "salvage", to_json(report));
  set(db, "salvage_detail",
      report.why + "; about " + std::to_string(report.lost()) + " rows are lost, the damaged files are in " +
          report.quarantine.string());
  if (!report.doubt.empty()) set(db, "doubt", report.doubt);
}

void leave_restored(Database& db, const std::string& json, const std::string& doubt) {
  set(db, "mend", "restore");
  set(db, "salvage", json);
  set(db, "salvage_detail", "the state of a backup was restored");
  if (!doubt.empty()) set(db, "doubt", doubt);
}

std::optional<Mended> mend(Database& db, Instant now, std::string new_stream) {
  const std::string words = get(db, "mend");
  if (words.empty()) return std::nullopt;
  Mended mended;
  mended.kind = words.substr(0, words.find(' '));
  mended.report = get(db, "salvage");
  mended.detail = get(db, "salvage_detail");
  start_stream(db, new_stream, has_word(words, "messages"), mended);
  forget(db, "identity_keys");  // a person may come from a page that was older than these
  keep_integrations(db);
  keep_audit(db);
  use_up_commands(db, now);
  if (has_word(words, "people") || has_word(words, "sources")) keep_ids(db);
  if (has_word(words, "people")) set(db, "newcomers_doubted", "1");
  // Without their key nobody can be compared with them: who was erased may come again, as somebody new.
  db.script("DELETE FROM tombstone WHERE NOT EXISTS (SELECT 1 FROM tombstone_key)");
  // Nobody is let in on what is not proved anew, and each record is looked at again.
  db.script("DELETE FROM proof; UPDATE record SET fingerprint = 0");
  const std::string doubt = get(db, "doubt");
  if (!doubt.empty()) {
    mended.detail += "; " + doubt;
    mended.hint =
        "every site is locked down: look at the people, the grants and the doors, then gatehouse salvage "
        "accept";
  } else if (has_word(words, "people")) {
    mended.hint =
        "people who come to be known again are disabled, and walk-ins are refused: gatehouse salvage show "
        "names "
        "them, gatehouse salvage accept enables them";
  } else {
    mended.hint = "look at what is lost (gatehouse salvage show), then gatehouse salvage accept";
  }
  forget(db, "mend");
  forget(db, "salvage_detail");
  return mended;
}

}  // namespace gatehouse
