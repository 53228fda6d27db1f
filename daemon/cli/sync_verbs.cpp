#include <algorithm>

#include "daemon/cli/verbs.hpp"
#include "daemon/settings/nearest.hpp"

namespace gatehouse {
namespace {

constexpr char integration_help[] = "as in the configuration";
constexpr char plan_help[] = "as in plan list";
constexpr char issue_help[] = "its number, as in issue list";

std::string check_setting(const std::string& text) {
  static const std::vector<std::string> fields{"first_name", "last_name",   "email",
                                               "phone",      "person_type", "person"};
  const auto equals = text.find('=');
  if (equals == std::string::npos) return "'" + text + "' is not FIELD=VALUE";
  const auto field = text.substr(0, equals);
  if (std::ranges::find(fields, field) != fields.end()) return "";
  return "'" + field + "' cannot be set" + config::did_you_mean(field, fields);
}

// CLI11 would take -1 for a very large number and 010 for eight.
std::string check_count(const std::string& text) {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const bool plain = text == "0" || !text.starts_with('0');
  return digits && plain && !text.empty() ? "" : "'" + text + "' is not a number of changes";
}

void add_plan_verbs(CLI::App& app, Given& given) {
  auto* noun =
      add_noun(app, "plan", "changes that wait for somebody to read and confirm them", "gatehouse plan list");
  add_verb(*noun, given, Verb::plan_list, "list", "the plans that can be applied, newest last",
           "gatehouse plan list");
  add_subject(*add_verb(*noun, given, Verb::plan_show, "show", "exactly what a plan will do",
                        "gatehouse plan show 01J8ZQ5R7M4Y9K3T2V6W1X0ABC"),
              given, "PLAN", plan_help);
  auto* apply = add_verb(*noun, given, Verb::plan_apply, "apply",
                         "do exactly what a plan lists, or nothing if anything has changed since",
                         "gatehouse plan apply 01J8ZQ5R7M4Y9K3T2V6W1X0ABC --confirm 214");
  add_subject(*apply, given, "PLAN", plan_help);
  apply
      ->add_option("--confirm", given.command.confirm,
                   "the number of its changes, to say that you have read them")
      ->check(check_count, "");
  add_subject(*add_verb(*noun, given, Verb::plan_discard, "discard", "drop a plan; nothing of it happens",
                        "gatehouse plan discard 01J8ZQ5R7M4Y9K3T2V6W1X0ABC"),
              given, "PLAN", plan_help);
}

void add_issue_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "issue", "records that wait for somebody's word", "gatehouse issue list");
  auto* list = add_verb(*noun, given, Verb::issue_list, "list",
                        "the open ones; the exit status is 3 while there are any",
                        "gatehouse issue list --kind duplicate");
  list->add_option("--kind", given.kind, "only this kind")
      ->check(CLI::IsMember({"error", "duplicate", "match"}));
  list->add_option("--integration", given.integration, "only those of this integration");
  add_subject(*add_verb(*noun, given, Verb::issue_show, "show",
                        "what is wrong with one record, and what to do", "gatehouse issue show 12"),
              given, "N", issue_help);
  auto* fix = add_verb(*noun, given, Verb::issue_fix, "fix",
                       "put a value in the place of one that is missing or invalid, until the source has a "
                       "valid one of its own; better mend it at the source",
                       "gatehouse issue fix 12 --set email=ada@example.com");
  add_subject(*fix, given, "N", issue_help);
  fix->add_option("--set", given.set,
                  "FIELD=VALUE, once for each field: first_name, last_name, email, phone, person_type; or "
                  "person=new (nobody who is known), person=same (identity_changed: still the same)")
      ->required()
      ->check(check_setting, "")
      ->allow_extra_args(false)
      ->take_all();
  auto* merge = add_verb(*noun, given, Verb::issue_merge, "merge", "say that the record is somebody known",
                         "gatehouse issue merge 12 --into net2-hq/1234");
  add_subject(*merge, given, "N", issue_help);
  merge
      ->add_option("--into", given.command.into,
                   "person id, INTEGRATION/EXTERNAL_ID, or one of the issue's others")
      ->required()
      ->check(refuse_empty, "PERSON");
  add_subject(*add_verb(*noun, given, Verb::issue_skip, "skip", "leave the record out until unskip",
                        "gatehouse issue skip 12"),
              given, "N", issue_help);
  add_subject(
      *add_verb(*noun, given, Verb::issue_unskip, "unskip", "take a skip back", "gatehouse issue unskip 12"),
      given, "N", issue_help);
}

}  // namespace

