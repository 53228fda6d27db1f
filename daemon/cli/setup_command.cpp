#include "daemon/cli/setup_command.hpp"

#include <unistd.h>

#include "daemon/cli/terminal_text.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/setup/setup.hpp"
#include "daemon/setup/terminal_dialogue.hpp"

namespace gatehouse {
namespace {

using setup::Outcome;
using How = setup::Outcome::How;

setup::Options options_of(const Invocation& command) {
  setup::Options options;
  const SetupWords& words = command.setup;
  if (!words.config.empty()) options.config = words.config;
  options.answers = words.answers;
  if (words.credentials == "systemd") options.keeping = setup::Keeping::systemd;
  if (words.credentials == "files") options.keeping = setup::Keeping::files;
  if (!words.credentials_dir.empty()) options.credentials = words.credentials_dir;
  options.dry_run = command.dry_run;
  options.rotate = words.password;
  return options;
}

void write_list(JsonWriter& json, const char* name, const std::vector<std::string>& list) {
  json.key(name).begin_array();
  for (const std::string& item : list) json.value(item);
  json.end_array();
}

std::string outcome_json(const Outcome& outcome) {
  JsonWriter json;
  const bool good = outcome.how == How::done || outcome.how == How::shown;
  json.begin_object().member("ok", good).member("dry_run", outcome.how == How::shown);
  json.key("config");
  outcome.config_text.empty() ? json.null() : json.value(outcome.config_text);
  write_list(json, "written", outcome.written);
  json.key("backup");
  outcome.backup.empty() ? json.null() : json.value(outcome.backup);
  json.member("restart_needed", outcome.restart_needed);
  write_list(json, "next", outcome.next);
  json.key("found");
  if (outcome.found) {
    const auto& found = *outcome.found;
    json.begin_object().member("version", found.version);
    json.member("departments", static_cast<std::uint64_t>(found.departments.size()));
    json.member("access_levels", static_cast<std::uint64_t>(found.access_levels.size()));
    json.member("doors", static_cast<std::uint64_t>(found.doors.size()));
    json.key("people");
    found.people_fault ? json.null() : json.value(found.people);
    json.end_object();
  } else {
    json.null();
  }
  json.key("error");
  outcome.error.empty() ? json.null() : json.value(outcome.error);
  write_list(json, "details", outcome.details);
  json.end_object();
  return json.take();
}

void tell_done(const Outcome& outcome, Terminal& terminal) {
  terminal.out << "Written:\n";
  for (const std::string& path : outcome.written) terminal.out << "  " << harmless(path) << '\n';
  if (!outcome.backup.empty())
    terminal.out << "The configuration that was there is now " << harmless(outcome.backup) << '\n';
  terminal.out << (outcome.restart_needed ? "The daemon uses this after a restart. Next:\n" : "Next:\n");
  for (const std::string& command : outcome.next) terminal.out << "  " << harmless(command) << '\n';
}

/// A configuration and faults have lines of their own.
void print_lines(std::ostream& screen, const std::string& text, const char* before) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    screen << before << harmless(text.substr(at, end == std::string::npos ? end : end - at)) << '\n';
    if (end == std::string::npos) return;
    at = end + 1;
  }
}

ExitStatus tell(const Outcome& outcome, bool json, bool asked, Terminal& terminal) {
  const bool good = outcome.how == How::done || outcome.how == How::shown;
  if (!good) {
    if (asked && outcome.how == How::stopped) terminal.err << '\n';  // the cursor waits behind a question
    terminal.err << "gatehouse: ";
    print_lines(terminal.err, outcome.error, "");
    for (const std::string& detail : outcome.details) print_lines(terminal.err, detail, "  ");
  }
  if (json) {
    terminal.out << outcome_json(outcome) << '\n';
  } else if (outcome.how == How::done) {
    tell_done(outcome, terminal);
  } else if (outcome.how == How::shown) {
    if (!asked) print_lines(terminal.out, outcome.config_text, "");  // else it is on the screen already
    terminal.out << "Nothing was written (--dry-run). It would be:\n";
    for (const std::string& path : outcome.written) terminal.out << "  " << harmless(path) << '\n';
  }
  return good ? ExitStatus::done : ExitStatus::failed;
}

}  // namespace

ExitStatus set_up(CommandSession& session) {
  const Invocation& command = session.command;
  Terminal& terminal = session.terminal;
  const setup::Options options = options_of(command);
  const bool asks = options.answers.empty();
  if (asks && isatty(STDIN_FILENO) == 0)
    return session.fail(
        ExitStatus::usage,
        "setup asks questions, and there is no terminal to ask on. Run it on one, or give the "
        "answers in a file:\n  gatehouse setup --answers FILE   (man gatehouse shows one)");
  const setup::InterruptWatch watch;
  std::ostream& screen = command.json ? terminal.err : terminal.out;
  setup::TerminalDialogue dialogue(screen, watch);
  const auto say = [&](const std::string& text) { screen << harmless(text) << '\n' << std::flush; };
  const auto outcome = setup::run_setup(options, asks ? &dialogue : nullptr, watch.stop(), say);
  return tell(outcome, command.json, asks, terminal);
}

}  // namespace gatehouse
