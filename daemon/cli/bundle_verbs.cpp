// A bundle for support.

#include "daemon/cli/verbs.hpp"

namespace gatehouse {

void add_bundle_verb(CLI::App& app, Given& given) {
  given.command.config_file = default_file;
  auto* bundle =
      add_verb(app, given, Verb::bundle, "bundle",
               "what support needs to see, without secrets and people: also while the daemon is dead",
               "gatehouse bundle /tmp/gatehouse-hq.tar.gz");
  add_subject(*bundle, given, "FILE", "where to write it (.tar.gz); never over another file");
  bundle->add_flag("--force", given.command.force, "replace FILE");
  bundle->add_option("--config", given.command.config_file, "the daemon's configuration")
      ->check(refuse_empty, "FILE")
      ->capture_default_str();
  bundle
      ->add_option("--state-dir", given.command.state_dir,
                   "the daemon's state, where no configuration says it")
      ->check(refuse_empty, "DIR");
}

}  // namespace gatehouse
