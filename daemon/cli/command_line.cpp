#include "daemon/cli/command_line.hpp"

#include <functional>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace gatehouse {
namespace {

constexpr char default_file[] = "/etc/gatehouse/gatehouse.yaml";

/// What CLI11 fills in before it becomes a Command.
struct Given {
  Command command;
  std::string bus = "system";
  std::string search, integration, type, site, access, since, lane, subject;
  bool dead = false;
  bool effective = false;
};

std::string check_bus(const std::string& text) {
  if (text == "system" || text == "session") return {};
  const auto colon = text.find(':');
  if (colon != std::string::npos && colon > 0 && text.find('=', colon) != std::string::npos) return {};
  return "'" + text + "' is neither system, session nor a D-Bus address (unix:path=/run/…)";
}

Bus make_bus(const std::string& text) {
  if (text == "system") return {Bus::Kind::system, ""};
  if (text == "session") return {Bus::Kind::session, ""};
  return {Bus::Kind::address, text};
}

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

void add_integration_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "integration", "the configured sources of people", "gatehouse integration list");
  add_verb(*noun, given, Verb::integration_list, "list", "all of them, with their status",
           "gatehouse integration list");
  add_verb(*noun, given, Verb::integration_show, "show", "everything about one",
           "gatehouse integration show net2-hq")
      ->add_option("ID", given.subject, "as in the configuration")
      ->required();
}

void add_people_verbs(CLI::App& app, Given& given) {
  auto* noun =
      add_noun(app, "people", "the gateway's registry of people", "gatehouse people list --access no");
  auto* list =
      add_verb(*noun, given, Verb::people_list, "list", "people, all or those that match every filter",
               "gatehouse people list --integration net2-hq --search lovelace");
  list->add_option("--search", given.search, "in names, e-mail and external id");
  list->add_option("--integration", given.integration, "only people of this integration");
  list->add_option("--type", given.type, "only this person type (employee, visitor, contractor, member, …)");
  list->add_option("--site", given.site, "only people of this site");
  list->add_option("--access", given.access, "only people with or without effective access")
      ->check(CLI::IsMember({"yes", "no"}));
  add_verb(*noun, given, Verb::people_show, "show", "everything about one person",
           "gatehouse people show net2-hq/1234")
      ->add_option("PERSON", given.subject, "person id, INTEGRATION/EXTERNAL_ID, or e-mail")
      ->required();
}

void add_door_verbs(CLI::App& app, Given& given) {
  auto* noun = add_noun(app, "door", "the doors", "gatehouse door list");
  add_verb(*noun, given, Verb::door_list, "list", "all doors, configured or only known to Net2",
           "gatehouse door list");
  add_verb(*noun, given, Verb::door_show, "show", "everything about one door",
           "gatehouse door show net2-hq/6203980")
      ->add_option("DOOR", given.subject, "INTEGRATION/DOORID")
      ->required();
}

void add_news_verbs(CLI::App& app, Given& given) {
  auto* events = add_verb(app, given, Verb::events, "events", "what happened at the doors, oldest first",
                          "gatehouse events --since 2h --follow");
  events->add_option("--since", given.since, "RFC 3339 time, or how far back: 30m, 2h, 7d");
  events->add_option("--integration", given.integration, "only events of this integration");
  events->add_flag("--follow", given.command.follow,
                   "go on with what happens from now on, until interrupted");

  auto* outbox = add_noun(app, "outbox", "messages for the cloud", "gatehouse outbox list --dead");
  auto* list = add_verb(*outbox, given, Verb::outbox_list, "list", "what waits to be sent, or was given up",
                        "gatehouse outbox list --lane alarm");
  list->add_flag("--dead", given.dead, "the dead letters: what the broker refused for good");
  list->add_option("--lane", given.lane, "only this lane")
      ->check(CLI::IsMember({"alarm", "access", "people", "telemetry"}));

  auto* sync = add_noun(app, "sync", "reads of the directories", "gatehouse sync log net2-hq");
  add_verb(*sync, given, Verb::sync_log, "log", "the runs so far", "gatehouse sync log net2-hq")
      ->add_option("ID", given.subject, "only runs of this integration");
}

void add_config_verbs(CLI::App& app, Given& given) {
  auto* config = add_noun(app, "config", "the configuration in force", "gatehouse config show");
  add_verb(*config, given, Verb::config_show, "show",
           "the configuration in force, every default written out (never secrets); YAML, or JSON with --json",
           "gatehouse config show --effective")
      ->add_flag("--effective", given.effective, "the same: the running daemon knows no other");
  add_verb(*config, given, Verb::config_reload, "reload",
           "read the files again; with a fault in them the last good configuration stays in force",
           "gatehouse config reload");

  add_verb(app, given, Verb::check, "check", "look for faults in a configuration; needs no daemon",
           "gatehouse check /etc/gatehouse/gatehouse.yaml")
      ->add_option("FILE", given.subject, std::string("default: ") + default_file);
}

Command finished(Given& given) {
  Command command = std::move(given.command);
  command.bus = make_bus(given.bus);
  command.subject = std::move(given.subject);
  if (command.verb == Verb::check && command.subject.empty()) command.subject = default_file;
  const auto filter = [&](const char* name, const std::string& text) {
    if (!text.empty()) command.filter.emplace(name, text);
  };
  filter("search", given.search);
  filter("integration", given.integration);
  filter("type", given.type);
  filter("site", given.site);
  filter("access", given.access);
  filter("since", given.since);
  filter("lane", given.lane);
  if (given.dead) command.filter.emplace("dead", "true");
  return command;
}

// The innermost verb that was named, for the hint after wrong usage.
std::string spoken(const CLI::App& app) {
  std::string words = app.get_name();
  for (const auto* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    words += " " + at->get_name();
  }
  return words;
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv) {
  Given given;
  CLI::App app{"Looks after a Gatehouse gateway: asks the running gatehoused over D-Bus.", "gatehouse"};
  app.fallthrough();
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("gatehouse ") + GATEHOUSE_VERSION);
  app.add_flag("--json", given.command.json, "one JSON document on stdout, and nothing else");
  app.add_option("--bus", given.bus, "where the daemon is: system, session or a D-Bus address")
      ->envname("GATEHOUSE_BUS")
      ->check(check_bus, "system|session|ADDRESS")
      ->capture_default_str();
  app.footer(
      "Options may stand before or after the verb. `gatehouse VERB --help` tells more.\n"
      "Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 not well, 4 no daemon.\n"
      "Example:\n  gatehouse status");

  add_verb(app, given, Verb::status, "status", "how the gateway is, what is wrong and what to do about it",
           "gatehouse status");
  add_integration_verbs(app, given);
  add_people_verbs(app, given);
  add_door_verbs(app, given);
  add_news_verbs(app, given);
  add_config_verbs(app, given);

  CommandLine result;
  try {
    app.parse(argc, argv);
    result.command = finished(given);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* innermost = &app;
    while (!innermost->get_subcommands().empty()) innermost = innermost->get_subcommands().front();
    result.out = innermost->help(innermost == &app ? "" : spoken(app).substr(0, spoken(app).rfind(' ')));
  } catch (const CLI::CallForVersion& version) {
    result.out = std::string(version.what()) + "\n";
  } catch (const CLI::ParseError& error) {
    result.err = std::string("gatehouse: ") + error.what() + "\nTry: " + spoken(app) + " --help\n";
    result.status = ExitStatus::usage;
  }
  return result;
}

}  // namespace gatehouse
