#include "daemon/door_side.hpp"

#include <utility>

#include "connectors/json/read_roster_args.hpp"
#include "connectors/json/read_sign_in_args.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/policy_check.hpp"

namespace gatehouse {
namespace {

constexpr Duration commands_may_take = std::chrono::milliseconds(500);
constexpr Duration audits_may_take = std::chrono::milliseconds(300);

Result<LoadedPolicy> policy_from(const std::string& yaml) {
  auto loaded = load_settings_text(yaml, "the configuration");
  if (!loaded.settings) {
    std::string faults;
    for (const auto& fault : loaded.faults) faults += (faults.empty() ? "" : "\n") + to_string(fault);
    return Error{Errc::invalid, faults};
  }
  auto zones = load_site_zones(*loaded.settings, load_zone);
  if (!zones) return zones.error();
  LoadedPolicy policy;
  policy.settings = std::move(*loaded.settings);
  policy.zones = std::move(*zones);
  return policy;
}

}  // namespace

DoorSide::DoorSide(Parts parts)
    : parts_(std::move(parts)),
      line_(parts_.settings, parts_.cloud_connected),
      desk_({.executor = parts_.executor,
             .store = parts_.store,
             .knowledge = parts_.store,
             .yard = line_,
             .alerts = parts_.alerts,
             .clock = parts_.clock,
             .log = parts_.log,
             .fold = unicode_fold(),
             .news = parts_.news,
             .status_changed = parts_.status_changed,
             .tallies = parts_.tallies}),
      audits_(parts_.executor, parts_.clock, parts_.log),
      invitations_({.executor = parts_.executor,
                    .store = parts_.store,
                    .clock = parts_.clock,
                    .log = parts_.log,
                    .news = parts_.news}),
      loops_(parts_.executor, parts_.clock, parts_.log) {
  parts_.store.tell_changes(desk_);
}

DoorSide::~DoorSide() = default;

void DoorSide::join(SourceYard& sources, Console& console) {
  sources_ = &sources;
  line_.join(sources, desk_, invitations_);
  verbs_ = std::make_unique<AccessConsole>(
      AccessConsole::Parts{.desk = desk_,
                           .store = parts_.store,
                           .knowledge = parts_.store,
                           .audit = parts_.store,
                           .people = parts_.store,
                           .queries = parts_.store,
                           .gateway = parts_.gateway,
                           .clock = parts_.clock,
                           .zone = [this]() -> std::shared_ptr<const TimeZone> {
                             auto zone = load_zone(parts_.settings.gateway.timezone);
                             return zone ? *zone : nullptr;
                           },
                           .load_policy = policy_from,
                           .news = parts_.news});
  commands_ = std::make_unique<CommandDesk>(CommandDesk::Parts{
      .executor = parts_.executor,
      .store = parts_.store,
      .audit = parts_.store,
      .people = parts_.store,
      .verifier = verifier_,
      .doors = {
          .sign_in = [this](SignInRequest request) { return desk_.sign_in(std::move(request)); },
          .move_door = [this](DoorRequest request) { return desk_.move_door(std::move(request)); },
          .set_lockdown = [this](LockdownRequest request) { return desk_.set_lockdown(std::move(request)); },
          .find_person = [this](const PersonId& id) { return desk_.book().find(id); },
          .left_open = [this] { return desk_.left_open(); }},
      .roster = *this,
      .work = {.console = console,
               .plans = parts_.store,
               .invitations = parts_.store,
               .resend = {.queries = parts_.store,
                          .outbox = parts_.store,
                          .clock = parts_.clock,
                          .news = parts_.news}},
      .alerts = parts_.alerts,
      .clock = parts_.clock,
      .log = parts_.log,
      .epoch = parts_.epoch,
      .began = parts_.began,
      .news = parts_.news,
      .send = parts_.send,
      .tallies = parts_.tallies,
      .look_anew_at = [this](const Person& person) { sources_->look_anew_at(person); }});
  lan_ = std::make_unique<LanSide>(LanSide::Parts{
      .executor = parts_.executor,
      .worker = parts_.worker,
      .alerts = parts_.alerts,
      .desk = {.executor = parts_.executor,
               .store = parts_.store,
               .clock = parts_.clock,
               .log = parts_.log,
               .settings = parts_.settings,
               .feeds = parts_.feeds,
               .read_args = [](std::string_view json) { return read_sign_in_args(json); },
               .sign_in = [this](SignInRequest request) { return desk_.sign_in(std::move(request)); },
               .muster = [this](std::string site) { return verbs_->muster(std::move(site)); },
               .state = [this] { return parts_.gateway.state(); },
               .lockdown = [this] { return desk_.lockdown(); }}});
}

Task<void> DoorSide::load() {
  co_await desk_.load();
  co_await commands_->load();
}

Result<void> DoorSide::use(const std::string& revision) {
  auto zones = load_site_zones(parts_.settings, load_zone);
  if (!zones) return zones.error();
  desk_.use(parts_.settings, std::move(*zones), revision);
  commands_->use(parts_.settings);
  if (roster_ && parts_.settings.cloud) roster_->use(parts_.settings);
  if (started_) start_roster();
  lan_->look();
  return {};
}

void DoorSide::start() {
  started_ = true;
  desk_.start();
  loops_.start("commands", [this](Pulse& pulse) { return commands_->loop(pulse); });
  loops_.start("lan", [this](Pulse& pulse) { return lan_->loop(pulse); });
}

/// Once there is a cloud; its people stay known where the cloud is taken out of the configuration again.
void DoorSide::start_roster() {
  if (roster_ || !parts_.settings.cloud) return;
  roster_ = std::make_unique<RosterDesk>(
      parts_.settings, RosterDesk::Parts{.executor = parts_.executor,
                                         .worker = parts_.worker,
                                         .roster = parts_.store,
                                         .directory = parts_.store,
                                         .issues = parts_.store,
                                         .plans = parts_.store,
                                         .people = parts_.store,
                                         .turn = parts_.turn,
                                         .outbox = parts_.store,
                                         .alerts = parts_.alerts,
                                         .clock = parts_.clock,
                                         .log = parts_.log,
                                         .fold = unicode_fold(),
                                         .read = [](std::string_view json) { return read_roster_args(json); },
                                         .news = parts_.news,
                                         .proved =
                                             [this] {
                                               desk_.ages().proved(IntegrationId("cloud"));
                                               invitations_.on_pass(false);
                                             },
                                         .roster_changed = [this] { sources_->ring_exports(); },
                                         .status_changed = parts_.status_changed});
  loops_.start("roster", [this](Pulse& pulse) { return roster_->loop(pulse); });
}

Task<void> DoorSide::stop() {
  co_await loops_.stop();
  co_await lan_->stop();
  co_await invitations_.stop();
  co_await commands_->stop(commands_may_take);
  co_await desk_.stop();
  const bool written = co_await audits_.wait(audits_may_take);
  if (!written) parts_.log.write(Level::error, "rows of the audit could not be written before the end");
  co_await audits_.finish();
}

void DoorSide::note(AuditEntry entry) {
  audits_.start("audit", write(std::move(entry)));
}

Task<void> DoorSide::write(AuditEntry entry) {
  const std::string what = entry.actor + " " + entry.action + " " + entry.target + " " + entry.outcome;
  std::vector<AuditEntry> rows;
  rows.push_back(std::move(entry));
  auto noted = co_await parts_.store.note(std::move(rows), {});
  if (!noted) parts_.log.write(Level::error, "not in the audit: " + what + ": " + noted.error().detail);
}

void DoorSide::on_command(Incoming message) {
  commands_->take(message);
}

void DoorSide::on_cloud_up() {
  if (roster_) roster_->on_connected();
}

std::optional<std::string> DoorSide::roster_cursor() const {
  return roster_ ? roster_->cursor() : std::nullopt;
}

std::vector<std::string> DoorSide::late() const {
  auto late = loops_.late();
  const auto add = [&](std::vector<std::string> more) { late.insert(late.end(), more.begin(), more.end()); };
  add(desk_.late());
  add(commands_->late());
  add(invitations_.late());
  return late;
}

Task<Result<std::string>> DoorSide::put(std::string args, TakenCommand command, RosterFinish finish) {
  if (!roster_) co_return Error{Errc::refused, "bad_args: no cloud is configured"};
  auto taken = co_await roster_->put(std::move(args), std::move(command), std::move(finish));
  co_return taken;
}

}  // namespace gatehouse
