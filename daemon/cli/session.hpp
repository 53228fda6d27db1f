#pragma once
// One run of the program: what was asked, where the answer goes, and what all verbs do alike.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "daemon/cli/bus_client.hpp"
#include "daemon/cli/command_line.hpp"
#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/list_printer.hpp"
#include "daemon/cli/list_views.hpp"
#include "daemon/cli/terminal.hpp"

namespace gatehouse {

inline constexpr std::uint32_t page_size = 500;
/// The commands that show what there is, where an integration or a person was not found.
inline constexpr char see_integrations[] = "gatehouse integration list";
inline constexpr char see_people[] = "gatehouse people list --search TEXT";
/// When following, a list is read again so often though nothing was heard: an older daemon says nothing.
inline constexpr std::chrono::seconds look_all_the_same{30};

/// The wall clock of this process, to the millisecond.
Instant wall_now();

/// Why a command failed: a word for programs, and words for people.
struct Failure {
  std::string code;  ///< the daemon's own where it gave one ("plan_stale"), else the kind of trouble
  std::string message;
};

struct CommandSession {
  const Invocation& command;
  Terminal& terminal;
  BusClient daemon;

  CommandSession(const Invocation& asked, Terminal& where)
      : command(asked), terminal(where), daemon(asked.bus) {}

  /// Says why there is no answer; its lines below the first one say what to do. `look_at`: the command that
  /// shows what there is, where something was not found.
  ExitStatus fail(const Answer& answer, std::string_view look_at = {});

  /// A line on `err`, after "gatehouse: ".
  ExitStatus fail(ExitStatus status, std::string_view why);

  /// The answer's document; where there is none, or it is no JSON, that is told and `status` set.
  std::optional<boost::json::value> read(const Answer& answer, ExitStatus& status,
                                         std::string_view look_at = {});

  /// The daemon's own document as it is.
  ExitStatus print_raw(const Answer& answer);

  /// The document with --json, else what `words` makes of it.
  ExitStatus print(const Answer& answer, std::string_view look_at,
                   const std::function<std::string(const boost::json::value&)>& words);

  /// A list that comes at once.
  ExitStatus print_list(const ListView& view, const Answer& answer, std::string_view look_at);

  /// A list that comes page by page, by the filter of the command. With --json one that breaks off leaves its
  /// document open, so that nobody takes it for a shorter one.
  ExitStatus print_pages(const char* interface, const ListView& view, std::string_view look_at = {});

  /// Between two reads of a list that is followed: until there is something new, or the daemon is back.
  void wait_for_news();
  /// A read failed since the daemon has gone: told once, and it may come back. False: it is the end.
  bool is_only_away(const Answer& answer);

  /// Work that may take long, with its progress on a screen meanwhile. With `file` the answer is one.
  Answer work(const char* interface, const char* method, const std::vector<Argument>& arguments,
              bool file = false);

  std::optional<Failure> failure;  ///< the first that was told

  bool away = false;  ///< when following: the daemon was there, and is not
};

}  // namespace gatehouse
