// Doors, their modes, and lockdown.

#include <algorithm>

#include <boost/json/array.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

constexpr char see_doors[] = "gatehouse door list";

std::uint64_t count_of(const value& document, const char* path) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number_field(document, path).value_or(0), 0));
}

/// A text that YAML takes as one, whatever is in it.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : harmless(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string yaml_lines(const value& document) {
  const auto& doors = list_field(document, "doors");
  if (doors.empty()) return "# the configuration has every door that Net2 has\n";
  std::string out = "doors:\n";
  for (const auto& door : doors) {
    out += "  - {id: " + harmless(text_field(door, "id")) + ", name: " + quoted(text_field(door, "name")) +
           ", kind: timed, open: 5s}\n";
  }
  return out;
}

Answer ask_to_move(CommandSession& session) {
  const auto& command = session.command;
  switch (command.verb) {
    case Verb::door_open:
      return session.work(bus_names::doors, "Open", {command.subject, command.reason, command.break_glass});
    case Verb::door_hold:
      return session.work(bus_names::doors, "Hold", {command.subject, command.seconds, command.reason});
    default:
      return session.work(bus_names::doors, "Close", {command.subject, command.reason});
  }
}

std::string moved_words(const std::string& door, const std::string& action, const std::string& state) {
  const std::string what = action == "hold" ? "is held open" : action == "close" ? "is closed" : "is opened";
  return door + " " + what + (state == "confirmed" ? ": its relay has moved" : ": Net2 has accepted") + '\n';
}

std::string not_moved_words(const value& report, const std::string& door) {
  const auto state = text_field(report, "command");
  const auto why = text_field(report, "why");
  std::string words =
      door + (state == "unknown" ? " was asked, and it is not known whether it did it" : " did not do it");
  if (!why.empty()) words += ": " + why;
  return words + (state == "unknown" ? "\nLook: gatehouse door show " + door : "");
}

}  // namespace

ExitStatus list_doors(CommandSession& session) {
  const auto answer = session.daemon.ask(bus_names::doors, "List");
  const auto status = session.print_list(doors_view(), answer, "");
  if (session.command.json || status != ExitStatus::done) return status;
  ExitStatus read = ExitStatus::done;
  const auto document = session.read(answer, read);
  if (document && find_field(*document, "assigned") != nullptr) {
    session.terminal.out << number_words(static_cast<std::int64_t>(count_of(*document, "assigned")))
                         << " assigned to access points, "
                         << number_words(static_cast<std::int64_t>(count_of(*document, "unassigned")))
                         << " not\n";
  }
  return read;
}

ExitStatus discover_doors(CommandSession& session) {
  return session.print(session.daemon.ask(bus_names::doors, "Discover"), "", yaml_lines);
}

ExitStatus move_door(CommandSession& session) {
  const auto answer = ask_to_move(session);
  ExitStatus status = ExitStatus::done;
  const auto report = session.read(answer, status, see_doors);
  if (!report) return status;
  const auto state = text_field(*report, "command");
  const bool moved = state == "sent" || state == "confirmed";
  const auto door = harmless(session.command.subject);
  if (session.command.json) {
    session.print_raw(answer);
  } else if (moved) {
    session.terminal.out << moved_words(door, text_field(*report, "action"), state) << std::flush;
  }
  return moved ? ExitStatus::done : session.fail(ExitStatus::failed, not_moved_words(*report, door));
}

ExitStatus set_door_mode(CommandSession& session) {
  const auto& command = session.command;
  return session.print(session.work(bus_names::doors, "SetMode", {command.subject, command.word}), see_doors,
                       [&](const value& door) {
                         const auto id = harmless(command.subject);
                         const auto mode = harmless(text_field(door, "mode"));
                         if (command.word == "config")
                           return id + " is as the configuration says: " + mode + '\n';
                         return id + " is " + mode + " until: gatehouse door mode " + id + " config\n";
                       });
}

ExitStatus set_lockdown(CommandSession& session) {
  const auto& command = session.command;
  const bool on = command.verb == Verb::lockdown_on;
  const auto site = command.filter.at("site");
  return session.print(session.work(bus_names::lockdown, "Set", {site, on}), "", [&](const value& document) {
    std::string locked;
    for (const auto& one : list_field(document, "lockdown"))
      locked += (locked.empty() ? "" : ", ") + harmless(text_field(one, ""));
    return harmless(site) +
           (on ? " is locked down: nobody is let in, and no door is opened there"
               : " is no longer locked down") +
           "\nLocked down now: " + (locked.empty() ? "no site" : locked) + '\n';
  });
}

}  // namespace gatehouse
