#include "daemon/config_side.hpp"

#include <filesystem>
#include <utility>

#include "connectors/jose/command_keys.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/command_key_check.hpp"
#include "daemon/settings/compare_settings.hpp"
#include "daemon/settings/policy_check.hpp"
#include "daemon/settings/show_settings.hpp"

namespace gatehouse {
namespace {

constexpr Duration trial_every = std::chrono::seconds(1);
constexpr Duration nothing_to_do = std::chrono::hours(1);

std::string faults_text(const std::vector<Fault>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (!text.empty()) text += '\n';
    text += to_string(fault);
  }
  return text;
}

std::string why_json(const std::string& why) {
  JsonWriter json;
  json.begin_object().member("why", why).end_object();
  return json.take();
}

/// Sets a flag as long as it lives, however its owner ends.
class Flag {
 public:
  explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
  ~Flag() { flag_ = false; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

 private:
  bool& flag_;
};

}  // namespace

ConfigSide::ConfigSide(Parts parts)
    : parts_(std::move(parts)),
      file_(parts_.state_dir),
      held_(parts_.held),
      bell_(parts_.executor),
      work_(parts_.executor, parts_.clock, parts_.log) {}

void ConfigSide::start() {
  parts_.alerts.over("config", "gateway");
  if (!held_) return parts_.alerts.over("config", "trial");
  const bool began = held_->why.empty();
  if (began) {
    held_->why = "the daemon was started anew before anybody had confirmed it";
    auto kept = file_.write(*held_);
    if (!kept) parts_.log.write(Level::error, kept.error().detail);
    parts_.note({.actor = "gateway",
                 .action = "config.rollback",
                 .target = held_->tried,
                 .outcome = "done",
                 .detail = why_json(held_->why)});
  }
  tell_taken_back(began);
}

Task<void> ConfigSide::loop(Pulse& /*pulse*/) {
  for (;;) {
    if (running_ && !busy_) {
      auto lost = running_->rules.lost(health(), parts_.clock.uptime());
      if (lost) {
        auto returning = take_back(std::move(*lost));
        auto work = work_.run("return to the configuration of before", std::move(returning));
        [[maybe_unused]] const auto told = co_await std::move(work);  // by take_back()
      }
    }
    co_await bell_.wait(running_ ? trial_every : nothing_to_do);
  }
}

Task<void> ConfigSide::stop() {
  stopping_ = true;
  while (!work_.idle()) co_await work_.wait(nothing_to_do);
}

bool ConfigSide::is_feed(const std::string& id) const {
  return std::ranges::any_of(parts_.settings.integrations, [&](const Integration& one) {
    return one.id.value() == id && one.kind == IntegrationKind::feed;
  });
}

TrialHealth ConfigSide::health() const {
  const auto state = parts_.state();
  TrialHealth health;
  health.cloud_configured = parts_.settings.cloud.has_value();
  health.cloud_connected = state.cloud_connected;
  // A thread that waits for its disk says nothing against a configuration.
  for (const auto& loop : state.late_loops) {
    if (!loop.starts_with("thread ")) health.late_loops.push_back(loop);
  }
  for (const auto& integration : state.integrations) {
    const auto is = integration.judged.state;
    // Whoever switches an integration off means it. A feed has no connection to lose: until its first pass
    // has ended nothing is known of it.
    if (is == IntegrationState::disabled) continue;
    if (is == IntegrationState::pending && is_feed(integration.id)) continue;
    health.sources.push_back({.id = integration.id,
                              .connected = integration.connected,
                              .refused = is == IntegrationState::unauthenticated,
                              .detail = integration.judged.detail});
  }
  return health;
}

// --- reload -----------------------------------------------------------------------------------------------

Task<Result<std::string>> ConfigSide::reload() {
  return begin(std::nullopt);
}

Task<Result<std::string>> ConfigSide::try_files(Duration within) {
  return begin(within);
}

Task<Result<std::string>> ConfigSide::begin(std::optional<Duration> within) {
  if (stopping_) co_return Error{Errc::cancelled, "the gateway is stopping"};
  if (busy_) co_return Error{Errc::busy, "a reload is under way"};
  auto taking = take(within);
  auto work = work_.run("reload", std::move(taking));
  auto answer = co_await std::move(work);
  co_return answer;
}

Task<Result<std::string>> ConfigSide::take(std::optional<Duration> within) {
  const Flag busy(busy_);
  parts_.reloading(true);
  auto taking = take_over(load_settings(parts_.config_path), within);
  auto outcome = co_await std::move(taking);
  ++(outcome ? parts_.tallies.reloads : parts_.tallies.reloads_refused);
  if (outcome) {
    reload_error_.reset();
    parts_.alerts.over("config", "gateway");
    parts_.log.write(Level::info, "the configuration was reloaded: " + parts_.revision);
  } else if (outcome.error().code != Errc::refused) {
    tell_refused(outcome.error());
  } else {
    parts_.log.write(Level::warning, "the reload was refused: " + outcome.error().detail);
  }
  parts_.reloading(false);
  bell_.ring();
  co_return outcome;
}

void ConfigSide::tell_refused(const Error& why) {
  reload_error_ = why.detail;
  parts_.log.write(Level::error, "the reload was refused, the last good configuration stays:\n" + why.detail);
  if (!parts_.settings.notify.config_errors) return;
  parts_.alerts.raise({.kind = "config",
                       .subject = "gateway",
                       .detail = why.detail,
                       .hint = "mend the configuration and reload it (gatehouse check shows the faults)"});
}

std::optional<Error> ConfigSide::refusal(const Loaded& loaded, std::optional<Duration> within) const {
  if (!loaded.settings) return Error{Errc::invalid, faults_text(loaded.faults)};
  if (const auto keys = needs_restart(parts_.settings, *loaded.settings); !keys.empty()) {
    return Error{
        Errc::invalid,
        keys.front() + " cannot change while the daemon runs: restart it (systemctl restart gatehouse)"};
  }
  if (within) return std::nullopt;
  if (held_ && !running_ && loaded.revision == held_->tried) {
    // Whatever renews a certificate reloads too, and it has not read what was wrong with these files.
    return Error{Errc::refused,
                 "the files hold the configuration that was taken back: " + held_->why +
                     "\nMend them, or try them again: gatehouse config reload --confirm-within "
                     "10m (certificates and secrets were read anew)"};
  }
  const bool known = loaded.revision == parts_.revision || (held_ && loaded.revision == held_->previous);
  if (!running_ || known) return std::nullopt;
  return Error{Errc::refused, "a configuration is on trial until " + format_utc(held_->until) +
                                  ", and the files have changed since\nConfirm it first (gatehouse config "
                                  "confirm), or try these in its place (gatehouse config reload "
                                  "--confirm-within 10m)"};
}

Task<Result<std::string>> ConfigSide::take_over(Loaded loaded, std::optional<Duration> within) {
  check_policy(loaded, load_zone);
  const bool sound = loaded.settings.has_value();
  check_command_keys(loaded, check_command_keys_text);
  const bool only_keys_are_wrong = sound && !loaded.settings;
  if (auto refused = refusal(loaded, within)) {
    // Whatever renews a certificate reloads, and waits for nobody who is to mend the keys of commands.
    if (refused->code != Errc::refused && !only_keys_are_wrong) co_return *refused;
    auto again = parts_.exchange(parts_.settings, parts_.revision);
    auto certificate = co_await std::move(again);
    if (!certificate) refused->detail += "\n" + certificate.error().detail;
    co_return *refused;
  }
  if (within) {
    auto begun = begin_trial(loaded, *within);
    if (!begun) co_return begun.error();
  }
  // What was tried stays on trial where only the files it names are read again.
  const bool on_trial = running_ && (within || loaded.revision == held_->tried);
  auto exchanging = parts_.exchange(std::move(*loaded.settings), std::move(loaded.revision));
  auto certificate = co_await std::move(exchanging);
  if (!on_trial) end_trial();
  JsonWriter json;
  json.begin_object().member("revision", parts_.revision).key("trial");
  if (running_) {
    json.begin_object().member("until", format_utc(held_->until)).member("previous", held_->previous);
    json.end_object();
  } else {
    json.null();
  }
  json.key("certificate_error");
  certificate ? json.null() : json.value(certificate.error().detail);
  json.end_object();
  co_return json.take();
}

// --- the trial --------------------------------------------------------------------------------------------

/// On disk before anything is put in force. Another trial in place of one that runs goes back to where that
/// one would have gone back to.
Result<void> ConfigSide::begin_trial(const Loaded& loaded, Duration within) {
  HeldConfig held;
  held.tried = loaded.revision;
  held.previous = running_ ? held_->previous : parts_.revision;
  held.previous_yaml = running_ ? held_->previous_yaml : effective_yaml(parts_.settings);
  held.until = parts_.clock.now() + within;
  if (held.tried != held.previous) {
    auto kept = file_.write(held);
    if (!kept)
      return Error{Errc::storage, "what is in force cannot be kept to come back to: " + kept.error().detail +
                                      "; nothing was changed"};
  }
  Settings previous = running_ ? std::move(running_->previous) : parts_.settings;
  auto before = running_ ? running_->rules.before() : health();
  running_.emplace(
      Running{ConfigTrial(std::move(before), parts_.clock.uptime(), within), std::move(previous)});
  held_ = std::move(held);
  parts_.alerts.over("config", "trial");
  return {};
}

/// What is in force was confirmed, or another configuration counts for good.
void ConfigSide::end_trial() {
  running_.reset();
  held_.reset();
  auto removed = file_.remove();
  if (!removed) parts_.log.write(Level::error, removed.error().detail);
  parts_.alerts.over("config", "trial");
}

Task<Result<std::string>> ConfigSide::confirm() {
  if (busy_) co_return Error{Errc::busy, "a reload is under way"};
  if (!running_) {
    std::string why = "there is no configuration on trial";
    if (held_) why += ": it was taken back, " + held_->why;
    co_return Error{Errc::refused, why + "\nPut one on trial: gatehouse config reload --confirm-within 10m"};
  }
  auto removed = file_.remove();
  if (!removed) co_return removed.error();
  end_trial();
  parts_.log.write(Level::info, "the configuration was confirmed: " + parts_.revision);
  bell_.ring();
  co_return R"({"revision":")" + parts_.revision + R"("})";
}

Task<Result<void>> ConfigSide::take_back(std::string why) {
  const Flag busy(busy_);
  if (held_->tried == held_->previous) {
    parts_.log.write(Level::info, "a trial of what was in force already has ended: " + why);
    end_trial();
    co_return Result<void>{};
  }
  held_->why = std::move(why);
  parts_.log.write(Level::error, "the configuration on trial is taken back: " + held_->why);
  // The file says so already, in effect: a restart from here on comes back with the old one.
  auto kept = file_.write(*held_);
  if (!kept) parts_.log.write(Level::error, kept.error().detail);
  auto previous = std::move(running_->previous);
  running_.reset();
  auto exchanging = parts_.exchange(std::move(previous), held_->previous);
  auto certificate = co_await std::move(exchanging);
  static_cast<void>(certificate);  // told by its own alert
  parts_.note({.actor = "gateway",
               .action = "config.rollback",
               .target = held_->tried,
               .outcome = "done",
               .detail = why_json(held_->why)});
  tell_taken_back(true);
  co_return Result<void>{};
}

void ConfigSide::tell_taken_back(bool anew) {
  parts_.log.write(Level::error, "in force is the configuration of before, " + held_->previous +
                                     "; the files hold one that was taken back: " + held_->why);
  parts_.alerts.raise({.kind = "config",
                       .subject = "trial",
                       .detail = "the configuration in the files (" + held_->tried +
                                 ") was taken back: " + held_->why + "; in force is the one of before",
                       .hint = "mend the files, then try them again: gatehouse config reload "
                               "--confirm-within 10m"},
                      anew);
}

void ConfigSide::describe(GatewayState& state) const {
  std::error_code none;  // a current directory that is gone leaves the path as it was given
  state.config_file = std::filesystem::absolute(parts_.config_path, none).string();
  if (none) state.config_file = parts_.config_path;
  state.reload_error = reload_error_;
  if (!held_) return;
  state.held_config = HeldConfigView{.tried = held_->tried,
                                     .previous = held_->previous,
                                     .until = held_->until,
                                     .taken_back = running_ ? std::nullopt : std::optional(held_->why)};
}

Task<Result<std::string>> ConfigSide::preview(std::string yaml) {
  ConfigPreview looking(parts_.preview);
  auto answer = co_await looking.look(std::move(yaml));
  co_return answer;
}

}  // namespace gatehouse
