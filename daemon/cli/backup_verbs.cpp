// A backup of the state and its way back, and what was salvaged of a damaged one.

#include "daemon/cli/verbs.hpp"

namespace gatehouse {
namespace {

void add_places(CLI::App& verb, Given& given) {
  verb.add_option("--config", given.command.config_file, "the daemon's configuration")
      ->check(refuse_empty, "FILE")
      ->capture_default_str();
  verb.add_option("--state-dir", given.command.state_dir,
                  "the daemon's state, where no configuration says it")
      ->check(refuse_empty, "DIR");
}

}  // namespace

void add_backup_verbs(CLI::App& app, Given& given) {
  given.command.config_file = default_file;
  auto* backup =
      add_verb(app, given, Verb::backup, "backup",
               "all of the state in one file, people and all: while the daemon goes on, and while it "
               "does not run (as root)",
               "gatehouse backup /var/backups/gatehouse.backup");
  add_subject(*backup, given, "FILE",
              "where to write it, readable for its owner alone; never over another file");
  backup->add_flag("--force", given.command.force, "replace FILE");
  add_places(*backup, given);
  auto* restore = add_verb(app, given, Verb::restore, "restore",
                           "put a backup in place of the state, which is kept aside; the daemon must not run",
                           "gatehouse restore /var/backups/gatehouse.backup");
  add_subject(*restore, given, "FILE", "what gatehouse backup has made, of this gateway");
  add_places(*restore, given);
  auto* noun = add_noun(app, "salvage", "what became of a damaged state, and whether it may count",
                        "gatehouse salvage show");
  add_verb(
      *noun, given, Verb::salvage_show, "show",
      "what was lost, and who or what is shut until it is accepted. The exit status is 3 while something is",
      "gatehouse salvage show");
  add_verb(*noun, given, Verb::salvage_accept, "accept",
           "what was salvaged or restored is right: lift the lockdown, and enable people who came to be "
           "known again",
           "gatehouse salvage accept");
}

}  // namespace gatehouse
