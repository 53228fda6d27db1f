// The configuration, and tokens.

#include <charconv>
#include <cstdint>
#include <optional>

#include "daemon/cli/verbs.hpp"

namespace gatehouse {
namespace {

/// "30s", "10m", "2h"; nothing for any other text, and beyond 10 s to 24 h.
std::optional<std::uint32_t> trial_seconds(const std::string& text) {
  std::uint32_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [behind, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || behind + 1 != end || number > 24 * 3600) return std::nullopt;
  const std::uint32_t unit = *behind == 's' ? 1 : *behind == 'm' ? 60 : *behind == 'h' ? 3600 : 0;
  const auto seconds = number * unit;
  if (seconds < 10 || seconds > 24 * 3600) return std::nullopt;
  return seconds;
}

std::string check_trial(const std::string& text) {
  return trial_seconds(text) ? "" : "'" + text + "' is no time from 10s to 24h, such as 10m";
}

}  // namespace

void add_config_verbs(CLI::App& app, Given& given) {
  auto* config = add_noun(app, "config", "the configuration in force", "gatehouse config show");
  add_verb(*config, given, Verb::config_show, "show",
           "the configuration in force, every default written out (never secrets); YAML, or JSON with --json",
           "gatehouse config show --effective")
      ->add_flag("--effective", given.effective, "the same: the running daemon knows no other");
  add_verb(*config, given, Verb::config_reload, "reload",
           "read the files again, certificates and secrets too; with a fault in them the last good "
           "configuration stays in force",
           "gatehouse config reload --confirm-within 10m")
      ->add_option_function<std::string>(
          "--confirm-within",
          [&given](const std::string& text) { given.command.seconds = *trial_seconds(text); },
          "on trial for so long (10s to 24h: 30s, 10m, 2h): taken back by itself unless it is confirmed "
          "before, "
          "or as soon as the cloud, an integration or a loop is lost by it")
      ->check(check_trial, "TIME");
  add_verb(*config, given, Verb::config_confirm, "confirm",
           "keep the configuration that is on trial; the exit status is 1 where there is none",
           "gatehouse config confirm");

  auto* token = add_noun(app, "token", "tokens of the LAN interface's clients", "gatehouse token new");
  add_verb(*token, given, Verb::token_new, "new",
           "make a token for a client, and the hash that goes into lan_api.clients; needs no daemon, and the "
           "token is kept nowhere",
           "gatehouse token new");

  add_verb(
      app, given, Verb::check, "check",
      "look for faults in a configuration, run its tests, and say what it would change: keys, people let in "
      "or kept out, sign-ins of the last week (what would change needs a running daemon, and the rights to "
      "administer it; the faults do not)",
      "gatehouse check /etc/gatehouse/gatehouse.yaml")
      ->add_option("FILE", given.subject, std::string("default: the running daemon's, else ") + default_file);
}

}  // namespace gatehouse
