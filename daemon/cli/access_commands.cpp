// Decisions, who is on site, the audit.

#include <algorithm>

#include <boost/json/array.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/decision_words.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/show_settings.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

constexpr char see_decisions[] = "gatehouse access list";

std::string text_of(const Filter& filter, const char* name) {
  const auto found = filter.find(name);
  return found == filter.end() ? std::string() : found->second;
}

// A key that is nobody's is an answer too, but mostly a slip.
void warn_of_nobody(CommandSession& session, const value& decision) {
  if (text_field(decision, "reason") != "unknown_person") return;
  session.terminal.err << "Nobody is known as " << harmless(session.command.person)
                       << "; see who there is: " << see_people << '\n';
}

/// Where somebody was to be let in and a door did not take it, that is told; whether none has.
bool doors_failed(CommandSession& session, const value& decision) {
  bool any = false;
  std::string troubles;
  for (const auto& door : list_field(decision, "doors")) {
    if (text_field(door, "outcome") != "allow") continue;
    const auto state = text_field(door, "command");
    const auto why = text_field(door, "why");
    if (state == "sent" || state == "confirmed" || state == "scheduled" || why == "already_commanded") {
      any = true;
    } else {
      troubles += (troubles.empty() ? "" : "\n") + text_field(door, "door") + ": " + state +
                  (why.empty() ? "" : ": " + why);
    }
  }
  if (!troubles.empty()) session.fail(ExitStatus::failed, troubles);
  return !any;
}

/// Who is on site, and by what: for paper, so nothing is cut off.
std::string muster_words(const value& document, const std::string& site) {
  const auto& on_site = list_field(document, "on_site");
  std::string out = "On site" + (site.empty() ? "" : " at " + harmless(site)) + ", " +
                    local_time(text_field(document, "as_of")) + ": " +
                    count_words(on_site.size(), "person", "people") + '\n';
  std::vector<Row> rows;
  for (const auto& one : on_site) rows.push_back(make_row(muster_view(), one));
  if (!rows.empty()) out += '\n' + make_table(muster_view(), 0).lines(rows);
  out += "\nHow old what is known is\n";
  for (const auto& source : list_field(document, "knowledge")) {
    const auto age = number_field(source, "age_s");
    out +=
        "  " + harmless(text_field(source, "integration")) + "  " +
        (age ? duration_words(*age) : std::string("never proved current")) +
        (bool_field(source, "connected") == false ? ", NOT connected: later movements may be missing" : "") +
        '\n';
  }
  return out;
}

}  // namespace

ExitStatus decide_access(CommandSession& session) {
  const auto& command = session.command;
  const auto answer =
      session.daemon.ask(bus_names::access, "Decide", {command.person, command.access_point, command.filter});
  return session.print(answer, see_people, [&](const value& decision) {
    warn_of_nobody(session, decision);
    return decision_words(decision, session.terminal.width) + "\nNothing was opened: this only says.\n";
  });
}

ExitStatus sign_in(CommandSession& session) {
  const auto& command = session.command;
  const auto answer = session.work(bus_names::access, "SignIn", {command.person, command.access_point});
  ExitStatus status = ExitStatus::done;
  const auto decision = session.read(answer, status, see_people);
  if (!decision) return status;
  if (command.json) {
    session.print_raw(answer);
  } else {
    session.terminal.out << decision_words(*decision, session.terminal.width) << std::flush;
  }
  if (text_field(*decision, "outcome") != "allow") {
    warn_of_nobody(session, *decision);
    return session.fail(ExitStatus::failed, "denied: " + text_field(*decision, "reason") +
                                                "\nWhy: gatehouse access explain " +
                                                text_field(*decision, "id"));
  }
  return doors_failed(session, *decision) ? ExitStatus::failed : ExitStatus::done;
}

ExitStatus explain_decision(CommandSession& session) {
  const auto answer = session.daemon.ask(bus_names::access, "Explain", {session.command.subject});
  return session.print(answer, see_decisions, [&](const value& decision) {
    return decision_words(decision, session.terminal.width) + basis_words(decision);
  });
}

ExitStatus list_decisions(CommandSession& session) {
  return session.print_pages(bus_names::access, decisions_view());
}

ExitStatus replay_decisions(CommandSession& session) {
  // Read here, with the rights of who asks; and told as one text, conf.d and all.
  const Loaded loaded = load_settings(session.command.subject);
  if (!loaded.settings) {
    std::string faults;
    for (const auto& fault : loaded.faults) faults += (faults.empty() ? "" : "\n") + to_string(fault);
    return session.fail(ExitStatus::failed, faults);
  }
  const auto since = text_of(session.command.filter, "since");
  const auto answer = session.work(bus_names::access, "Replay",
                                   {effective_yaml(*loaded.settings), since.empty() ? "7d" : since}, true);
  return session.print(answer, "",
                       [&](const value& document) { return replay_words(document, session.terminal.width); });
}

ExitStatus show_muster(CommandSession& session) {
  const auto site = text_of(session.command.filter, "site");
  return session.print(session.daemon.ask(bus_names::muster, "List", {site}), "",
                       [&](const value& document) { return muster_words(document, site); });
}

ExitStatus verify_audit(CommandSession& session) {
  const auto answer = session.work(bus_names::audit, "Verify", {});
  ExitStatus status = ExitStatus::done;
  const auto document = session.read(answer, status);
  if (!document) return status;
  const bool good = bool_field(*document, "ok") == true;
  if (session.command.json) {
    session.print_raw(answer);
  } else {
    const auto rows = std::max<std::int64_t>(number_field(*document, "rows").value_or(0), 0);
    session.terminal.out << count_words(static_cast<std::uint64_t>(rows), "row", "rows")
                         << (good ? ", the chain is whole; its head is " : "; its head is ")
                         << harmless(text_field(*document, "head.number")) << " "
                         << harmless(text_field(*document, "head.hash")) << '\n';
  }
  if (good) return ExitStatus::done;
  return session.fail(ExitStatus::not_well, "the audit is broken at row " +
                                                text_field(*document, "first_broken") + ": " +
                                                text_field(*document, "why"));
}

ExitStatus show_audit(CommandSession& session) {
  return session.print_pages(bus_names::audit, audit_view());
}

}  // namespace gatehouse
