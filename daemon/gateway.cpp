#include "daemon/gateway.hpp"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "daemon/control/config_methods.hpp"
#include "daemon/core/known_past.hpp"
#include "daemon/host/resident_pages.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/settings/show_settings.hpp"
#include "daemon/version.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;

constexpr int exit_start_anew = 75;  ///< EX_TEMPFAIL (sysexits.h): the unit starts us again

/// All but the certificate and its key: what another needs a new link for.
bool same_link(const std::optional<Cloud>& now, const std::optional<Cloud>& next) {
  if (!now || !next) return !now && !next;
  Cloud other = *next;
  if (now->tls.cert.has_value() == other.tls.cert.has_value()) {
    other.tls.cert = now->tls.cert;
    other.tls.key = now->tls.key;
  }
  return *now == other;
}

}  // namespace

Daemon::Daemon(Base base)
    : base_(std::move(base)),
      log_(base_.log_level),
      gateway_name_(base_.settings.gateway.tenant + '/' + base_.settings.gateway.id),
      source_("/gatehouse/" + gateway_name_),
      epoch_(clock_.new_id()),
      began_(clock_.uptime()),
      started_(clock_.now()),
      board_(clock_, source_),
      state_bell_(io_.get_executor()),
      change_bell_(io_.get_executor()),
      stop_bell_(io_.get_executor()),
      reload_bell_(io_.get_executor()),
      loops_(io_.get_executor(), clock_, log_) {}

Daemon::~Daemon() {
  worker_.join();
}

Result<std::unique_ptr<Daemon>> Daemon::open(Base base) {
  std::unique_ptr<Daemon> gateway(new Daemon(std::move(base)));
  auto opened = gateway->open_store();
  if (!opened) return opened.error();
  return gateway;
}

