// The verb doctor.

#include "daemon/cli/verbs.hpp"

namespace gatehouse {

void add_doctor_verb(CLI::App& app, Given& given) {
  add_verb(
      app, given, Verb::doctor, "doctor",
      "look at everything at once: what is wrong, why it matters, how to mend it, causes first; the exit "
      "status is 3 with faults. Signs in once at each Net2 server, and changes nothing",
      "gatehouse doctor")
      ->add_option("--config", given.command.word,
                   "the configuration to look at where the daemon does not answer")
      ->check(refuse_empty, "FILE");
}

}  // namespace gatehouse
