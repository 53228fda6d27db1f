#include "daemon/store/erasure_tables.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/core/json_writer.hpp"
#include "daemon/core/source_record.hpp"
#include "daemon/store/activity_rows.hpp"
#include "daemon/store/fault.hpp"
#include "daemon/store/text_list.hpp"
#include "daemon/store/times.hpp"

namespace gatehouse {
namespace {

std::string json_text(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What tells, within a message that names the person, that it says who they are. A short name is only looked
/// for as a whole value: it is part of many words.
std::vector<std::string> telling_words(const PersonFacts& facts) {
  constexpr std::size_t long_enough = 4;
  std::vector<std::string> words;
  for (const auto* value : {&facts.first_name, &facts.last_name, &facts.email, &facts.phone}) {
    if (value->empty()) continue;
    const auto text = json_text(*value);
    words.push_back(value->size() < long_enough ? text : text.substr(1, text.size() - 2));
  }
  return words;
}

bool any_in(const std::vector<std::string>& words, const std::string& text) {
  return std::ranges::any_of(words, [&](const std::string& word) { return has(text, word); });
}

std::string full_name(const PersonFacts& facts) {
  return facts.first_name + ' ' + facts.last_name;
}

}  // namespace

// --- before

void ErasureTables::check(const ErasureAsk& ask) {
  const PersonId& id = ask.person.id;
  const auto stored = parts_.people.load(id.value());
  if (!stored) throw StoreFault({Errc::not_found, "there is nobody with the id " + id.value()});
  if (stored->facts != ask.person.facts || stored->sources != ask.person.sources)
    throw StoreFault({Errc::busy, "a sync has changed this person just now: ask again"});
  if (plans_with(ask, "'applying'").empty()) return;
  throw StoreFault({Errc::refused,
                    "a plan that holds this person is being applied: erase them when it is done (gatehouse "
                    "plan list)"});
}

std::vector<std::int64_t> ErasureTables::plans_with(const ErasureAsk& ask, std::string_view states) {
  const PersonFacts& facts = ask.person.facts;
  std::vector<std::int64_t> found;
  const auto look = [&](Statement& row) {
    while (row.step()) found.push_back(row.integer(0));
  };
  const std::string among =
      "SELECT DISTINCT plan FROM plan_change WHERE plan IN (SELECT number FROM plan"
      " WHERE state IN (" +
      std::string(states) + ")) AND ";
  {
    Statement row = db_.use(among +
                            "(person = ?1 OR link_person = ?1 OR (first_name = ?2 AND last_name = ?3 AND"
                            " (email = ?4 COLLATE NOCASE OR phone = ?5))) ORDER BY plan");
    row.bind(ask.person.id.value(), facts.first_name, facts.last_name, facts.email, facts.phone);
    look(row);
  }
  for (const auto& record : records_of(ask)) {
    Statement row = db_.use(among + "integration = ?1 AND (record = ?2 OR link_record = ?2) ORDER BY plan");
    row.bind(record.integration, record.number);
    look(row);
  }
  std::ranges::sort(found);
  const auto twice = std::ranges::unique(found);
  found.erase(twice.begin(), twice.end());
  return found;
}

/// Theirs; and of nobody's records those that would make the same person.
std::vector<ErasureTables::Record> ErasureTables::records_of(const ErasureAsk& ask) {
  std::vector<Record> records;
  for (const auto& source : ask.person.sources) {
    const auto key = parts_.keys.find(source.integration);
    if (!key) continue;
    records.push_back({.integration = *key,
                       .number = record_of(source.kind, source.external_id.value()),
                       .integration_id = source.integration.value(),
                       .external_id = source.external_id.value(),
                       .kind = source.kind,
                       .linked = true});
  }
  if (ask.keys.name == 0) return records;
  Statement row = db_.use(
      "SELECT integration, number, external_id FROM record WHERE person IS NULL AND name_key = ?1"
      " AND ((?2 <> 0 AND email_key = ?2) OR (?3 <> 0 AND phone_key = ?3)) ORDER BY integration, number");
  row.bind(ask.keys.name, ask.keys.email, ask.keys.phone);
  while (row.step()) {
    const auto number = row.integer(1);
    const auto about = parts_.keys.about(row.integer(0));
    records.push_back({.integration = row.integer(0),
                       .number = number,
                       .integration_id = about.id.value(),
                       .external_id = external_id_text(number, row.text(2)),
                       .kind = about.kind,
                       .linked = false});
  }
  return records;
}

// --- table by table

/// A plan is bound to what it lists, so one that lists them ends; the next pass makes it anew without them.
std::uint64_t ErasureTables::plans(const ErasureAsk& ask) {
  const auto ended = plans_with(ask, "'open', 'making'");
  for (const auto number : ended) {
    PlanChangeRows(db_).clear(number);
    db_.use("UPDATE plan SET state = 'superseded' WHERE number = ?").bind(number).run();
  }
  return ended.size();
}

std::uint64_t ErasureTables::directory(std::string_view table, const std::vector<Record>& records) {
  const std::string column = table == "record" ? "number" : "record";
  std::uint64_t rows = 0;
  for (const auto& record : records) {
    rows += static_cast<std::uint64_t>(
        db_.use("DELETE FROM " + std::string(table) + " WHERE integration = ? AND " + column + " = ?")
            .bind(record.integration, record.number)
            .run());
  }
  return rows;
}

std::uint64_t ErasureTables::activity(const ErasureAsk& ask, const std::vector<Record>& records) {
  std::uint64_t rows = directory("activity", records);
  // An export that made no user has no record to be known by.
  rows += static_cast<std::uint64_t>(
      db_.use("DELETE FROM activity WHERE record = 0 AND name = ?").bind(full_name(ask.person.facts)).run());
  return rows;
}

std::uint64_t ErasureTables::words(const ErasureAsk& ask, const std::vector<Record>& records) {
  std::uint64_t rows = directory("override", records) + directory("choice", records);
  rows += static_cast<std::uint64_t>(
      db_.use("DELETE FROM choice WHERE person = ?").bind(ask.person.id.value()).run());
  for (const auto& record : records) {
    rows +=
        static_cast<std::uint64_t>(db_.use("DELETE FROM choice WHERE integration = ? AND other_record = ?")
                                       .bind(record.integration, record.number)
                                       .run());
  }
  return rows;
}

/// In issues about others: the next pass says what is left of them.
std::uint64_t ErasureTables::named_in_issues(const ErasureAsk& ask, const std::vector<Record>& records) {
  struct Changed {
    std::int64_t number = 0;
    std::vector<std::string> others;
    std::map<std::string, std::string> fields;
  };
  std::vector<Changed> changed;
  {
    Statement row =
        db_.use("SELECT number, integration, others, fields FROM issue WHERE others <> '[]' ORDER BY number");
    while (row.step()) {
      auto others = decode_list(row.text(2));
      const auto integration = row.integer(1);
      const auto theirs = [&](const std::string& other) {
        if (other == ask.person.id.value()) return true;
        return std::ranges::any_of(records, [&](const Record& record) {
          return record.integration == integration && record.external_id == other;
        });
      };
      if (std::erase_if(others, theirs) == 0) continue;
      auto fields = decode_map(row.text(3));
      fields.erase(ask.person.id.value());  // what an export said of each
      changed.push_back({row.integer(0), std::move(others), std::move(fields)});
    }
  }
  for (const auto& [number, others, fields] : changed) {
    db_.use("UPDATE issue SET others = ?, fields = ? WHERE number = ?")
        .bind(encode_list(others), encode_map(fields), number)
        .run();
  }
  return changed.size();
}

std::uint64_t ErasureTables::visits(const std::vector<Record>& records) {
  std::uint64_t rows = 0;
  for (const auto& record : records) {
    if (record.kind != SourceKind::cloud) continue;
    rows += static_cast<std::uint64_t>(
        db_.use("DELETE FROM visit WHERE cloud_id = ?").bind(record.external_id).run());
  }
  return rows;
}

/// The whole table is looked through: an index would cost more with each event than this does once.
std::uint64_t ErasureTables::events(const ErasureAsk& ask, const std::vector<Record>& records) {
  std::uint64_t rows = 0;
  for (const auto& record : records) {
    if (record.kind != SourceKind::net2) continue;
    rows += static_cast<std::uint64_t>(
        db_.use("UPDATE event SET user = NULL,"
                " details = CASE WHEN (?3 <> '' AND instr(details, ?3) > 0)"
                " OR (?4 <> '' AND instr(details, ?4) > 0) THEN '' ELSE details END"
                " WHERE integration = ?1 AND user = ?2")
            .bind(record.integration, record.number, ask.person.facts.last_name, ask.person.facts.first_name)
            .run());
  }
  return rows;
}

/// What they rested on says who somebody is: it cannot be replayed any more.
std::uint64_t ErasureTables::decisions(const PersonId& person) {
  return static_cast<std::uint64_t>(
      db_.use("UPDATE decision SET person = NULL, basis = x'' WHERE person = ?").bind(person.value()).run());
}

/// Of commands: some answer with the person.
std::uint64_t ErasureTables::answers(const ErasureAsk& ask) {
  const auto id = json_text(ask.person.id.value());
  const auto words = telling_words(ask.person.facts);
  std::vector<std::pair<std::string, std::string>> found;
  {
    Statement row = db_.use("SELECT issuer, id, answer FROM command WHERE answer <> '' ORDER BY issuer, id");
    while (row.step()) {
      const auto answer = row.text(2);
      if (has(answer, id) && any_in(words, answer)) found.emplace_back(row.text(0), row.text(1));
    }
  }
  for (const auto& [issuer, command] : found) {
    db_.use("UPDATE command SET answer = ? WHERE issuer = ? AND id = ?")
        .bind(R"({"ok":true,"result":{"erased":true}})", issuer, command)
        .run();
  }
  return found.size();
}

/// In the people's lane all that is about them; in the others only what says who they are: that a door opened
/// stays a fact, and an id that leads nowhere names nobody.
std::uint64_t ErasureTables::messages(const ErasureAsk& ask, const std::vector<Record>& records) {
  const auto id = json_text(ask.person.id.value());
  const auto words = telling_words(ask.person.facts);
  std::vector<std::string> subjects;
  subjects.reserve(records.size());
  for (const auto& record : records)
    subjects.push_back("\"subject\":" + json_text(record.integration_id + '/' + record.external_id));
  const auto about = [&](Lane lane, const std::string& payload) {
    if (lane == Lane::people) return has(payload, id) || any_in(subjects, payload);
    return has(payload, id) && any_in(words, payload);
  };
  auto anywhere = subjects;
  anywhere.push_back(id);
  return parts_.outbox.erase(anywhere, about);
}

void ErasureTables::count_rows_of(const PersonId& person, ErasureReport& report) {
  for (const auto* table : {"person_source", "person_grant", "invitation", "presence"}) {
    Statement row = db_.use("SELECT COUNT(*) FROM " + std::string(table) + " WHERE person = ?");  // one row
    row.bind(person.value()).step();
    report.counts.emplace_back(table, static_cast<std::uint64_t>(row.integer(0)));
  }
}

void ErasureTables::put_tombstones(const ErasureAsk& ask) {
  const auto now = to_ms(clock_.now());
  parts_.tombstones.add(person_mark(ask.person.id), now);
  for (const auto& source : ask.person.sources)
    parts_.tombstones.add(record_mark(source.integration, source.external_id.value()), now);
  for (const auto& mark : ask.marks) parts_.tombstones.add(mark, now);
}

void ErasureTables::note(const ErasureAsk& ask, const ErasureReport& report) {
  JsonWriter detail;
  detail.begin_object();
  for (const auto& [table, rows] : report.counts) detail.member(table, rows);
  detail.end_object();
  parts_.audit.add({.actor = ask.by,
                    .action = "people.erase",
                    .target = ask.person.id.value(),
                    .outcome = "done",
                    .detail = detail.take(),
                    .person = std::nullopt});
}

// --- all of it

ErasureReport ErasureTables::erase(const ErasureAsk& ask) {
  check(ask);
  const PersonId& id = ask.person.id;
  const auto records = records_of(ask);
  ErasureReport report;
  const auto count = [&](const char* table, std::uint64_t rows) { report.counts.emplace_back(table, rows); };
  count("person", 1);
  count_rows_of(id, report);
  count("plan", plans(ask));
  count("record", directory("record", records));
  count("choice", words(ask, records));
  count("activity", activity(ask, records));
  count("issue", directory("issue", records) + named_in_issues(ask, records));
  count("visit", visits(records));
  count("event", events(ask, records));
  count("decision", decisions(id));
  count("command", answers(ask));
  count("outbox", messages(ask, records));
  count("audit", parts_.audit.erase(id));
  put_tombstones(ask);
  parts_.people.remove(id);
  parts_.outbox.append(
      person_gone("person.removed", ask.person, "erased", RunId(), clock_.new_id(), clock_.now()));
  db_.use("INSERT OR REPLACE INTO meta (key, value) VALUES ('erasure/rewrite', ?)")
      .bind(std::to_string(to_ms(clock_.now())))
      .run();
  note(ask, report);
  return report;
}

bool ErasureTables::rewrite_due() {
  return db_.use("SELECT 1 FROM meta WHERE key = 'erasure/rewrite'").step();  // the key: one row
}

void ErasureTables::rewritten() {
  db_.use("DELETE FROM meta WHERE key = 'erasure/rewrite'").run();
}

}  // namespace gatehouse
