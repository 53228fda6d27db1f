#pragma once
// What the user asked for. CLI11 stays behind this.

#include <map>
#include <optional>
#include <string>

#include "daemon/cli/exit_status.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

enum class Verb {
  status,
  integration_list,
  integration_show,
  people_list,
  people_show,
  door_list,
  door_show,
  events,
  outbox_list,
  config_show,
  config_reload,
  sync_log,
  check,
};

struct Command {
  Verb verb = Verb::status;
  bool json = false;
  Bus bus;
  std::string subject;                        ///< the ID, PERSON, DOOR or FILE of the verb; may be empty
  std::map<std::string, std::string> filter;  ///< as org.gatehouse.Gateway1 takes it
  bool follow = false;
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
