#pragma once
// Somebody with a row in every table, whose name is found wherever it stands.

#include <algorithm>
#include <fstream>
#include <iterator>

#include "daemon/app/privacy_desk.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "tests/unit/fakes.hpp"
#include "tests/unit/store_access.hpp"

namespace gatehouse::test {

inline const UnicodeFold fold;
inline constexpr std::string_view first_name = "Zyxwana";
inline constexpr std::string_view last_name = "Kanarienska";
inline constexpr std::string_view email = "zyx.kanarie@example.com";
inline constexpr std::string_view phone = "+447700900123";
inline const std::vector<std::string> canaries{"Zyxwana", "Kanarienska", "zyx.kanarie", "7700900123"};

inline RecordFate canary(std::int64_t number, std::string external_id = {}) {
  RecordFate made = fate(number, std::string(last_name), 7);
  made.external_id = std::move(external_id);
  made.name = std::string(first_name) + ' ' + std::string(last_name);
  made.facts->first_name = first_name;
  made.facts->email = email;
  made.facts->phone = phone;
  made.keys = identity_keys(*made.facts, fold);
  return made;
}

inline ErasureAsk ask_for(const Person& person) {
  ErasureAsk ask;
  ask.person = person;
  ask.keys = identity_keys(person.facts, fold);
  ask.marks = identity_marks(person.facts, fold);
  ask.by = "uid 0 (root)";
  return ask;
}

/// In any file of the directory.
inline std::vector<std::string> canaries_in(const std::filesystem::path& directory) {
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    for (const auto& word : canaries) {
      const auto same = [](char a, char b) { return std::tolower(a) == std::tolower(b); };
      if (std::search(bytes.begin(), bytes.end(), word.begin(), word.end(), same) != bytes.end())
        found.push_back(file.path().filename().string() + ": " + word);
    }
  }
  return found;
}

/// Somebody with a row in every table there is, among others.
inline Person make_known(Store& store, const Clock& clock) {
  std::vector<RecordFate> fates;
  for (std::int64_t number = 100; number < 160; ++number)
    fates.push_back(fate(number, "Other" + std::to_string(number), static_cast<std::uint64_t>(number)));
  fates.push_back(canary(7));
  auto left_out = canary(8);
  left_out.facts.reset();
  left_out.skip = SkipReason::duplicate_pending;
  fates.push_back(left_out);
  get(store.apply(pass(std::move(fates))));
  const Person person = the_person(store, "net2-hq/7");

  RosterCommit roster;
  roster.directory =
      roster_pass({linked(canary(record_number("c-7"), "c-7"), {.person = person.id,
                                                                .other_record = std::nullopt,
                                                                .rule = LinkRule::email,
                                                                .evidence = std::string(email)})});
  roster.visits = {visit_of("c-7", "V7")};
  roster.cursor = "c1";
  roster.proved = noon;
  get(store.apply_roster(roster));

  EventCommit seen = events(1, 50);
  for (auto& item : seen.events) item.event.user = Net2UserId(item.event.id.value() % 2 == 0 ? 7 : 101);
  seen.events[1].event.details = "Kanarienska, Zyxwana";
  get(store.commit_events(seen));

  AccessBegin begin = begin_of("D-erase");
  begin.decision->person = person.id;
  begin.presence->person = person.id;
  begin.audit[0].person = person.id;
  begin.audit[0].detail = R"({"name":"Zyxwana Kanarienska"})";
  get(store.begin_access(begin));
  AccessEnd end = end_of(begin);
  end.command->answer = R"({"ok":true,"result":{"person":)" + person_json(person) + "}}";
  end.messages[0].data = R"({"ok":true,"result":{"person":)" + person_json(person) + "}}";
  get(store.end_access(end));

  Issue issue = issue_about(8, IssueReason::duplicate, "zyx.kanarie@example.com");
  issue.name = "Zyxwana Kanarienska";
  issue.others = {person.id.value()};
  Issue about_other = issue_about(101, IssueReason::duplicate, "x");
  about_other.others = {"7", "102"};
  get(store.set_issues(hq, {issue, about_other}, "test"));
  get(store.say(hq, {.record = 7, .kind = RecordChoice::Kind::same, .person = {}, .other_record = {}},
                "olga"));
  get(store.override_fields(hq, {{7, "phone", std::string(phone)}}, "olga"));

  PersonWord word;
  word.person = person.id;
  Grant grant;
  grant.id = "G1";
  grant.door = front;
  word.grants = std::vector<Grant>{grant};
  word.custom_tags = std::vector<std::string>{"Kanarienska's crew"};
  get(store.set_person(word));
  get(store.tell_invitable());

  PlanChange change = departure(7, person.id.value());
  change.name = "Zyxwana Kanarienska";
  offered(store, plan_named(clock, "PLAN-1", PlanKind::guard), {change});
  const auto rows = waiting(store, Lane::people);
  REQUIRE(rows.size() > 4);
  for (const auto& row : rows) {
    if (row.payload.find("person.invitable") == std::string::npos ||
        row.payload.find(email) == std::string::npos)
      continue;
    get(store.park(row.row, "refused", "test"));
  }
  return get(store.person(person.id));
}

inline void make_old_copy(const std::filesystem::path& directory) {
  std::ofstream(directory / "gatehouse.db.before-v6") << "Zyxwana Kanarienska";
  std::filesystem::create_directories(directory / "quarantine" / "20260601T080000Z");
  std::ofstream(directory / "quarantine" / "20260601T080000Z" / "gatehouse.db") << "Zyxwana Kanarienska";
}

inline std::string page_text(Store& store, const PersonId& person, const std::string& section) {
  std::string text;
  for (const auto& row : get(store.personal_rows(person, section, "")).rows) text += row + '\n';
  return text;
}

}  // namespace gatehouse::test