Result<void> Daemon::open_store() {
  clock_.trust_only_ntp(base_.settings.gateway.clock == ClockTrust::ntp);
  const OutboxLimits defaults;
  auto store = Store::open({.directory = base_.state_dir, .source = source_, .fold = unicode_fold()}, clock_);
  if (!store) return store.error();
  store_ = std::move(*store);
  if (const auto& salvaged = store_->salvaged()) {
    log_.write(Level::error, "the store was damaged and has been salvaged: " + salvaged->why + "; about " +
                                 std::to_string(salvaged->lost()) +
                                 " rows are lost; the damaged files are in " + salvaged->quarantine.string());
  }
  clock_.never_before(store_->committed_floor());
  note_past(store_->committed_floor());
  store_->set_quota({.max_bytes = defaults.max_bytes, .min_free = defaults.min_free});
  alerts_ = std::make_unique<Alerts>(*store_, clock_, [this] { on_news(); });
  access_ = std::make_unique<DoorSide>(
      DoorSide::Parts{.executor = io_.get_executor(),
                      .worker = worker_.get_executor(),
                      .settings = base_.settings,
                      .store = *store_,
                      .turn = registry_turn_,
                      .clock = clock_,
                      .log = log_,
                      .alerts = *alerts_,
                      .gateway = *this,
                      .epoch = epoch_,
                      .feeds = base_.state_dir + "/feeds",
                      .began = began_,
                      .cloud_connected = [this] { return cloud_ && cloud_->connected(); },
                      .send =
                          [this](const Message& message) {
                            if (cloud_) cloud_->send(message);
                          },
                      .news = [this] { on_news(); },
                      .status_changed = [this] { on_status_changed(); },
                      .tallies = &tallies_});
  sources_ = std::make_unique<SourceYard>(SourceYard::Parts{.executor = io_.get_executor(),
                                                            .worker = worker_.get_executor(),
                                                            .settings = base_.settings,
                                                            .store = *store_,
                                                            .turn = registry_turn_,
                                                            .clock = clock_,
                                                            .log = log_,
                                                            .alerts = *alerts_,
                                                            .board = board_,
                                                            .api_log = api_log_,
                                                            .feeds = base_.state_dir + "/feeds",
                                                            .witness = access_->witness(),
                                                            .roster = [this] { return access_->roster(); },
                                                            .news = [this] { on_news(); },
                                                            .status_changed = [this] { on_status_changed(); },
                                                            .tallies = &tallies_});
  orphans_ = std::make_unique<OrphanWatch>(
      OrphanWatch::Parts{.queries = *store_, .switches = *store_, .alerts = *alerts_, .log = log_});
  sync_console_ = std::make_unique<SyncConsole>(SyncConsole::Parts{.queries = *store_,
                                                                   .plans = *store_,
                                                                   .issues = *store_,
                                                                   .people = *store_,
                                                                   .switches = *store_,
                                                                   .desk = *sources_,
                                                                   .api_log = api_log_,
                                                                   .clock = clock_,
                                                                   .log = log_,
                                                                   .news = [this] { on_news(); }});
  console_ = std::make_unique<ConsoleView>(*store_, *this, *sync_console_,
                                           DeadLetterDesk(*store_, [this] { on_news(); }), clock_);
  access_->join(*sources_, *console_);
  const auto watched = [this](const char* name, const asio::any_io_executor& thread) {
    const auto post = [thread](std::function<void()> word) { asio::post(thread, std::move(word)); };
    threads_.emplace_back(ThreadWatch::Parts{.name = name, .post = post}, clock_);
  };
  watched("thread store", store_->thread());
  watched("thread worker", worker_.get_executor());
  make_config_side();
  support_ = std::make_unique<SupportSide>(SupportSide::Parts{.executor = io_.get_executor(),
                                                              .worker = worker_.get_executor(),
                                                              .config_path = base_.config_path,
                                                              .settings = base_.settings,
                                                              .state_dir = base_.state_dir,
                                                              .store = *store_,
                                                              .clock = clock_,
                                                              .floored = clock_,
                                                              .log = log_,
                                                              .alerts = *alerts_,
                                                              .api_log = api_log_,
                                                              .tallies = tallies_,
                                                              .gateway = *this,
                                                              .sources = *sources_,
                                                              .access = *access_,
                                                              .cloud = [this] { return cloud_.get(); },
                                                              .news = [this] { on_news(); },
                                                              .restart =
                                                                  [this] {
                                                                    exit_status_ = exit_start_anew;
                                                                    stop_bell_.ring();
                                                                  }});
  auto more = support_->methods();
  for (auto& method : config_methods(*config_)) more.push_back(std::move(method));
  control_ = std::make_unique<ControlService>(
      io_.get_executor(), base_.settings.gateway.bus, base_.settings.gateway.polkit,
      ControlService::Parts{.console = *console_,
                            .access = access_->verbs(),
                            .more = std::move(more),
                            .audit = [this](AuditEntry entry) { access_->note(std::move(entry)); },
                            .log = log_});
  return access_->use(base_.revision);
}

int Daemon::run() {
  asio::co_spawn(io_, live(), [](const std::exception_ptr& broken) {
    if (broken) std::rethrow_exception(broken);  // a fault of ours: end, and be started anew
  });
  io_.run();
  // What matters is closed here; what is left may hang in a name look-up, which nobody can cancel.
  sources_->clear();
  cloud_.reset();
  control_.reset();
  support_.reset();
  config_.reset();
  access_.reset();
  store_.reset();
  return exit_status_;
}

/// What was raised by the daemon before this one, and what of that this start has mended by itself.
Task<void> Daemon::load_alerts() {
  auto known = co_await alerts_->load();
  if (!known) log_.write(Level::error, known.error().detail);
  config_->start();
  forget_orphaned_alerts();
}

/// Nobody speaks for an integration that is no longer configured, or for a cloud that is not.
void Daemon::forget_orphaned_alerts() {
  std::vector<std::string> integrations;
  integrations.reserve(base_.settings.integrations.size());
  for (const auto& integration : base_.settings.integrations) integrations.push_back(integration.id.value());
  alerts_->over_but_for("integration", integrations);
  integrations.push_back("cloud");  // the roster's issues
  alerts_->over_but_for("sync_issues", integrations);
  if (base_.settings.cloud) return;
  alerts_->over_but_for("roster_guard", {});
  alerts_->over_but_for("cloud", {});
  alerts_->over_but_for("broker_refuses", {});
}

