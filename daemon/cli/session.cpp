#include "daemon/cli/session.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/progress.hpp"
#include "daemon/cli/terminal_text.hpp"

namespace gatehouse {

namespace {

std::string_view word_of(ExitStatus status) {
  switch (status) {
    case ExitStatus::usage:
      return "usage";
    case ExitStatus::not_well:
      return "not_well";
    case ExitStatus::no_daemon:
      return "no_daemon";
    default:
      return "failed";
  }
}

/// A refusal begins with its own code where it has one: "plan_stale: …".
std::string code_of(const Answer& answer) {
  if (!answer.code) return std::string(word_of(answer.status));
  const auto word = answer.why.substr(0, answer.why.find(": "));
  const bool own = (answer.code == Errc::refused && word.size() < answer.why.size() &&
                    word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos) ||
                   (answer.code == Errc::invalid && word == "bad_args");
  return own ? word : std::string(to_string(*answer.code));
}

}  // namespace

Instant wall_now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

ExitStatus CommandSession::fail(const Answer& answer, std::string_view look_at) {
  if (!failure) failure = Failure{code_of(answer), answer.why};
  fail(answer.status, answer.why);
  if (answer.code == Errc::not_found && !look_at.empty() && answer.why.find(look_at) == std::string::npos)
    terminal.err << "See what there is: " << look_at << '\n';
  return answer.status;
}

ExitStatus CommandSession::fail(ExitStatus status, std::string_view why) {
  if (!failure) failure = Failure{std::string(word_of(status)), std::string(why)};
  if (terminal.progress) terminal.err << '\n';
  terminal.err << "gatehouse: ";
  do {
    const auto line = why.substr(0, why.find('\n'));
    terminal.err << harmless(line) << '\n';
    why.remove_prefix(std::min(line.size() + 1, why.size()));
  } while (!why.empty());
  return status;
}

std::optional<boost::json::value> CommandSession::read(const Answer& answer, ExitStatus& status,
                                                       std::string_view look_at) {
  if (!answer.document) {
    status = fail(answer, look_at);
    return std::nullopt;
  }
  boost::json::error_code wrong;
  auto document = boost::json::parse(*answer.document, wrong);
  if (!wrong) return document;
  status = fail(ExitStatus::failed, "the daemon's answer is no JSON; please report this as a fault");
  return std::nullopt;
}

ExitStatus CommandSession::print_raw(const Answer& answer) {
  terminal.out << *answer.document << (answer.document->ends_with('\n') ? "" : "\n");
  return ExitStatus::done;
}

ExitStatus CommandSession::print(const Answer& answer, std::string_view look_at,
                                 const std::function<std::string(const boost::json::value&)>& words) {
  if (!answer.document) return fail(answer, look_at);
  if (command.json) return print_raw(answer);
  ExitStatus status = ExitStatus::done;
  const auto document = read(answer, status);
  if (document) terminal.out << words(*document);
  return status;
}

ExitStatus CommandSession::print_list(const ListView& view, const Answer& answer, std::string_view look_at) {
  if (!answer.document) return fail(answer, look_at);
  if (command.json) return print_raw(answer);
  ExitStatus status = ExitStatus::done;
  const auto document = read(answer, status);
  if (!document) return status;
  ListPrinter printer(view, ListForm::table, terminal);
  printer.page(*document);
  printer.end();
  return status;
}

ExitStatus CommandSession::print_pages(const char* interface, const ListView& view,
                                       std::string_view look_at) {
  ListPrinter printer(view, command.json ? ListForm::json : ListForm::table, terminal);
  std::string after;
  ExitStatus status = ExitStatus::done;
  for (;;) {
    const auto answer = daemon.ask(interface, "List", {command.filter, after, page_size});
    const auto document = read(answer, status, look_at);
    if (!document) return status;
    printer.page(*document);
    auto next = text_field(*document, "next");
    if (next.empty()) break;
    if (next == after)
      return fail(ExitStatus::failed, "the daemon's list does not go on; please report this as a fault");
    after = std::move(next);
  }
  printer.end();
  return status;
}

void CommandSession::wait_for_news() {
  const bool lost = daemon.wait(look_all_the_same) == BusClient::Heard::lost;
  if (!lost) return;
  // The bus itself has gone, so nobody can tell that it is back.
  constexpr std::chrono::seconds between_tries{1};
  while (daemon.listen()) daemon.wait(between_tries);
}

bool CommandSession::is_only_away(const Answer& answer) {
  if (answer.document || answer.status != ExitStatus::no_daemon) return false;
  if (!std::exchange(away, true))
    terminal.err << "gatehouse: gatehoused has gone; waiting until it is back (Ctrl-C ends this)"
                 << std::endl;
  return true;
}

Answer CommandSession::work(const char* interface, const char* method, const std::vector<Argument>& arguments,
                            bool file) {
  const auto call = [&](BusClient& client) {
    return file ? client.ask_for_file(interface, method, arguments, patience_with_work)
                : client.ask(interface, method, arguments, patience_with_work);
  };
  if (!terminal.err_is_screen) return call(daemon);
  return with_progress(daemon, command.bus, terminal, call);
}

}  // namespace gatehouse
