// The host's clock and the floor that it is held against.

#include "daemon/cli/verbs.hpp"

namespace gatehouse {

void add_clock_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "clock", "the host's clock, and whether it is trusted", "gatehouse clock show");
  add_verb(
      *noun, given, Verb::clock_show, "show",
      "the time, whether it is trusted, and the floor: the latest time at which something was committed. "
      "The exit status is 3 where it is not trusted",
      "gatehouse clock show");
  add_verb(
      *noun, given, Verb::clock_reset, "reset",
      "lower the floor to the host's time, which must be right by now: for a gateway whose clock once was "
      "ahead, and was believed",
      "gatehouse clock reset --reason 'the battery had failed, NTP is back'")
      ->add_option("--reason", given.command.reason, "why, for the audit")
      ->required()
      ->check(refuse_empty, "TEXT");
}

}  // namespace gatehouse
