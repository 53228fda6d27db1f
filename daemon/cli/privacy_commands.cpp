// What is kept of one person, and its end.

#include <iostream>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <unistd.h>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

std::string export_words(const value& document, const std::string& person) {
  std::string out = "kept of person " + harmless(text_field(document, "id")) + ":\n";
  const auto* sections = find_field(document, "sections");
  if (sections == nullptr || !sections->is_object()) return out;
  for (const auto& [name, section] : sections->get_object()) {
    const auto rows = list_field(section, "rows").size();
    if (rows == 0) continue;
    out += "  " + std::string(name) + ": " + std::to_string(rows) + (rows == 1 ? " row" : " rows") +
           ", kept " + harmless(text_field(section, "kept")) + '\n';
  }
  out += "The whole document: gatehouse people export " + harmless(person) + " --json > FILE\n";
  return out;
}

std::string erased_words(const value& document) {
  std::string out = "person " + harmless(text_field(document, "person_id")) + " is erased";
  std::string tables;
  if (const auto* erased = find_field(document, "erased"); erased != nullptr && erased->is_object()) {
    for (const auto& [table, rows] : erased->get_object()) {
      const auto number = rows.is_int64() ? rows.get_int64() : 0;
      if (number == 0) continue;
      tables += (tables.empty() ? " (rows: " : ", ") + std::string(table) + ' ' + std::to_string(number);
    }
  }
  out += tables.empty() ? "\n" : tables + ")\n";
  for (const auto& copy : list_field(document, "copies_removed"))
    out += "an old copy of the store was removed: " + harmless(text_field(copy, "")) + '\n';
  for (const auto& other : list_field(document, "others"))
    out += "somebody of the same name and e-mail is still here: gatehouse people show " +
           harmless(text_field(other, "")) + '\n';
  out +=
      "What Net2, a feed and the cloud hold of them is theirs to erase; the cloud was told (person.removed). "
      "A "
      "backup made before this still holds them.\n";
  return out;
}

/// Nothing where the person is not to be found; then `status` is set.
std::string who_it_is(CommandSession& session, ExitStatus& status) {
  const auto answer = session.daemon.ask(bus_names::people, "Show", {session.command.subject});
  const auto person = session.read(answer, status, see_people);
  if (!person) return {};
  auto who = harmless(full_name(*person));
  for (const auto& source : list_field(*person, "sources"))
    who += ", " + harmless(text_field(source, "integration") + '/' + text_field(source, "external_id"));
  return who + " (" + harmless(text_field(*person, "id")) + ')';
}

/// Somebody at a terminal is asked; a program that asks for it means it.
bool confirmed(CommandSession& session, ExitStatus& status) {
  if (session.command.yes || ::isatty(STDIN_FILENO) == 0) return true;
  const auto who = who_it_is(session, status);
  if (who.empty()) return false;
  session.terminal.err
      << who
      << "\nwill be taken out of everything that is kept here. That cannot be taken back, and "
         "the person stays out, and leaves the muster.\n"
         "Sign-ins wait while the store's file is rewritten.\n"
         "Type erase to go on: "
      << std::flush;
  std::string typed;
  std::getline(std::cin, typed);
  if (typed == "erase") return true;
  status = session.fail(ExitStatus::failed, "nothing was done");
  return false;
}

}  // namespace

ExitStatus export_person(CommandSession& session) {
  const auto answer = session.work(bus_names::people, "Export", {session.command.subject}, true);
  return session.print(answer, see_people, [&](const value& document) {
    return export_words(document, session.command.subject);
  });
}

ExitStatus erase_person(CommandSession& session) {
  ExitStatus status = ExitStatus::done;
  if (!confirmed(session, status)) return status;
  const auto answer = session.work(bus_names::people, "Erase", {session.command.subject});
  bool rewritten = true;
  std::string why;
  if (answer.document) {
    const auto document = session.read(answer, status, see_people);
    if (!document) return status;
    rewritten = bool_field(*document, "rewritten").value_or(true);
    why = text_field(*document, "why");
  }
  status = session.print(answer, see_people, erased_words);
  if (status != ExitStatus::done || rewritten) return status;
  return session.fail(
      ExitStatus::failed,
      "the person is erased, but what stood of them in the store's file could not be overwritten: " +
          harmless(why) + "\nIt is tried again each hour and at each start of gatehoused");
}

}  // namespace gatehouse
