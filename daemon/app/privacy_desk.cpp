#include "daemon/app/privacy_desk.hpp"

#include <algorithm>
#include <utility>

#include "daemon/app/person_key.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/core/tombstones.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t most_bytes = 64ULL << 20;
constexpr Duration look_at_purges_every = std::chrono::hours(1);

std::string days(Duration time) {
  const auto whole = std::chrono::ceil<std::chrono::days>(time).count();
  return whole == 1 ? std::string("1 day") : std::to_string(whole) + " days";
}

}  // namespace

std::vector<PersonalSection> personal_sections(const Retention& retention) {
  const std::string registered = "while they are in the registry";
  const std::string sent = "until the cloud has it";
  return {{"person", registered},
          {"sources", registered},
          {"records", "while the source has the record, or the person is in the registry"},
          {"overrides", "until the source has the value itself"},
          {"choices", "until the record is gone, or an operator takes it back"},
          {"grants", registered},
          {"visits", "until the cloud takes them back"},
          {"presence", "the last one, " + registered},
          {"invitation", registered},
          {"events", days(retention.events) + " (retention.events)"},
          {"decisions", days(retention.decisions) + " (retention.decisions)"},
          {"activity", days(retention.activity) + " (retention.activity)"},
          {"issues", "while open, then " + days(retention.activity) + " (retention.activity)"},
          {"plans", "until the plan is applied, discarded, replaced or has expired"},
          {"audit", days(retention.audit) + " (retention.audit)"},
          {"outbox", sent},
          {"dead_letters", "until an operator sends them again or drops them"},
          {"command_answers", "until the command has expired, at most 24 hours"}};
}

PrivacyDesk::PrivacyDesk(Parts parts) : parts_(std::move(parts)), bell_(parts_.executor) {}

Task<Result<std::string>> PrivacyDesk::section_json(PersonId person, PersonalSection section) {
  JsonWriter json;
  json.begin_object().member("kept", section.kept).key("rows").begin_array();
  std::string after;
  for (;;) {
    auto page = co_await parts_.store.personal_rows(person, section.name, after);
    if (!page) co_return within("read " + std::string(section.name), page.error());
    for (const auto& row : page->rows) json.raw(row);
    if (json.text().size() > most_bytes) break;
    after = page->next;
    if (after.empty()) break;
  }
  json.end_array().end_object();
  co_return json.take();
}

Task<Result<std::string>> PrivacyDesk::export_person(std::string key) {
  auto person = co_await find_one_person(parts_.queries, std::move(key));
  if (!person) co_return person.error();
  JsonWriter json;
  json.begin_object().member("id", person->id.value()).member("made", format_utc(parts_.clock.now()));
  json.key("sections").begin_object();
  for (auto& section : personal_sections(parts_.retention())) {
    const std::string name = section.name;
    auto rows = co_await section_json(person->id, std::move(section));
    if (!rows) co_return rows.error();
    json.key(name).raw(*rows);
    if (json.text().size() > most_bytes)
      co_return Error{Errc::refused,
                      "more than 64 MiB is kept of this person: wait until more of the outbox is sent, or "
                      "shorten `retention` in the configuration"};
  }
  json.end_object().end_object();
  co_return json.take();
}

/// Other people who say the same of themselves: one human perhaps, whom nobody has merged.
Task<Result<std::vector<std::string>>> PrivacyDesk::others_like(Person person) {
  std::vector<std::string> others;
  if (person.facts.email.empty()) co_return others;
  auto found = co_await parts_.queries.find_people(person.facts.email);
  if (!found) co_return found.error();
  const auto marks = identity_marks(person.facts, parts_.fold);
  for (const auto& other : *found) {
    const auto theirs = identity_marks(other.facts, parts_.fold);
    const bool same = std::ranges::find_first_of(marks, theirs) != marks.end();
    if (other.id != person.id && same) others.push_back(other.id.value());
  }
  co_return others;
}

Task<Result<std::string>> PrivacyDesk::erase_person(std::string key, std::string by) {
  auto person = co_await find_one_person(parts_.queries, std::move(key));
  if (!person) co_return person.error();
  auto others = co_await others_like(*person);
  if (!others) co_return others.error();
  ErasureAsk ask;
  ask.person = *person;
  ask.keys = identity_keys(person->facts, parts_.fold);
  ask.marks = identity_marks(person->facts, parts_.fold);
  ask.by = by;
  auto erased = co_await parts_.store.erase_person(std::move(ask));
  if (!erased) co_return erased.error();
  const auto& id = person->id.value();
  parts_.log.write(Level::info, "person " + id + " was erased by " + by, {{"PERSON", id}});
  parts_.know_anew();
  parts_.news();
  auto rewritten = co_await parts_.store.rewrite_store();
  if (!rewritten)
    parts_.log.write(Level::error,
                     "what stands of person " + id +
                         " in the store's file could not be overwritten yet, and is tried again: " +
                         rewritten.error().detail);
  JsonWriter json;
  json.begin_object().member("person_id", id).key("erased").begin_object();
  for (const auto& [table, rows] : erased->counts) json.member(table, rows);
  json.end_object().member("rewritten", rewritten.ok()).key("why");
  rewritten ? json.null() : json.value(rewritten.error().detail);
  json.key("copies_removed").begin_array();
  if (rewritten) {
    for (const auto& copy : *rewritten) json.value(copy);
  }
  json.end_array().key("others").begin_array();
  for (const auto& other : *others) json.value(other);
  json.end_array().end_object();
  co_return json.take();
}

Task<void> PrivacyDesk::loop(Pulse& pulse) {
  (void)pulse;
  for (;;) {
    auto due = co_await parts_.store.rewrite_due();
    if (due && *due) {
      auto done = co_await parts_.store.rewrite_store();
      if (done)
        parts_.log.write(Level::info,
                         "the store's file was rewritten: nothing stands in it of who was erased");
      else
        parts_.log.write(Level::warning, "the store's file could not be rewritten: " + done.error().detail);
    }
    co_await bell_.wait(look_at_purges_every);
  }
}

}  // namespace gatehouse