/// From READY to the farewell.
Task<void> Daemon::live() {
  co_await load_alerts();
  co_await access_->load();
  access_->note({.actor = "gateway", .action = "gateway.start", .target = base_.revision, .outcome = "done"});
  loops_.start("signals", [this](Pulse& pulse) { return signal_loop(pulse); });
  loops_.start("reloads", [this](Pulse& pulse) { return reload_loop(pulse); });
  loops_.start("store", [this](Pulse& pulse) { return store_loop(pulse); });
  loops_.start("state", [this](Pulse& pulse) { return state_loop(pulse); });
  loops_.start("certificates", [this](Pulse& pulse) { return certificates_->loop(pulse); });
  loops_.start("config", [this](Pulse& pulse) { return config_->loop(pulse); });
  loops_.start("health", [this](Pulse& pulse) { return health_loop(pulse); });
  loops_.start("changes", [this](Pulse& pulse) { return change_loop(pulse); });
  loops_.start("watchdog", [this](Pulse& pulse) { return watchdog_loop(pulse); });
  control_->start();
  release_file_pages();  // of the store's opening
  ready_ = true;         // the store and the settings are good; the network may take its time
  board_.put(state_message(state(), clock_.new_id()));
  start_cloud();
  co_await take_up_work();
  log_.write(Level::info, "gatehouse " + std::string(version) + " is ready: " + gateway_name_);
  manager_.ready(status_line(state()));
  show_properties();
  release_file_pages();  // of the start
  co_await stop_bell_.wait();
  co_await stop_all();
}

void Daemon::start_cloud() {
  if (!base_.settings.cloud) return;
  identity_->use(base_.settings.cloud->tls);
  const auto& limits = base_.settings.cloud->outbox;
  store_->set_quota({.max_bytes = limits.max_bytes, .min_free = limits.min_free});
  cloud_ = std::make_unique<CloudLink>(
      base_.settings,
      CloudLink::Parts{.executor = io_.get_executor(),
                       .store = *store_,
                       .board = board_,
                       .alerts = *alerts_,
                       .clock = clock_,
                       .log = log_,
                       .identity = *identity_,
                       .gateway = gateway_name_,
                       .changed = [this] { on_cloud_changed(); },
                       .command = [this](Incoming message) { access_->on_command(std::move(message)); },
                       .tallies = &tallies_});
  cloud_->start();
}

/// What a crash left half done comes first: no source may be read in between.
Task<void> Daemon::take_up_work() {
  auto ended = co_await store_->end_interrupted_runs();
  if (!ended) log_.write(Level::error, "the runs of before could not be ended: " + ended.error().detail);
  access_->start_roster();
  auto resumed = co_await sync_console_->plan_desk().resume();
  if (!resumed) log_.write(Level::error, "a confirmed plan could not be finished: " + resumed.error().detail);
  co_await sources_->proceed();
  access_->start();
  support_->start();
}

Task<void> Daemon::stop_all() {
  manager_.stopping();
  log_.write(Level::info, "stopping");
  store_->hurry();
  co_await control_->stop();
  if (cloud_) cloud_->give_up_renewal();
  co_await config_->stop();
  co_await support_->stop();
  co_await access_->stop();
  co_await loops_.stop();
  co_await sources_->stop_all();
  co_await alerts_->tell();
  if (cloud_) {
    co_await cloud_->stop();
  }
  io_.stop();
}

// --- reload
// -------------------------------------------------------------------------------------------------

Task<Result<std::string>> Daemon::reload() {
  return config_->reload();
}

