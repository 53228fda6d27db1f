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

/// What `check` looks at where no file is named and no daemon runs.
inline constexpr char default_file[] = "/etc/gatehouse/gatehouse.yaml";

enum class Verb {
  status,
  watch,
  doctor,
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
  people_enable,
  people_disable,
  people_tag,
  people_untag,
  people_grant,
  people_revoke,
  bundle,
  backup,
  restore,
  salvage_show,
  salvage_accept,
  people_export,
  people_erase,
  door_list,
  door_show,
  door_open,
  door_hold,
  door_close,
  door_mode,
  door_discover,
  access_decide,
  access_sign_in,
  access_explain,
  access_list,
  access_replay,
  lockdown_on,
  lockdown_off,
  clock_show,
  clock_reset,
  muster,
  audit_verify,
  audit_show,
  activity,
  events,
  log_api,
  outbox_list,
  outbox_retry,
  outbox_drop,
  config_show,
  config_reload,
  config_confirm,
  token_new,
  check,
  setup,
};

/// Options of `setup`; empty where they were not given.
struct SetupWords {
  std::string config;
  std::string answers;
  std::string credentials;  ///< systemd | files
  std::string credentials_dir;
  std::string password;  ///< id of the integration that gets new credentials
};

struct Invocation {
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
  std::string reason;                      ///< of `people decouple`, and of what is done to a door
  std::string until;                       ///< of `people decouple`
  std::string people = "disable";          ///< of `integration remove`: keep | disable | delete
  bool all_synced = false;
  bool keep_source_enabled = false;

  std::string person;  ///< of `access decide` and `sign-in`, likewise the next
  std::string access_point;
  std::string word;  ///< the second thing that the verb is about: a tag, a grant, a mode
  SetupWords setup{};
  std::string config_file;  ///< of `bundle`, likewise the next
  std::string state_dir;    ///< empty: as the configuration says

  std::uint32_t seconds = 0;  ///< of `door hold`, and of a trial (0: none)
  bool break_glass = false;   ///< of `door open`
  bool force = false;         ///< of `bundle`: another file of that name is replaced
  bool yes = false;           ///< of `people erase`: nobody is asked first
};

/// Either what to do, or what to say and how to end (help, version, wrong usage).
struct CommandLine {
  std::optional<Invocation> command;
  std::string out;  ///< for stdout
  std::string err;  ///< for stderr
  ExitStatus status = ExitStatus::done;
};

/// Reads the arguments and $GATEHOUSE_BUS. Prints nothing, never ends the program.
CommandLine read_command_line(int argc, const char* const* argv);

}  // namespace gatehouse
