#include "daemon/cli/command_line.hpp"

#include <algorithm>
#include <string_view>

#include "daemon/cli/error_document.hpp"
#include "daemon/cli/verbs.hpp"
#include "daemon/settings/nearest.hpp"

namespace gatehouse {
namespace {

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

Invocation finished(Given& given) {
  Invocation command = std::move(given.command);
  command.bus = make_bus(given.bus);
  command.subject = std::move(given.subject);
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
  filter("kind", given.kind);
  filter("outcome", given.outcome);
  filter("reason", given.reason);
  filter("at", given.at);
  filter("direction", given.direction);
  filter("mode", given.mode);
  filter("door", given.door);
  filter("scope", given.scope);
  filter("hours", given.hours);
  filter("from", given.from);
  filter("until", given.until);
  for (const auto& setting : given.set) {
    const auto equals = setting.find('=');
    const auto [at, fresh] = command.set.emplace(setting.substr(0, equals), setting.substr(equals + 1));
    if (!fresh) throw CLI::ValidationError("--set", at->first + " is set twice");
  }
  if (command.dry_run) command.wait = true;
  if (given.failed) command.filter.emplace("failed", "true");
  if (given.dead) command.filter.emplace("dead", "true");
  return command;
}

/// The first word that no verb has where it stands, and what was meant; empty where all are known. CLI11
/// names none: it only misses a subcommand.
std::string unknown_verb(const CLI::App& root, int argc, const char* const* argv) {
  const auto is_any = [](const CLI::App*) { return true; };
  const CLI::App* at = &root;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--bus") ++i;  // the one option before a verb that takes a value
    if (word.empty() || word.starts_with('-')) continue;
    const auto verbs = at->get_subcommands(is_any);
    if (verbs.empty()) return {};
    std::vector<std::string> names;
    for (const auto* verb : verbs) {
      if (!verb->get_name().empty()) names.push_back(verb->get_name());
    }
    const auto named =
        std::ranges::find_if(verbs, [&](const CLI::App* verb) { return verb->get_name() == word; });
    if (named == verbs.end()) {
      if (names.empty()) return {};  // options in groups, no verbs
      return "'" + word + "' is no verb" + (at == &root ? "" : " of " + at->get_name()) +
             config::did_you_mean(word, names);
    }
    at = *named;
  }
  return {};
}

bool wants_json(int argc, const char* const* argv) {
  return std::any_of(argv + 1, argv + argc,
                     [](const char* word) { return std::string_view(word) == "--json"; });
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
  add_verb(
      app, given, Verb::watch, "watch",
      "links, queue, last events, decisions and issues, drawn again when something changes; q quits. "
      "Without a terminal: a line for each change; with --json: one document of what is there, and an end",
      "gatehouse watch");
  add_doctor_verb(app, given);
  add_integration_verbs(app, given);
  add_sync_verbs(app, given);
  add_people_verbs(app, given);
  add_door_verbs(app, given);
  add_access_verbs(app, given);
  add_clock_verbs(app, given);
  add_news_verbs(app, given);
  add_config_verbs(app, given);
  add_bundle_verb(app, given);
  add_backup_verbs(app, given);
  add_setup_verbs(app, given);

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
    auto why = unknown_verb(app, argc, argv);
    if (why.empty()) why = error.what();
    result.err = "gatehouse: " + why + "\nTry: " + spoken(app) + " --help\n";
    if (wants_json(argc, argv)) result.out = error_document("usage", why) + "\n";
    result.status = ExitStatus::usage;
  }
  return result;
}

}  // namespace gatehouse
