#include <algorithm>

#include "daemon/cli/verbs.hpp"
#include "daemon/settings/nearest.hpp"

namespace gatehouse {
namespace {

std::string check_outcomes(const std::string& text) {
  static const std::vector<std::string> known{"added",    "updated", "skipped",   "excluded",
                                              "disabled", "removed", "processed", "failed"};
  for (const auto& outcome : CLI::detail::split(text, ',')) {
    if (std::ranges::find(known, outcome) == known.end())
      return "'" + outcome + "' is no outcome" + config::did_you_mean(outcome, known);
  }
  return "";
}

void add_view_options(CLI::App& verb, Given& given) {
  verb.add_option("--columns", given.command.columns, "the columns of the table, in this order: a,b,c")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->take_all();
  verb.add_option("--view", given.command.view, "a saved view, or one of: default, problems")
      ->check(refuse_empty, "NAME");
  verb.add_option("--save-view", given.command.save_view, "keep filter and columns of this command as a view")
      ->check(refuse_empty, "NAME");
}

void add_activity_verbs(CLI::App& app, Given& given) {
  auto* activity =
      add_verb(app, given, Verb::activity, "activity",
               "what became of records in the runs, oldest first: the newest 500, or all --since",
               "gatehouse activity --view problems --since 1d");
  activity
      ->add_option("--outcome", given.outcome,
                   "only these, one or several with commas: added, updated, skipped, excluded, disabled, "
                   "removed, processed, failed")
      ->check(check_outcomes, "");
  activity->add_option("--reason", given.reason, "only this reason, such as missing_identifier");
  activity->add_option("--integration", given.integration, "only records of this integration");
  activity->add_option("--search", given.search, "in name, external id and reason");
  activity->add_option("--since", given.since, since_help);
  activity->add_flag("--follow", given.command.follow,
                     "go on with what happens from now on, until interrupted");
  add_view_options(*activity, given);

  auto* log = add_noun(app, "log", "what the gateway did", "gatehouse log api --since 1h");
  auto* api = add_verb(*log, given, Verb::log_api, "api", "what was asked of the Net2 servers, oldest first",
                       "gatehouse log api --since 1h --columns time,verb,path,status,ms");
  api->add_option("--since", given.since, since_help);
  api->add_option("--integration", given.integration, "only calls to this integration");
  api->add_option("--search", given.search, "in verb, path and error");
  api->add_flag("--failed", given.failed, "only calls that failed");
  add_view_options(*api, given);
}

}  // namespace

CLI::App* add_verb(CLI::App& parent, Given& given, Verb verb, const char* name, const char* what,
                   const char* example) {
  auto* app = parent.add_subcommand(name, what);
  app->footer(std::string("--json and --bus are understood here too; see gatehouse --help.\nExample:\n  ") +
              example);
  app->callback([&given, verb] { given.command.verb = verb; });
  return app;
}

CLI::App* add_noun(CLI::App& parent, const char* name, const char* what, const char* example) {
  auto* app = parent.add_subcommand(name, what);
  app->require_subcommand(1);
  app->footer(std::string("Example:\n  ") + example);
  return app;
}

void add_subject(CLI::App& verb, Given& given, const char* name, const char* what) {
  verb.add_option(name, given.subject, what)->required()->check(refuse_empty, "");
}

void add_word(CLI::App& verb, Given& given, const char* name, const char* what) {
  verb.add_option(name, given.command.word, what)->required()->check(refuse_empty, "");
}

std::string refuse_empty(const std::string& text) {
  return text.empty() ? "it must not be empty" : "";
}

void add_people_verbs(CLI::App& app, Given& given) {
  auto* noun =
      add_noun(app, "people", "the gateway's registry of people", "gatehouse people list --access no");
  auto* list =
      add_verb(*noun, given, Verb::people_list, "list", "people, all or those that match every filter",
               "gatehouse people list --integration net2-hq --search lovelace");
  list->add_option("--search", given.search, "in names, e-mail and external id");
  list->add_option("--integration", given.integration, "only people of this integration");
  list->add_option("--type", given.type, "only this person type")
      ->check(CLI::IsMember({"employee", "visitor", "contractor", "member"}));
  list->add_option("--site", given.site, "only people of this site");
  list->add_option("--access", given.access, "only people with or without effective access")
      ->check(CLI::IsMember({"yes", "no"}));
  add_person_verbs(*noun, given);
}

void add_news_verbs(CLI::App& app, Given& given) {
  auto* events = add_verb(app, given, Verb::events, "events", "what happened at the doors, oldest first",
                          "gatehouse events --since 2h --follow");
  events->add_option("--since", given.since, since_help);
  events->add_option("--integration", given.integration, "only events of this integration");
  events->add_flag("--follow", given.command.follow,
                   "go on with what happens from now on, until interrupted");

  auto* outbox = add_noun(app, "outbox", "messages for the cloud", "gatehouse outbox list --dead");
  auto* list = add_verb(*outbox, given, Verb::outbox_list, "list", "what waits to be sent, or was given up",
                        "gatehouse outbox list --lane alarm");
  list->add_flag("--dead", given.dead, "the dead letters: what the broker refused for good");
  list->add_option("--lane", given.lane, "only this lane")
      ->check(CLI::IsMember({"alarm", "access", "people", "telemetry"}));

  constexpr char id_help[] = "the dead letter's ID in `gatehouse outbox list --dead`";
  auto* retry = add_verb(*outbox, given, Verb::outbox_retry, "retry",
                         "send a dead letter again, just as it was; the broker may refuse it again",
                         "gatehouse outbox retry 4503599627370497");
  add_subject(*retry, given, "ID", id_help);
  auto* drop = add_verb(*outbox, given, Verb::outbox_drop, "drop",
                        "delete a dead letter; the cloud never gets it, and this cannot be undone",
                        "gatehouse outbox drop 4503599627370497");
  add_subject(*drop, given, "ID", id_help);

  add_activity_verbs(app, given);
}

}  // namespace gatehouse
