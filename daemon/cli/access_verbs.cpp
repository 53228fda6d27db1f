// Doors, decisions, lockdown, who is on site, the audit.

#include <algorithm>

#include "daemon/cli/verbs.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {
namespace {

constexpr char door_help[] = "INTEGRATION/DOORID";
constexpr char reason_help[] = "why, for the audit";
constexpr std::uint32_t longest_hold = 12 * 3600;

std::string check_local_time(const std::string& text) {
  return parse_local_time(text) ? "" : "'" + text + "' is no local time such as 2026-06-01T10:00";
}

// CLI11 would take -1 for a very large number and 010 for eight.
std::string check_seconds(const std::string& text) {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const bool good =
      digits && !text.empty() && text.size() <= 5 && text.front() != '0' && std::stoul(text) <= longest_hold;
  return good ? "" : "'" + text + "' is not 1 to 43200 seconds (12 h)";
}

void add_reason(CLI::App& verb, Given& given) {
  verb.add_option("--reason", given.command.reason, reason_help)->required()->check(refuse_empty, "TEXT");
}

void add_sign_in_options(CLI::App& verb, Given& given) {
  verb.add_option("--person", given.command.person, person_help)->required()->check(refuse_empty, "PERSON");
  verb.add_option("--access-point", given.command.access_point, "where, as in the configuration")
      ->required()
      ->check(refuse_empty, "ID");
}

void add_decision_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "access", "who is let in, and why",
                        "gatehouse access decide --person ada@example.com --access-point reception");
  auto* decide = add_verb(*noun, given, Verb::access_decide, "decide",
                          "say what a sign-in would come to; opens nothing, keeps nothing. A denial is an "
                          "answer: the exit status is 0",
                          "gatehouse access decide --person ada@example.com --access-point reception --at "
                          "2026-06-01T10:00");
  add_sign_in_options(*decide, given);
  decide
      ->add_option("--at", given.at,
                   "as if it were then, for validity, visits and hours (not for the age of what is known): "
                   "local time in the gateway's zone, 2026-06-01T10:00")
      ->check(check_local_time, "LOCAL-TIME");
  decide->add_option("--direction", given.direction, "in, if nothing else is said")
      ->check(CLI::IsMember({"in", "out"}));
  decide->add_option("--mode", given.mode, "the access point's first, if nothing else is said")
      ->check(CLI::IsMember({"kiosk", "mobile", "qr", "web"}));
  add_sign_in_options(
      *add_verb(*noun, given, Verb::access_sign_in, "sign-in",
                "sign somebody in: decide, and open the doors. The exit status is 1 where that "
                "was denied, or no door could be opened",
                "gatehouse access sign-in --person ada@example.com --access-point reception"),
      given);
  add_subject(*add_verb(*noun, given, Verb::access_explain, "explain",
                        "why a decision came out as it did, and how old the facts were",
                        "gatehouse access explain 01J8ZQ5R7M4Y9K3T2V6W1X0ABC"),
              given, "DECISION", "as in access list");
  add_verb(*noun, given, Verb::access_list, "list", "the decisions that are kept, oldest first",
           "gatehouse access list --since 2h")
      ->add_option("--since", given.since, since_help);
  auto* replay =
      add_verb(*noun, given, Verb::access_replay, "replay",
               "decide past sign-ins again by another configuration, and list those that would end "
               "otherwise; changes nothing",
               "gatehouse access replay --config new.yaml --since 7d");
  replay->add_option("--config", given.subject, "a configuration; conf.d beside it is read as well")
      ->required()
      ->check(refuse_empty, "FILE");
  replay->add_option("--since", given.since, std::string(since_help) + "; 7d, if nothing else is said");
}

void add_audit_verbs(CLI::App& app, Given& given) {
  auto* noun =
      add_noun(app, "audit", "who did what at the doors and to the gateway", "gatehouse audit verify");
  add_verb(*noun, given, Verb::audit_verify, "verify",
           "look whether the chain is whole; the exit status is 3 if it is broken", "gatehouse audit verify");
  add_verb(*noun, given, Verb::audit_show, "show", "all rows that are kept, newest first",
           "gatehouse audit show --json");
}

void add_lockdown_verb(CLI::App& noun, Given& given, Verb verb, const char* name, const char* what,
                       const char* example) {
  add_verb(noun, given, verb, name, what, example)
      ->add_option("--site", given.site, "as in the configuration")
      ->required()
      ->check(refuse_empty, "SITE");
}

}  // namespace

void add_door_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "door", "the doors", "gatehouse door list");
  add_verb(*noun, given, Verb::door_list, "list",
           "all doors, configured or only known to Net2, and how many of them access points have",
           "gatehouse door list");
  add_subject(*add_verb(*noun, given, Verb::door_show, "show", "everything about one door",
                        "gatehouse door show net2-hq/6203980"),
              given, "DOOR", door_help);
  auto* open = add_verb(*noun, given, Verb::door_open, "open",
                        "open a door now, whatever the rules say; not while it is blocked, forced closed or "
                        "locked down. The exit status is 1 where Net2 did not accept",
                        "gatehouse door open net2-hq/6203980 --reason 'parcel for the lab'");
  add_subject(*open, given, "DOOR", door_help);
  add_reason(*open, given);
  open->add_flag("--break-glass", given.command.break_glass,
                 "even then: for an emergency; an alert goes up at once");
  auto* hold = add_verb(*noun, given, Verb::door_hold, "hold",
                        "hold a door open that may be held (allow_hold), for at most 12 h",
                        "gatehouse door hold net2-hq/6203980 --seconds 900 --reason 'delivery'");
  add_subject(*hold, given, "DOOR", door_help);
  hold->add_option("--seconds", given.command.seconds, "how long")->required()->check(check_seconds, "N");
  add_reason(*hold, given);
  auto* close = add_verb(*noun, given, Verb::door_close, "close", "close a door that is open or held",
                         "gatehouse door close net2-hq/6203980 --reason 'delivery is over'");
  add_subject(*close, given, "DOOR", door_help);
  add_reason(*close, given);
  auto* mode = add_verb(*noun, given, Verb::door_mode, "mode",
                        "what decisions make of a door from now on, restarts included, until `door mode DOOR "
                        "config`; nothing is sent to Net2",
                        "gatehouse door mode net2-hq/6203980 blocked");
  add_subject(*mode, given, "DOOR", door_help);
  mode->add_option("MODE", given.command.word, "config: as the configuration says")
      ->required()
      ->check(CLI::IsMember({"normal", "blocked", "force_closed", "force_open", "config"}));
  add_verb(*noun, given, Verb::door_discover, "discover",
           "doors that Net2 has and the configuration has not, as lines to paste into it",
           "gatehouse door discover");
}

void add_access_verbs(CLI::App& app, Given& given) {
  add_decision_verbs(app, given);
  auto* lockdown =
      add_noun(app, "lockdown", "deny every sign-in at a site", "gatehouse lockdown on --site hq");
  add_lockdown_verb(*lockdown, given, Verb::lockdown_on, "on",
                    "deny every sign-in and every opening at a site, restarts included, until off",
                    "gatehouse lockdown on --site hq");
  add_lockdown_verb(*lockdown, given, Verb::lockdown_off, "off", "lift it",
                    "gatehouse lockdown off --site hq");
  add_verb(app, given, Verb::muster, "muster",
           "who is on site, with the age of what is known; needs no cloud and no Net2",
           "gatehouse muster --site hq")
      ->add_option("--site", given.site, "only this site")
      ->check(refuse_empty, "SITE");
  add_audit_verbs(app, given);
}

}  // namespace gatehouse
