// The questions about people and doors.

#include <algorithm>
#include <array>

#include "daemon/core/settings_names.hpp"
#include "daemon/settings/scalars.hpp"
#include "daemon/setup/interview.hpp"

namespace gatehouse::setup {
namespace {

using namespace std::chrono_literals;

std::string numbered(std::size_t index, const std::string& text) {
  const std::string number = std::to_string(index + 1);
  return std::string(number.size() < 4 ? 4 - number.size() : 0, ' ') + number + "  " + text;
}

std::string open_fault(const std::string& text) {
  const auto open = config::parse_duration(text);
  return open && *open >= 1s && *open <= 60s ? "" : "1s to 60s, such as 5s.";
}

std::string short_name_fault(const std::string& text) {
  return config::is_identifier(text) ? ""
                                     : "Lower-case letters, digits and '-', at most 32, the first no '-'.";
}

std::string name_fault(const std::string& text) {
  return text.empty() || text.size() > 200 ? "1 to 200 bytes." : "";
}

}  // namespace

void Interview::ask_people() {
  ask_.say("\n3. People");
  const std::string by = ask_.one_of("What says who somebody is: the department or the access levels",
                                     {"department", "access_level"}, "department");
  answers_.people.group_by = *parse_name<GroupBy>(by);
  if (answers_.people.group_by == GroupBy::access_level && !survey_.people_fault) {
    ask_.say("Counting who has which access level…");
    const auto counted = course_.visit.count_levels(draft_.net2().net2, credentials_, survey_);
    if (course_.stop) throw Stopped{};
    if (!counted) ask_.say("  They cannot be counted: " + shown(counted.error().detail));
  }
  ask_groups();
  ask_fields();
  const std::string first =
      ask_.one_of("First import: wait until somebody has read its plan (confirm), or go ahead (auto)",
                  {"confirm", "auto"}, "confirm");
  answers_.people.first = *parse_name<FirstSync>(first);
}

void Interview::ask_groups() {
  const bool levels = answers_.people.group_by == GroupBy::access_level;
  const auto& groups = levels ? survey_.access_levels : survey_.departments;
  const bool counted = levels ? survey_.levels_counted : !survey_.people_fault;
  if (groups.empty()) {
    ask_.say(
        "Net2 has none, so nobody can be imported yet. Make some there, then run gatehouse setup again.");
    return;
  }
  for (std::size_t i = 0; i < groups.size(); ++i)
    ask_.say(
        numbered(i, shown(groups[i].name) + (counted ? "  (" + std::to_string(groups[i].people) + ")" : "")));
  if (!levels && survey_.without_department > 0)
    ask_.say("      and " + std::to_string(survey_.without_department) +
             " without a department, who are not imported");
  std::vector<std::optional<PersonType>> types(groups.size());
  constexpr std::array<std::pair<PersonType, const char*>, 4> kinds{{{PersonType::employee, "employees"},
                                                                     {PersonType::contractor, "contractors"},
                                                                     {PersonType::visitor, "visitors"},
                                                                     {PersonType::member, "members"}}};
  for (const auto& [type, word] : kinds) {
    std::vector<std::size_t> likely;
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (!types[i] && likely_type(groups[i].name) == type) likely.push_back(i);
    for (const std::size_t i :
         ask_.some_of(std::string("Which are ") + word + " (numbers, all, none)", groups.size(), likely)) {
      if (types[i])
        ask_.say("  " + shown(groups[i].name) + " stays " + std::string(to_string(*types[i])) + ".");
      else
        types[i] = type;
    }
  }
  answers_.people.groups.clear();
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (types[i]) answers_.people.groups.push_back({groups[i].name, *types[i]});
  if (answers_.people.groups.empty()) ask_.say("  Then nobody is imported.");
}

/// Empty: none.
SourceField Interview::ask_field(const std::string& question, const std::optional<SourceField>& likely) {
  const auto& fields = survey_.fields;
  std::string by_default = "none";
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (likely == fields[i].field) by_default = std::to_string(i + 1);
  const auto number_of = [&](const std::string& text) -> std::optional<std::size_t> {
    const auto chosen = parse_choice(text, fields.size());
    if (!chosen || chosen->size() != 1) return std::nullopt;
    return chosen->front();
  };
  const std::string answer =
      ask_.text(question + " (a number, or none)", by_default, [&](const std::string& text) {
        return text == "none" || number_of(text) ? "" : "One number of the list, or none.";
      });
  const auto number = number_of(answer);
  return number ? fields[*number].field : SourceField();
}

void Interview::ask_fields() {
  ask_.say("Where people's addresses stand in Net2 (what is not named here is never read):");
  const auto& fields = survey_.fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldLook& look = fields[i];
    std::string line = shown(look.field);
    if (look.filled > 0) line.append("  (filled for ").append(std::to_string(look.filled));
    if (look.emails > 0)
      line.append(", ").append(std::to_string(look.emails)).append(" look like an e-mail address");
    if (look.phones > 0)
      line.append(", ").append(std::to_string(look.phones)).append(" look like a telephone number");
    if (look.filled > 0) line += ')';
    ask_.say(numbered(i, line));
  }
  const SourceField email = ask_field("Field with the e-mail address", likely_email(survey_));
  SourceField phone = ask_field("Field with the telephone number", likely_phone(survey_));
  if (!email.empty() && phone == email) {
    ask_.say("  That is the field of the e-mail address; no telephone number is read.");
    phone.clear();
  }
  answers_.people.email = email;
  answers_.people.phone = phone;
}

