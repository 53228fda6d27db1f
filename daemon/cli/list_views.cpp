#include "daemon/cli/list_views.hpp"

#include <algorithm>

#include <boost/json/array.hpp>

#include "daemon/cli/cells.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/settings/nearest.hpp"

namespace gatehouse {
namespace {

using namespace cells;

std::string sources_cell(const value& person) {
  std::string out;
  for (const auto& source : list_field(person, "sources")) {
    auto name = join(text_field(source, "integration"), text_field(source, "external_id"), "/");
    if (bool_field(source, "present") == false) name += " (gone)";
    out = join(out, name, ", ");
  }
  return out;
}

std::string access_cell(const value& person) {
  const auto effective = bool_field(person, "access.effective");
  if (!effective) return "";
  if (*effective) return "yes";
  if (bool_field(person, "access.admin_enabled") == false) return "no (disabled here)";
  if (bool_field(person, "access.source_present") == false) return "no (removed at source)";
  return "no";
}

std::string door_cell(const value& door) {
  const auto id = text_field(door, "id");
  return id.empty() ? text_field(door, "door") : id;
}

std::string relay_cell(const value& door) {
  const auto* status = find_field(door, "status");
  const auto open = bool_field(status != nullptr && status->is_object() ? *status : door, "relay_open");
  return !open ? "unknown" : *open ? "open" : "closed";
}

// What is in force; beside it what it beats.
std::string mode_cell(const value& door) {
  if (bool_field(door, "configured") == false) return "not configured";
  const auto mode = text_field(door, "mode");
  const auto configured = text_field(door, "configured_mode");
  return mode == configured || configured.empty() ? mode : mode + " (set here)";
}

std::string access_points_cell(const value& door) {
  const auto points = fields_cell<"access_points">(door);
  return points.empty() ? "-" : points;
}

std::string door_warnings_cell(const value& door) {
  const auto* nested = find_field(door, "status");
  const value& status = nested != nullptr && nested->is_object() ? *nested : door;
  std::string out;
  if (bool_field(door, "lockdown") == true) out = join(out, "lockdown", ", ");
  if (bool_field(door, "in_net2") == false) out = join(out, "unknown to Net2", ", ");
  if (bool_field(door, "available") == false) out = join(out, "unavailable", ", ");
  if (bool_field(status, "alarm_tripped") == true) out = join(out, "alarm", ", ");
  if (bool_field(status, "psu_ok") == false) out = join(out, "power fault", ", ");
  if (bool_field(status, "tamper_ok") == false) out = join(out, "tamper", ", ");
  return out;
}

std::string event_who_cell(const value& event) {
  for (const char* path : {"name", "person_name", "person_id", "external_id"}) {
    auto text = text_field(event, path);
    if (!text.empty()) return text;
  }
  return "";
}

std::string event_what_cell(const value& event) {
  for (const char* path : {"net2.description", "description", "kind", "net2.event_type"}) {
    auto text = text_field(event, path);
    if (!text.empty()) return text;
  }
  return "";
}

}  // namespace

const ListView& integrations_view() {
  static const ListView view{"integrations",
                             "integration",
                             "integrations",
                             {{"ID", text_cell<"id">},
                              {"NAME", text_cell<"name">},
                              {"STATUS", text_cell<"status">},
                              {"PEOPLE", text_cell<"people">, true},
                              {"ISSUES", text_cell<"issues">, true},
                              {"LAST RUN", run_cell<"last_run">},
                              {"LAST FULL RUN", run_cell<"last_full">},
                              {"EVENTS BEHIND", seconds_cell<"event_lag_s">, true}}};
  return view;
}

const ListView& people_view() {
  static const ListView view{"people",
                             "person",
                             "people",
                             {{"NAME", full_name},
                              {"TYPE", text_cell<"person_type">},
                              {"SITE", text_cell<"site">},
                              {"ACCESS", access_cell},
                              {"SOURCE", sources_cell},
                              {"E-MAIL", text_cell<"email">},
                              {"PHONE", text_cell<"phone">},
                              {"LAST SYNCED", time_cell<"last_synced">},
                              {"ID", text_cell<"id">}}};
  return view;
}

const ListView& doors_view() {
  static const ListView view{"doors",
                             "door",
                             "doors",
                             {{"ID", door_cell},
                              {"NAME", text_cell<"name">},
                              {"SITE", text_cell<"site">},
                              {"KIND", text_cell<"kind">},
                              {"MODE", mode_cell},
                              {"PRESENCE", text_cell<"presence">},
                              {"ACCESS POINTS", access_points_cell},
                              {"RELAY", relay_cell},
                              {"WARNINGS", door_warnings_cell}}};
  return view;
}

const ListView& events_view() {
  static const ListView view{"events",
                             "event",
                             "events",
                             {{"TIME", time_cell<"at">},
                              {"DOOR", text_cell<"door">},
                              {"WHO", event_who_cell},
                              {"WHAT", event_what_cell},
                              {"EVENT", text_cell<"event_id">}}};
  return view;
}

const ListView& outbox_view() {
  static const ListView view{"outbox",
                             "message",
                             "messages",
                             {{"ID", text_cell<"id">},
                              {"LANE", text_cell<"lane">},
                              {"SEQUENCE", text_cell<"sequence">, true},
                              {"WRITTEN", time_cell<"time">},
                              {"TYPE", text_cell<"type">},
                              {"SUBJECT", text_cell<"subject">},
                              {"BYTES", text_cell<"bytes">, true}}};
  return view;
}

const ListView& dead_letters_view() {
  static const ListView view{"outbox",
                             "dead letter",
                             "dead letters",
                             {{"ID", text_cell<"id">},
                              {"LANE", text_cell<"lane">},
                              {"SEQUENCE", text_cell<"sequence">, true},
                              {"PARKED", time_cell<"parked">},
                              {"TYPE", text_cell<"type">},
                              {"CAUSE", text_cell<"cause">},
                              {"DETAIL", text_cell<"detail">}}};
  return view;
}

std::string column_name(const Column& column) {
  std::string name = column.heading;
  for (char& c : name) c = c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

Result<ListView> choose_columns(const ListView& view, const std::vector<std::string>& names) {
  ListView chosen{view.array, view.one, view.many, {}};
  if (names.empty()) {
    for (const auto& column : view.columns) {
      if (column.usual) chosen.columns.push_back(column);
    }
    return chosen;
  }
  std::vector<std::string> known;
  for (const auto& column : view.columns) known.push_back(column_name(column));
  for (const auto& name : names) {
    const auto at = std::ranges::find(known, name);
    if (at == known.end()) {
      std::string all;
      for (const auto& one : known) all = join(all, one, ", ");
      return Error{Errc::invalid, "there is no column '" + name + "'" + config::did_you_mean(name, known) +
                                      "\nColumns: " + all};
    }
    chosen.columns.push_back(view.columns[static_cast<std::size_t>(at - known.begin())]);
  }
  return chosen;
}

Table make_table(const ListView& view, std::size_t width) {
  std::vector<std::string> headings;
  std::vector<bool> numbers;
  for (const auto& column : view.columns) {
    headings.emplace_back(column.heading);
    numbers.push_back(column.number);
  }
  return {std::move(headings), std::move(numbers), width};
}

Row make_row(const ListView& view, const value& item) {
  Row row;
  row.reserve(view.columns.size());
  for (const auto& column : view.columns) row.push_back(harmless(column.cell(item)));
  return row;
}

std::string fields_words(const value& fields) {
  std::string out;
  const auto plain = [](const value& one) {
    if (one.is_null()) return std::string("-");
    if (one.is_array() || one.is_object()) {
      const auto words = fields_words(one);
      return words.empty() ? std::string("-") : words;
    }
    return text_field(one, "");
  };
  if (const auto* list = fields.if_array()) {
    for (const auto& one : *list) out = join(out, plain(one), ", ");
  } else if (const auto* object = fields.if_object()) {
    for (const auto& member : *object) {
      out = join(out, std::string(member.key().data(), member.key().size()) + " " + plain(member.value()),
                 ", ");
    }
  } else {
    out = text_field(fields, "");
  }
  return out;
}

std::string full_name(const value& person) {
  return join(text_field(person, "first_name"), text_field(person, "last_name"), " ");
}

std::string run_words(const value* run) {
  if (run == nullptr) return "never";
  if (const auto* text = run->if_string()) return local_time(std::string_view(text->data(), text->size()));
  const auto finished = text_field(*run, "finished");
  std::string out = finished.empty() ? "running since " + local_time(text_field(*run, "started"))
                                     : text_field(*run, "outcome") + ", " + local_time(finished);
  const auto* counts = find_field(*run, "counts");
  return counts == nullptr ? out : join(out, counts_words(*counts), ": ");
}

std::string counts_words(const value& counts) {
  const auto* object = counts.if_object();
  if (object == nullptr) return "";
  std::string out;
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    const auto number = number_field(counts, name).value_or(0);
    if (number != 0) out = join(out, std::to_string(number) + " " + std::string(name), ", ");
  }
  return out;
}

}  // namespace gatehouse
