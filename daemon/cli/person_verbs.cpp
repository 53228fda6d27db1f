// What is said of one person.

#include "daemon/cli/verbs.hpp"

namespace gatehouse {
namespace {

constexpr char when_help[] =
    "RFC 3339, local time in the gateway's zone (2026-06-01T10:00), or a date, which is its first moment";

void add_rights(CLI::App& noun, Given& given) {
  add_subject(*add_verb(noun, given, Verb::people_enable, "enable", "take a disable back",
                        "gatehouse people enable ada@example.com"),
              given, "PERSON", person_help);
  add_subject(*add_verb(noun, given, Verb::people_disable, "disable",
                        "shut every door to a person, whatever else holds, until enable; no run changes it",
                        "gatehouse people disable ada@example.com"),
              given, "PERSON", person_help);
  auto* tag = add_verb(noun, given, Verb::people_tag, "tag",
                       "give a person a tag, which rules may look at; no run changes it",
                       "gatehouse people tag ada@example.com 'first aid'");
  add_subject(*tag, given, "PERSON", person_help);
  add_word(*tag, given, "TAG", "1 to 64 characters");
  auto* untag = add_verb(noun, given, Verb::people_untag, "untag", "take a tag away",
                         "gatehouse people untag ada@example.com 'first aid'");
  add_subject(*untag, given, "PERSON", person_help);
  add_word(*untag, given, "TAG", "as it was given");

  auto* grant = add_verb(noun, given, Verb::people_grant, "grant",
                         "let a person in at one door, at the doors of a scope, or at all doors of a site, "
                         "beside what the rules say",
                         "gatehouse people grant ada@example.com --door net2-hq/6203980 --hours business "
                         "--until 2026-12-31");
  add_subject(*grant, given, "PERSON", person_help);
  auto* target = grant->add_option_group("where");
  target->add_option("--door", given.door, "INTEGRATION/DOORID")->check(refuse_empty, "DOOR");
  target->add_option("--scope", given.scope, "the doors of this scope, those that come later too")
      ->check(refuse_empty, "SCOPE");
  target->add_option("--site", given.site, "all doors of this site")->check(refuse_empty, "SITE");
  target->require_option(1);
  grant->add_option("--hours", given.hours, "only within this schedule")->check(refuse_empty, "SCHEDULE");
  grant->add_option("--from", given.from, std::string("not before: ") + when_help)
      ->check(refuse_empty, "TIME");
  grant->add_option("--until", given.until, std::string("no longer then: ") + when_help)
      ->check(refuse_empty, "TIME");
  auto* revoke = add_verb(noun, given, Verb::people_revoke, "revoke", "take one grant away",
                          "gatehouse people revoke ada@example.com 01J8ZQ5R7M4Y9K3T2V6W1X0ABC");
  add_subject(*revoke, given, "PERSON", person_help);
  add_word(*revoke, given, "GRANT", "its id, as people show has it");
}

}  // namespace

void add_person_verbs(CLI::App& noun, Given& given) {
  add_subject(*add_verb(noun, given, Verb::people_show, "show", "everything about one person",
                        "gatehouse people show net2-hq/1234"),
              given, "PERSON", person_help);
  add_subject(
      *add_verb(noun, given, Verb::people_why, "why",
                "where a person comes from, why a record did or did not sync, and what to do about it",
                "gatehouse people why net2-hq/1234"),
      given, "PERSON", person_help);
  auto* decouple = add_verb(noun, given, Verb::people_decouple, "decouple",
                            "take a person out of the sync's hands: no run changes or removes them",
                            "gatehouse people decouple ada@example.com --reason 'on leave' --until 30d");
  add_subject(*decouple, given, "PERSON", person_help);
  decouple->add_option("--reason", given.command.reason, "why, for the journal");
  decouple->add_option("--until", given.command.until,
                       "couple again then: a date, an RFC 3339 time, or how long (30d)");
  add_subject(*add_verb(noun, given, Verb::people_couple, "couple", "give a person back to the sync",
                        "gatehouse people couple ada@example.com"),
              given, "PERSON", person_help);
  add_rights(noun, given);
  add_privacy_verbs(noun, given);
}

}  // namespace gatehouse
