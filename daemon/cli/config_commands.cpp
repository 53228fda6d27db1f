// The configuration: looked through, put in force, tried, confirmed.

#include "daemon/cli/change_words.hpp"
#include "daemon/cli/check_files.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/settings/show_settings.hpp"

namespace gatehouse {
namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string reload_words(const boost::json::value& document) {
  const auto revision = harmless(text_field(document, "revision"));
  if (find_field(document, "trial") == nullptr) return "reloaded, in force is " + revision + '\n';
  return "on trial until " + local_time(text_field(document, "trial.until")) + ": " + revision +
         "\nIt is taken back by itself unless you confirm it before: gatehouse config confirm\n";
}

/// The file that was named, else that of the daemon which runs, else the packaged one.
std::string file_to_check(CommandSession& session) {
  if (!session.command.subject.empty()) return session.command.subject;
  const auto answer = session.daemon.ask(bus_names::gateway, "Status");
  ExitStatus ignored = ExitStatus::done;
  const auto status = answer.document ? session.read(answer, ignored) : std::nullopt;
  const auto file = status ? text_field(*status, "config.file") : std::string();
  return file.empty() ? default_file : file;
}

}  // namespace

ExitStatus reload_config(CommandSession& session) {
  const auto within = session.command.seconds;
  const auto answer = within > 0 ? session.work(bus_names::config, "Try", {within})
                                 : session.work(bus_names::config, "Reload", {});
  const auto status = session.print(answer, "", reload_words);
  if (answer.code == Errc::invalid) session.terminal.err << "The last good configuration stays in force.\n";
  if (status != ExitStatus::done) return status;
  ExitStatus read = ExitStatus::done;
  const auto document = session.read(answer, read);
  const auto refused = document ? text_field(*document, "certificate_error") : std::string();
  if (refused.empty()) return read;
  return session.fail(
      ExitStatus::failed,
      "the gateway's new certificate does not do, the old one stays at work: " + refused +
          "\nPut one that the broker takes into cloud.tls.cert and cloud.tls.key, and reload");
}

ExitStatus confirm_config(CommandSession& session) {
  return session.print(
      session.daemon.ask(bus_names::config, "Confirm"), "", [](const boost::json::value& document) {
        return "confirmed: " + harmless(text_field(document, "revision")) + " stays in force\n";
      });
}

ExitStatus check_config(CommandSession& session) {
  const auto& command = session.command;
  const auto file = file_to_check(session);
  const auto loaded = look_through(file);
  Foresight foresight;
  if (loaded.settings) {
    const auto answer = session.work(bus_names::config, "Preview", {effective_yaml(*loaded.settings)}, true);
    if (answer.document) {
      ExitStatus status = ExitStatus::done;
      const auto document = session.read(answer, status);
      if (!document) return status;
      foresight.document = *answer.document;
      foresight.words = change_words(*document, session.terminal.width);
    } else {
      foresight.unknown = answer.status == ExitStatus::no_daemon
                              ? "no gateway can be asked what would change (" + first_line(answer.why) + ")"
                              : "the gateway does not say what would change (" + first_line(answer.why) + ")";
    }
  }
  return tell_checked(loaded, file, command.json, foresight, session.terminal);
}

}  // namespace gatehouse
