#include "daemon/cli/run_command.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include <boost/json/parse.hpp>

#include "daemon/cli/bus_client.hpp"
#include "daemon/cli/check_files.hpp"
#include "daemon/cli/follow.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_printer.hpp"
#include "daemon/cli/show_views.hpp"
#include "daemon/cli/status_view.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/control/bus_names.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t page_size = 500;
constexpr std::uint32_t page_size_when_following = 100;  // it is asked for again and again
constexpr std::chrono::seconds between_looks{1};
// Following starts a little in the past, because the clock of a Net2 server may be a little behind ours.
constexpr std::chrono::seconds head_start{10};

/// One run of the program.
class Session {
 public:
  Session(const Command& command, Terminal& terminal)
      : command_(command), terminal_(terminal), daemon_(command.bus) {}

  ExitStatus run() {
    switch (command_.verb) {
      case Verb::status:
        return status();
      case Verb::integration_list:
        return list(integrations_view(), daemon_.ask(bus_names::integrations, "List"));
      case Verb::integration_show:
        return show(bus_names::integrations, "gatehouse integration list");
      case Verb::people_list:
        return paged_list(bus_names::people, people_view());
      case Verb::people_show:
        return show(bus_names::people, "gatehouse people list --search TEXT");
      case Verb::door_list:
        return list(doors_view(), daemon_.ask(bus_names::doors, "List"));
      case Verb::door_show:
        return show(bus_names::doors, "gatehouse door list");
      case Verb::events:
        return command_.follow ? follow() : paged_list(bus_names::events, events_view());
      case Verb::outbox_list:
        return paged_list(bus_names::outbox,
                          command_.filter.contains("dead") ? dead_letters_view() : outbox_view());
      case Verb::config_show:
        return config_show();
      case Verb::config_reload:
        return config_reload();
      case Verb::sync_log:
        return list(runs_view(), daemon_.ask(bus_names::sync, "Log", command_.subject));
      case Verb::check:
        return check_files(command_.subject, command_.json, terminal_);
    }
    return ExitStatus::usage;
  }

 private:
  /// Says why there is no answer. The lines below the first one say what to do.
  ExitStatus fail(const Answer& answer, const std::string& look_at = {}) {
    if (terminal_.progress) terminal_.err << '\n';
    terminal_.err << "gatehouse: ";
    std::string_view rest = answer.why;
    do {
      const auto line = rest.substr(0, rest.find('\n'));
      terminal_.err << harmless(line) << '\n';
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    } while (!rest.empty());
    if (answer.code == Errc::not_found && !look_at.empty())
      terminal_.err << "See what there is: " << look_at << '\n';
    return answer.status;
  }

  ExitStatus no_json() {
    return fail({.document = std::nullopt,
                 .status = ExitStatus::failed,
                 .code = std::nullopt,
                 .why = "the daemon's answer is no JSON; please report this as a fault"});
  }

  static std::optional<boost::json::value> parsed(const Answer& answer) {
    boost::json::error_code wrong;
    auto document = boost::json::parse(*answer.document, wrong);
    if (wrong) return std::nullopt;
    return document;
  }

  ExitStatus status() {
    const auto answer = daemon_.ask(bus_names::gateway, "Status");
    if (!answer.document) return fail(answer);
    if (command_.json) return raw(answer);
    const auto document = parsed(answer);
    if (!document) return no_json();
    terminal_.out << status_screen(*document, terminal_.width);
    return ExitStatus::done;
  }

  ExitStatus raw(const Answer& answer) {
    terminal_.out << *answer.document << (answer.document->ends_with('\n') ? "" : "\n");
    return ExitStatus::done;
  }

  ExitStatus show(const char* interface, const char* look_at) {
    const auto answer = daemon_.ask(interface, "Show", command_.subject);
    if (!answer.document) return fail(answer, look_at);
    if (command_.json) return raw(answer);
    const auto document = parsed(answer);
    if (!document) return no_json();
    terminal_.out << show_lines(*document);
    return ExitStatus::done;
  }

  ExitStatus list(const ListView& view, const Answer& answer) {
    if (!answer.document) return fail(answer, "gatehouse integration list");
    if (command_.json) return raw(answer);
    const auto document = parsed(answer);
    if (!document) return no_json();
    ListPrinter printer(view, ListForm::table, terminal_);
    printer.page(*document);
    printer.end();
    return ExitStatus::done;
  }

  // A list that breaks off leaves its JSON document open, so that nobody takes it for a shorter one.
  ExitStatus paged_list(const char* interface, const ListView& view) {
    ListPrinter printer(view, command_.json ? ListForm::json : ListForm::table, terminal_);
    std::string after;
    for (;;) {
      const auto answer = daemon_.ask(interface, "List", command_.filter, after, page_size);
      if (!answer.document) return fail(answer, "gatehouse integration list");
      const auto document = parsed(answer);
      if (!document) return no_json();
      printer.page(*document);
      auto next = text_field(*document, "next");
      if (next.empty()) break;
      if (next == after) return no_progress();
      after = std::move(next);
    }
    printer.end();
    return ExitStatus::done;
  }

  ExitStatus no_progress() {
    return fail({.document = std::nullopt,
                 .status = ExitStatus::failed,
                 .code = std::nullopt,
                 .why = "the daemon's list does not go on; please report this as a fault"});
  }

  ExitStatus follow() {
    auto filter = command_.filter;
    if (!filter.contains("since")) {
      const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
      filter.emplace("since", format_utc(now - head_start));
    }
    ListPrinter printer(events_view(), command_.json ? ListForm::json_lines : ListForm::table, terminal_);
    EventFollower follower;
    for (;;) {
      const auto answer =
          daemon_.ask(bus_names::events, "List", filter, follower.after(), page_size_when_following);
      if (!answer.document) return fail(answer, "gatehouse integration list");
      auto document = parsed(answer);
      if (!document) return no_json();
      for (const auto& event : follower.take(std::move(*document))) printer.item(event);
      terminal_.out << std::flush;
      if (!terminal_.out) return ExitStatus::failed;
      if (!follower.more()) std::this_thread::sleep_for(between_looks);
    }
  }

  ExitStatus config_show() {
    const auto answer = daemon_.ask(bus_names::config, "Effective", command_.json ? "json" : "yaml");
    if (!answer.document) return fail(answer);
    return raw(answer);
  }

  ExitStatus config_reload() {
    const auto answer = daemon_.ask(bus_names::config, "Reload");
    if (!answer.document) {
      const auto status = fail(answer);
      if (answer.code == Errc::invalid) terminal_.err << "The last good configuration stays in force.\n";
      return status;
    }
    if (command_.json) return raw(answer);
    const auto document = parsed(answer);
    if (!document) return no_json();
    terminal_.out << "reloaded, in force is " << harmless(text_field(*document, "revision")) << '\n';
    return ExitStatus::done;
  }

  const Command& command_;
  Terminal& terminal_;
  BusClient daemon_;
};

}  // namespace

ExitStatus run_command(const Command& command, Terminal& terminal) {
  return Session(command, terminal).run();
}

}  // namespace gatehouse
