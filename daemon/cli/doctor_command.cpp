#include "daemon/cli/doctor_command.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/cli/doctor_local.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/verbs.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

std::size_t count_severity(const value& report, std::string_view severity) {
  const auto& findings = list_field(report, "findings");
  return static_cast<std::size_t>(std::ranges::count_if(
      findings, [&](const value& finding) { return text_field(finding, "severity") == severity; }));
}

std::string mark_of(const value& finding) {
  if (find_field(finding, "caused_by") != nullptr) return "  so ";
  const auto severity = text_field(finding, "severity");
  return severity == "fault" ? "! " : severity == "warning" ? "~ " : "- ";
}

std::string finding_words(const value& finding) {
  const bool consequence = find_field(finding, "caused_by") != nullptr;
  const std::string inset = consequence ? "     " : "  ";
  std::string out = mark_of(finding) + harmless(text_field(finding, "subject")) + ": " +
                    harmless(text_field(finding, "what")) + "  [" + harmless(text_field(finding, "code")) +
                    "]\n";
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) out += inset + name + harmless(text) + '\n';
  };
  add("why: ", text_field(finding, "why"));
  add("fix: ", text_field(finding, "fix"));
  return out;
}

std::string sum_words(const value& report) {
  const auto faults = count_severity(report, "fault");
  const auto warnings = count_severity(report, "warning");
  if (faults == 0 && warnings == 0) return "Nothing is broken.\n";
  std::string out = faults == 0 ? "Nothing is broken yet" : count_words(faults, "fault", "faults");
  if (warnings != 0) out += (faults == 0 ? "; " : ", ") + count_words(warnings, "warning", "warnings");
  return out + ".\n";
}

ExitStatus status_of(const value& report) {
  return count_severity(report, "fault") == 0 ? ExitStatus::done : ExitStatus::not_well;
}

Answer ask_doctor(CommandSession& session) {
  if (session.terminal.err_is_screen)
    session.terminal.err << "Looking at everything; this takes up to ten seconds.\n" << std::flush;
  return session.daemon.ask(bus_names::gateway, "Doctor", {session.command.subject});
}

/// {"integration","well","findings","checked","troubles"}; the last is what the first version said.
std::string integration_json(const std::string& id, const value& report) {
  JsonWriter json;
  json.begin_object().member("integration", id).member("well", status_of(report) == ExitStatus::done);
  json.key("findings").raw(boost::json::serialize(list_field(report, "findings")));
  json.key("checked").raw(boost::json::serialize(list_field(report, "checked")));
  json.key("troubles").begin_array();
  for (const auto& finding : list_field(report, "findings")) {
    if (text_field(finding, "severity") != "fault") continue;
    json.begin_object().member("what", text_field(finding, "what"));
    json.member("hint", text_field(finding, "fix")).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace

std::string check_up_words(const value& report) {
  std::string out;
  for (const auto& finding : list_field(report, "findings")) out += finding_words(finding);
  if (!out.empty()) out += '\n';
  for (const auto& sound : list_field(report, "checked")) {
    out += "ok " + harmless(text_field(sound, "subject")) + ": " + harmless(text_field(sound, "what")) + '\n';
  }
  return out + '\n' + sum_words(report);
}

ExitStatus run_doctor(CommandSession& session) {
  auto answer = ask_doctor(session);
  const bool alone = answer.status == ExitStatus::no_daemon;
  const auto& file = session.command.word.empty() ? std::string(default_file) : session.command.word;
  if (alone) {
    answer.document = look_without_daemon(answer.why, file);
    answer.status = ExitStatus::done;
  }
  ExitStatus status = ExitStatus::done;
  const auto report = session.read(answer, status);
  if (!report) return status;
  if (session.command.json) {
    session.print_raw(answer);
  } else {
    session.terminal.out << check_up_words(*report);
  }
  return alone ? ExitStatus::no_daemon : status_of(*report);
}

ExitStatus check_integration(CommandSession& session) {
  const auto answer = ask_doctor(session);
  ExitStatus status = ExitStatus::done;
  const auto report = session.read(answer, status, see_integrations);
  if (!report) return status;
  auto& out = session.terminal.out;
  if (session.command.json) {
    out << integration_json(session.command.subject, *report) << '\n';
  } else {
    out << check_up_words(*report);
  }
  return status_of(*report);
}

}  // namespace gatehouse
