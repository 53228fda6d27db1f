// Verbs that only look, and the configuration.

#include <chrono>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/follow.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/status_view.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t page_size_when_following = 100;  // it is asked for again and again
// Following starts a little in the past, because the clock of a Net2 server may be a little behind ours.
constexpr std::chrono::seconds head_start{10};

ExitStatus follow_events(CommandSession& session) {
  auto filter = session.command.filter;
  if (!filter.contains("since")) {
    const auto now = wall_now();
    filter.emplace("since", format_utc(now - head_start));
  }
  auto& terminal = session.terminal;
  ListPrinter printer(events_view(), session.command.json ? ListForm::json_lines : ListForm::table, terminal);
  EventFollower follower;
  ExitStatus status = ExitStatus::done;
  if (const auto trouble = session.daemon.listen()) return session.fail(*trouble);
  for (bool begun = false;; begun = true) {
    const auto answer =
        session.daemon.ask(bus_names::events, "List", {filter, follower.after(), page_size_when_following});
    if (begun && session.is_only_away(answer)) {
      session.wait_for_news();
      continue;
    }
    session.away = false;
    auto document = session.read(answer, status, see_integrations);
    if (!document) return status;
    for (const auto& event : follower.take(std::move(*document))) printer.item(event);
    terminal.out << std::flush;
    if (!terminal.out) return ExitStatus::failed;
    if (!follower.more()) session.wait_for_news();
  }
}

}  // namespace

ExitStatus show_status(CommandSession& session) {
  return session.print(session.daemon.ask(bus_names::gateway, "Status"), "",
                       [&](const boost::json::value& document) {
                         return status_screen(document, session.terminal.width, session.terminal.height);
                       });
}

ExitStatus list_people(CommandSession& session) {
  return session.print_pages(bus_names::people, people_view(), see_integrations);
}

ExitStatus list_outbox(CommandSession& session) {
  return session.print_pages(bus_names::outbox,
                             session.command.filter.contains("dead") ? dead_letters_view() : outbox_view(),
                             see_integrations);
}

ExitStatus list_events(CommandSession& session) {
  return session.command.follow ? follow_events(session)
                                : session.print_pages(bus_names::events, events_view(), see_integrations);
}

ExitStatus show_config(CommandSession& session) {
  const auto answer = session.daemon.ask(bus_names::config, "Effective",
                                         {std::string(session.command.json ? "json" : "yaml")});
  return answer.document ? session.print_raw(answer) : session.fail(answer);
}

}  // namespace gatehouse