void add_integration_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "integration", "the configured sources of people", "gatehouse integration list");
  add_verb(*noun, given, Verb::integration_list, "list", "all of them, with their status",
           "gatehouse integration list");
  add_subject(*add_verb(*noun, given, Verb::integration_show, "show", "everything about one",
                        "gatehouse integration show net2-hq"),
              given, "ID", integration_help);
  add_subject(*add_verb(*noun, given, Verb::integration_check, "check",
                        "what is wrong with one and what to do about it; the exit status is 3 if anything is",
                        "gatehouse integration check net2-hq"),
              given, "ID", integration_help);
  add_subject(
      *add_verb(*noun, given, Verb::integration_pause, "pause",
                "no more runs by themselves; `sync run` still works", "gatehouse integration pause net2-hq"),
      given, "ID", integration_help);
  add_subject(*add_verb(*noun, given, Verb::integration_resume, "resume",
                        "on again: from pause, or after a purge or a removal",
                        "gatehouse integration resume net2-hq"),
              given, "ID", integration_help);
  auto* remove = add_verb(*noun, given, Verb::integration_remove, "remove",
                          "plan the removal of all that came from one; nothing happens before plan apply",
                          "gatehouse integration remove net2-hq --people disable");
  add_subject(*remove, given, "ID", integration_help);
  remove->add_option("--people", given.command.people, "what becomes of its people")
      ->check(CLI::IsMember({"keep", "disable", "delete"}))
      ->capture_default_str();
}

void add_sync_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "sync", "reads of the directories", "gatehouse sync run net2-hq --wait");
  auto* run = add_verb(*noun, given, Verb::sync_run, "run",
                       "look at a directory now, or at all that are enabled; goes on when this command is "
                       "interrupted",
                       "gatehouse sync run net2-hq --full --wait");
  run->add_option("ID", given.subject, "only this integration")->check(refuse_empty, "");
  run->add_flag("--full", given.command.full, "look at every record anew, changed or not");
  run->add_flag("--dry-run", given.command.dry_run,
                "list what would change, and write and send nothing (implies --wait)");
  run->add_flag("--wait", given.command.wait,
                "return when it has ended; the exit status is 3 if it did not end well, 1 if it failed");
  add_verb(*noun, given, Verb::sync_log, "log", "the runs so far", "gatehouse sync log net2-hq")
      ->add_option("ID", given.subject, "only runs of this integration");
  add_plan_verbs(app, given);
  add_issue_verbs(app, given);

  auto* purge = add_noun(app, "purge", "take synced people out of the registry",
                         "gatehouse purge plan --integration net2-hq");
  auto* plan = add_verb(*purge, given, Verb::purge_plan, "plan",
                        "list who would go; nothing happens before plan apply",
                        "gatehouse purge plan --integration net2-hq");
  auto* whose = plan->add_option_group("whose people");
  whose->add_option("--integration", given.integration, "those of one integration")
      ->check(refuse_empty, "ID");
  whose->add_flag("--all-synced", given.command.all_synced, "those of all integrations");
  whose->require_option(1);
  plan->add_flag("--keep-source-enabled", given.command.keep_source_enabled,
                 "do not switch the source off as well: the next run brings its people back");
}

}  // namespace gatehouse
