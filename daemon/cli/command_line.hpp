#pragma once
// What the user asked for. CLI11 stays behind this.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/cli/exit_status.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

enum class Verb {
  status,
  integration_list,
  integration_show,
  integration_check,
  integration_pause,
  integration_resume,
  integration_remove,
  sync_run,
  sync_log,
  plan_list,
  plan_show,
  plan_apply,
  plan_discard,
  issue_list,
  issue_show,
  issue_fix,
  issue_merge,
  issue_skip,
  issue_unskip,
  purge_plan,
  people_list,
  people_show,
  people_why,
  people_decouple,
  people_couple,
  door_list,
  door_show,
  activity,
  events,
  log_api,
  outbox_list,
  config_show,
  config_reload,
  check,
};

struct Command {
  Verb verb = Verb::status;
  bool json = false;
  Bus bus;
  std::string subject;  ///< the ID, PERSON, PLAN, issue, DOOR or FILE of the verb; may be empty
  std::map<std::string, std::string> filter;  ///< as org.gatehouse.Gateway1 takes it

  bool follow = false;
  std::vector<std::string> columns;  ///< empty: those of the view
  std::string view;                  ///< empty: "default"
  std::string save_view;             ///< under this name what is shown now is kept; empty: it is not

  bool full = false;
  bool dry_run = false;
  bool wait = false;
  std::optional<std::uint64_t> confirm;
  std::map<std::string, std::string> set;  ///< of `issue fix`
  std::string into;                        ///< of `issue merge`
  std::string reason;                      ///< of `people decouple`, likewise the next
  std::string until;
  std::string people = "disable";  ///< of `integration remove`: keep | disable | delete
  bool all_synced = false;
  bool keep_source_enabled = false;
};

/// Either what to do, or what to say and how to end (help, version, wrong usage).
struct CommandLine {
  std::optional<Command> command;
  std::string out;  ///< for stdout
  std::string err;  ///< for stderr
  ExitStatus status = ExitStatus::done;
};

/// Reads the arguments and $GATEHOUSE_BUS. Prints nothing, never ends the program.
CommandLine read_command_line(int argc, const char* const* argv);

}  // namespace gatehouse
