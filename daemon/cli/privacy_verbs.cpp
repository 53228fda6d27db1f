// What a person may ask for: a copy of what is kept of them, and that it goes.

#include "daemon/cli/verbs.hpp"

namespace gatehouse {

void add_privacy_verbs(CLI::App& noun, Given& given) {
  add_subject(*add_verb(noun, given, Verb::people_export, "export",
                        "all that is kept of one person, for them to have: with --json the whole document",
                        "gatehouse people export ada@example.com --json > ada.json"),
              given, "PERSON", person_help);
  auto* erase =
      add_verb(noun, given, Verb::people_erase, "erase",
               "take one person out of everything that is kept here, for good; on a terminal it asks first",
               "gatehouse people erase ada@example.com");
  add_subject(*erase, given, "PERSON", person_help);
  erase->add_flag("--yes", given.command.yes, "do not ask on a terminal either");
}

}  // namespace gatehouse