Task<Result<void>> Daemon::exchange(Settings next, std::string revision) {
  constexpr Duration longest = std::chrono::minutes(5);  // loops and connections are ended and begun
  const auto mine = co_await asio::this_coro::executor;
  const LongWait exchanging(mine, longest);
  const bool other_cloud = !same_link(base_.settings.cloud, next.cloud);
  if (other_cloud && cloud_) {
    co_await cloud_->stop();
    cloud_.reset();
  }
  co_await sources_->make_way(next);
  base_.settings = std::move(next);
  base_.revision = std::move(revision);
  clock_.trust_only_ntp(base_.settings.gateway.clock == ClockTrust::ntp);
  control_->set_polkit(base_.settings.gateway.polkit);
  forget_orphaned_alerts();
  auto used = access_->use(base_.revision);
  if (!used) log_.write(Level::error, "the policy of before stays in force: " + used.error().detail);
  identity_->use(base_.settings.cloud ? base_.settings.cloud->tls : CloudTls{});
  if (other_cloud) start_cloud();
  support_->use();
  co_await sources_->proceed();
  if (other_cloud || !cloud_) co_return Result<void>{};
  auto renewing = cloud_->renew(true);
  auto renewed = co_await std::move(renewing);
  if (!renewed) co_return renewed.error();
  co_return Result<void>{};
}

void Daemon::on_news() {
  facts_changed_ = true;
  change_bell_.ring();
  if (cloud_) cloud_->on_news();
}

void Daemon::on_cloud_changed() {
  if (cloud_ && cloud_->connected()) access_->on_cloud_up();
  on_status_changed();
}

void Daemon::on_status_changed() {
  status_changed_ = true;
  change_bell_.ring();
  state_bell_.ring();
}

void Daemon::show_properties() {
  const auto now = state();
  control_->set_properties({.version = std::string(version),
                            .ready = ready_,
                            .status = status_line(now),
                            .config_revision = base_.revision,
                            .reload_error = now.reload_error.value_or(""),
                            .cloud_connected = now.cloud_connected});
}

// --- what an operator can ask
// -------------------------------------------------------------------------------

GatewayState Daemon::state() const {
  GatewayState state;
  state.version = version;
  state.epoch = epoch_;
  state.uptime = clock_.uptime() - began_;
  state.started = started_;
  state.config_revision = base_.revision;
  config_->describe(state);
  state.certificates = certificates_->ending();
  state.certificate_ends = certificates_->ends();
  for (const auto& integration : base_.settings.integrations) {
    state.integrations.push_back(sources_->status_of(integration.id));
  }
  state.people = access_->desk().book().size();
  state.doors = doors().size();
  state.cloud_configured = cloud_ != nullptr;
  state.cloud_connected = cloud_ && cloud_->connected();
  if (cloud_) state.cloud_since = cloud_->since();
  if (const auto* roster = access_->roster()) {
    const auto waits = roster->waits();
    state.roster_issues = waits.issues;
    state.roster_withheld = waits.withheld;
  }
  state.outbox = outbox_;
  state.late_loops = late_loops();
  state.clock = clock_.quality();
  state.gateway = gateway_name_;
  state.ready = ready_;
  state.now = clock_.now();
  state.roster_cursor = access_->roster_cursor();
  state.lockdown = access_->lockdown();
  return state;
}

Task<GatewayState> Daemon::look() {
  auto report = co_await store_->outbox_report();
  outbox_ = report ? std::optional(*report) : std::nullopt;
  co_return state();
}

std::vector<DoorView> Daemon::doors() const {
  std::vector<DoorView> views;
  for (const auto& source : sources_->all()) {
    if (source->net2() == nullptr) continue;
    for (const auto& door : source->net2()->doors()) {
      DoorView view{.integration = source->settings().id,
                    .door = door,
                    .status = source->net2()->door_status(door.id),
                    .configured = std::nullopt};
      for (const auto& configured : base_.settings.doors) {
        if (configured.id.integration == view.integration && configured.id.number == door.id) {
          view.configured = configured;
        }
      }
      views.push_back(std::move(view));
    }
  }
  return views;
}

std::optional<Instant> Daemon::last_read(const IntegrationId& integration) const {
  const auto age = access_->ages().of(integration).age;
  return age ? std::optional(clock_.now() - *age) : std::nullopt;
}

Result<std::string> Daemon::effective_config(const std::string& format) const {
  if (format == "json") return effective_json(base_.settings);
  if (format == "yaml") return effective_yaml(base_.settings);
  return Error{Errc::invalid, "unknown format \"" + format + "\": yaml or json"};
}

}  // namespace gatehouse
