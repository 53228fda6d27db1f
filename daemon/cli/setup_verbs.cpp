// The verb that needs no daemon because there is none yet.

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "daemon/cli/verbs.hpp"

namespace gatehouse {

void add_setup_verbs(CLI::App& app, Given& given) {
  auto* verb =
      add_verb(app, given, Verb::setup, "setup",
               "ask what is needed for a first configuration, try it at Net2, and write it; needs no "
               "daemon, and writes nothing before the last yes",
               "gatehouse setup");
  SetupWords& words = given.command.setup;
  verb->add_option("--config", words.config, std::string("the file to write; default: ") + default_file)
      ->check(refuse_empty, "");
  verb->add_option("--answers", words.answers, "a YAML file with all answers: nobody is asked")
      ->check(refuse_empty, "");
  verb->add_option("--credentials", words.credentials,
                   "how the daemon gets its secrets: systemd (LoadCredential) or files; default: systemd "
                   "where it runs")
      ->check(CLI::IsMember({"systemd", "files"}));
  verb->add_option("--credentials-dir", words.credentials_dir,
                   "the folder for secrets; default: /etc/gatehouse/credentials")
      ->check(refuse_empty, "");
  verb->add_option(
          "--password", words.password,
          "only new credentials for this integration: tried at Net2 before they replace the old ones")
      ->check(refuse_empty, "");
  verb->add_flag("--dry-run", given.command.dry_run, "show what would be written, and write nothing");
}

}  // namespace gatehouse