void Interview::ask_doors() {
  ask_.say("\n4. Doors");
  const auto& doors = survey_.doors;
  answers_.doors.clear();
  answers_.access_point.reset();
  if (doors.empty()) {
    ask_.say("Net2 has none.");
    return;
  }
  for (std::size_t i = 0; i < doors.size(); ++i)
    ask_.say(numbered(i, shown(doors[i].name) + "  (" + std::to_string(doors[i].number) + ")"));
  const auto chosen =
      ask_.some_of("Which may be opened by the gateway (numbers, all, none)", doors.size(), {});
  for (const std::size_t i : chosen) {
    DoorAnswer door;
    door.door = std::to_string(doors[i].number);
    const std::string name = shown(doors[i].name);
    const std::string kind =
        ask_.one_of(name + ": opens for a while (timed), or a pulse for a turnstile or barrier (momentary)",
                    {"timed", "momentary"}, "timed");
    door.kind = *parse_name<DoorKind>(kind);
    if (door.kind == DoorKind::timed)
      door.open = *config::parse_duration(ask_.text(name + ": for how long", "5s", open_fault));
    answers_.doors.push_back(std::move(door));
  }
  if (chosen.empty()) return;
  ask_policy();
  ask_access_point(chosen);
}

void Interview::ask_policy() {
  ask_.say("Who may open them by signing in; what is not said is closed.");
  answers_.policy.employees = ask_.yes("Employees", true);
  answers_.policy.contractors = ask_.yes("Contractors, at the sites named for them", false);
  const std::string visitors =
      ask_.one_of("Visitors: none, those with a visit in the cloud (preregistered), all",
                  {"none", "preregistered", "all"}, "preregistered");
  answers_.policy.visitors = *parse_name<VisitorsAdmitted>(visitors);
  const auto& groups = answers_.people.groups;
  if (std::any_of(groups.begin(), groups.end(),
                  [](const GroupMapping& mapping) { return mapping.person_type == PersonType::member; }))
    ask_.say("  Members need a rule of their own in the configuration: policy.rules, in gatehouse.yaml(5).");
}

void Interview::ask_access_point(const std::vector<std::size_t>& doors) {
  if (!ask_.yes("Make an access point, a place such as a kiosk where people sign in to open these doors",
                true))
    return;
  AccessPointAnswer point;
  point.id = ask_.text("Its short name", "reception", short_name_fault);
  point.name = ask_.text("Its name for people", "Reception", name_fault);
  if (doors.size() > 1) {
    for (std::size_t i = 0; i < doors.size(); ++i) ask_.say(numbered(i, shown(survey_.doors[doors[i]].name)));
    std::vector<std::size_t> all(doors.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    for (const std::size_t i : ask_.some_of("Which of them a sign-in there opens", doors.size(), all))
      point.doors.push_back(std::to_string(survey_.doors[doors[i]].number));
  }
  const auto& modes = EnumNames<SignInMode>::all;
  std::vector<std::string> words;
  for (const auto& mode : modes) words.emplace_back(mode.second);
  point.open_modes = {*parse_name<SignInMode>(ask_.one_of("How people sign in there", words, "kiosk"))};
  answers_.access_point = std::move(point);
}

}  // namespace gatehouse::setup
