// The section schedules: weeks of opening hours, each under a name.

#include <algorithm>
#include <array>

#include "daemon/settings/scalars.hpp"
#include "daemon/settings/tables.hpp"

namespace gatehouse::config {

namespace {

constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::optional<std::size_t> day_index(std::string_view name) {
  const auto found = std::find(day_names.begin(), day_names.end(), name);
  if (found == day_names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - day_names.begin());
}

/// "mon" or "mon-fri" (or "fri-mon": it goes round); empty where it is neither.
std::vector<std::size_t> days_of(const std::string& key) {
  const auto dash = key.find('-');
  const auto first = day_index(std::string_view(key).substr(0, dash));
  const auto last = dash == std::string::npos ? first : day_index(std::string_view(key).substr(dash + 1));
  std::vector<std::size_t> days;
  if (!first || !last) return days;
  for (std::size_t day = *first;; day = (day + 1) % 7) {
    days.push_back(day);
    if (day == *last) return days;
  }
}

/// The keys of a schedule, the common ones first.
const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> out{"mon-fri", "sat-sun", "mon-sun", "except"};
    for (const auto& name : day_names) out.emplace_back(name);
    for (const auto& first : day_names)
      for (const auto& last : day_names)
        if (first != last) out.push_back(std::string(first) + "-" + std::string(last));
    return out;
  }();
  return keys;
}

Codec<Window> window() {
  constexpr std::string_view expected = "hours from start to end, \"07:00-19:00\"";
  return {[expected](const TreeNode& node, Reading& reading, Window& into) {
            const auto text = read_text(node, reading, expected);
            if (!text) return;
            const bool shaped = text->size() == 11 && (*text)[5] == '-';
            const auto start = shaped ? parse_time_of_day(text->substr(0, 5), false) : std::nullopt;
            const auto end = shaped ? parse_time_of_day(text->substr(6), true) : std::nullopt;
            if (start && end)
              into = {*start, *end};
            else
              reading.wrong(node, expected);
          },
          [](const Window& from) {
            return std::optional<TreeNode>(
                text_node(format_time_of_day(from.start) + "-" + format_time_of_day(from.end)));
          },
          "hours \"HH:MM-HH:MM\""};
}

Codec<std::chrono::year_month_day> date() {
  return {[](const TreeNode& node, Reading& reading, std::chrono::year_month_day& into) {
            const auto text = read_text(node, reading, "a date, \"2026-12-25\"");
            if (!text) return;
            const auto value = parse_date(*text);
            if (value)
              into = *value;
            else
              reading.wrong(node, "a date, \"2026-12-25\"");
          },
          [](const std::chrono::year_month_day& from) {
            return std::optional<TreeNode>(text_node(format_date(from)));
          },
          "date"};
}

void read_schedule(const TreeNode& node, Reading& reading, Schedule& into) {
  if (node.kind != TreeNode::Kind::map) {
    reading.wrong(node, "a mapping of days to hours, {mon-fri: [\"07:00-19:00\"]}");
    return;
  }
  std::array<bool, 7> given{};
  for (const Member& member : node.members) {
    std::string key = member.key;
    if (key != "except" && days_of(key).empty()) {
      reading.fault(member.place, "unknown key '" + key +
                                      "': expected a day (mon … sun), a range of days (mon-fri) or except" +
                                      did_you_mean(key, known_keys()));
      key = nearest(key, known_keys()).value_or("");
      if (node.find(key)) continue;
    }
    if (key == "except") {
      set_of(date()).read(member.value, reading, into.except);
      continue;
    }
    std::vector<Window> windows;
    list_of(window()).read(member.value, reading, windows);
    for (const std::size_t day : days_of(key)) {
      if (given.at(day))
        reading.fault(member.place, std::string(day_names.at(day)) + " is given twice in this schedule");
      given.at(day) = true;
      into.days.at(day) = windows;
    }
  }
}

std::optional<TreeNode> show_schedule(const Schedule& from) {
  TreeNode node;
  node.kind = TreeNode::Kind::map;
  for (std::size_t i = 0; i < 7; ++i) {
    const std::size_t day = (i + 1) % 7;  // the week is shown from Monday
    if (from.days.at(day).empty()) continue;
    node.members.push_back({std::string(day_names.at(day)), {}, *list_of(window()).show(from.days.at(day))});
  }
  node.members.push_back({"except", {}, *list_of(date()).show(from.except)});
  return node;
}

}  // namespace

Codec<std::map<ScheduleId, Schedule>> schedules() {
  Codec<std::map<ScheduleId, Schedule>> codec;
  codec.read = [](const TreeNode& node, Reading& reading, std::map<ScheduleId, Schedule>& into) {
    if (node.kind != TreeNode::Kind::map) {
      reading.wrong(node, "a mapping of names to schedules");
      return;
    }
    for (const Member& member : node.members) {
      if (!is_identifier(member.key))
        reading.fault(member.place,
                      "a schedule's name is 1 to 32 of a-z, 0-9 and '-', not beginning with '-'");
      reading.define(Kind::schedule, member.key, member.place);
      read_schedule(member.value, reading, into[ScheduleId{member.key}]);
    }
  };
  codec.show = [](const std::map<ScheduleId, Schedule>& from) {
    TreeNode node;
    node.kind = TreeNode::Kind::map;
    for (const auto& [id, schedule] : from)
      if (auto shown = show_schedule(schedule)) node.members.push_back({id.value(), {}, std::move(*shown)});
    return std::optional<TreeNode>(std::move(node));
  };
  codec.type = "mapping of names to schedules";
  codec.list = [](const std::string& path, std::vector<KeyInfo>& into) {
    into.push_back({path + ".*", "section", false});
    into.push_back({path + ".*.DAYS", "list of hours \"HH:MM-HH:MM\"", false});
    into.push_back({path + ".*.except", "list of dates", false});
  };
  return codec;
}

}  // namespace gatehouse::config
