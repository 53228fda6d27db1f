// Issues, single people, and the switches of an integration.

#include <algorithm>

#include <boost/json/array.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/why_words.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

constexpr char see_issues[] = "gatehouse issue list";

// {"person":{…}} or the person itself.
const value& within_name(const value& document, const char* name) {
  const auto* inner = find_field(document, name);
  return inner != nullptr && inner->is_object() ? *inner : document;
}

std::string open_issues_words(const value& settled) {
  const auto open = std::max<std::int64_t>(number_field(settled, "open_issues").value_or(0), 0);
  const auto id = harmless(text_field(settled, "integration"));
  const auto whose = id.empty() ? id : " of " + id;
  if (open == 0) return "no open issues" + whose;
  return count_words(static_cast<std::uint64_t>(open), "open issue", "open issues") + whose + ": " +
         see_issues;
}

Answer ask_to_settle(CommandSession& session) {
  const auto& command = session.command;
  switch (command.verb) {
    case Verb::issue_fix:
      return session.work(bus_names::issues, "Fix", {command.subject, command.set});
    case Verb::issue_merge:
      return session.work(bus_names::issues, "Merge", {command.subject, command.into});
    case Verb::issue_skip:
      return session.work(bus_names::issues, "Skip", {command.subject});
    default:
      return session.work(bus_names::issues, "Unskip", {command.subject});
  }
}

}  // namespace

ExitStatus list_issues(CommandSession& session) {
  const auto answer = session.daemon.ask(bus_names::issues, "List", {session.command.filter});
  ExitStatus status = ExitStatus::done;
  const auto document = session.read(answer, status, see_integrations);
  if (!document) return status;
  status = session.print_list(issues_view(), answer, see_integrations);
  if (list_field(*document, "issues").empty()) return status;
  if (!session.command.json) session.terminal.out << "What to do about one: gatehouse issue show N\n";
  return ExitStatus::not_well;
}

ExitStatus settle_issue(CommandSession& session) {
  const auto answer = ask_to_settle(session);
  ExitStatus status = ExitStatus::done;
  const auto document = session.read(answer, status, see_issues);
  if (!document) return status;
  // Taking a skip back is meant to open the issue again.
  const bool undone = session.command.verb == Verb::issue_unskip;
  const bool resolved = bool_field(*document, "resolved").value_or(false);
  if (session.command.json) {
    session.print_raw(answer);
  } else {
    const auto number = harmless(session.command.subject);
    const auto again = harmless(text_field(*document, "again"));
    session.terminal.out << "issue " << number
                         << (undone ? ": the skip is taken back" +
                                          (again.empty() ? again : ", and it is open again as " + again)
                             : resolved ? " is resolved"
                                        : " is still open; see: gatehouse issue show " + number)
                         << "; " << open_issues_words(*document) << '\n';
  }
  return resolved || undone ? ExitStatus::done : ExitStatus::not_well;
}

ExitStatus switch_integration(CommandSession& session) {
  const bool pause = session.command.verb == Verb::integration_pause;
  const auto answer =
      session.work(bus_names::integrations, pause ? "Pause" : "Resume", {session.command.subject});
  return session.print(answer, see_integrations, [&](const value& document) {
    const auto status = text_field(within_name(document, "integration"), "status");
    const auto id = harmless(session.command.subject);
    std::string out =
        id + (pause ? " is paused" : " is on again") +
        (status.empty() || status == "paused" ? "" : ", and its status is " + harmless(status)) + '\n';
    if (pause) out += "Runs by hand still work: gatehouse sync run " + id + '\n';
    return out;
  });
}

ExitStatus show_why(CommandSession& session) {
  return session.print(session.daemon.ask(bus_names::people, "Why", {session.command.subject}), see_people,
                       [&](const value& document) { return why_words(document, session.terminal.width); });
}

ExitStatus couple_person(CommandSession& session) {
  const auto& command = session.command;
  const bool decouple = command.verb == Verb::people_decouple;
  const auto answer =
      decouple ? session.work(bus_names::people, "Decouple", {command.subject, command.reason, command.until})
               : session.work(bus_names::people, "Couple", {command.subject});
  return session.print(answer, see_people, [&](const value& document) {
    const auto& person = within_name(document, "person");
    auto name = full_name(person);
    if (name.empty()) name = command.subject;
    return harmless(name) + (decouple ? " is decoupled: no run changes or removes this person\n"
                                      : " is coupled: the sources rule again\n");
  });
}

}  // namespace gatehouse
