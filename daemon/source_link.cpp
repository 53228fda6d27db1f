#include "daemon/source_link.hpp"

#include <filesystem>
#include <random>

#include "connectors/feed/feed_directory.hpp"
#include "connectors/net2/net2_source.hpp"
#include "connectors/signalr/live_feed.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

Result<Net2Credentials> read_credentials(const Net2Server& server) {
  auto password = read_secret(server.password);
  if (!password) return within("password", password.error());
  auto client_id = read_secret(server.client_id);
  if (!client_id) return within("client_id", client_id.error());
  return Net2Credentials{
      .username = server.username, .password = std::move(*password), .client_id = std::move(*client_id)};
}

/// Tells whether the secrets have changed, and nothing about them.
std::uint64_t hash_of(const Net2Credentials& credentials) {
  static const std::uint64_t salt = std::random_device{}();
  return hash_text(credentials.client_id, hash_text(credentials.password, salt));
}

std::shared_ptr<const TimeZone> zone_by_name(const std::string& iana) {
  auto zone = load_zone(iana);
  return zone ? *zone : nullptr;
}

/// While another server answers at the address: whatever its doors are called, they are not those we know.
class NobodysDoors final : public DoorControl {
 public:
  Task<DoorAnswer> command(DoorOrder /*order*/) override {
    co_return DoorAnswer{DoorCommandState::failed,
                         "another Net2 server answers at this address: see gatehouse integration list"};
  }
};

}  // namespace

struct SourceLink::Net2 {
  std::unique_ptr<Net2Link> source;
  std::unique_ptr<LiveFeed> feed;
  std::unique_ptr<Exporter> exporter;
};

SourceLink::SourceLink(const Integration& settings, const std::vector<SiteId>& all_sites, Parts parts)
    : settings_(settings),
      all_sites_(all_sites),
      parts_(std::move(parts)),
      loops_(parts_.executor, parts_.clock, parts_.log) {
  if (!settings_.enabled) return;
  if (settings_.kind == IntegrationKind::net2) make_net2();
  if (settings_.kind == IntegrationKind::feed) make_feed();
}

PeopleSync::Parts SourceLink::people_parts(PeopleSource& source) {
  return {.executor = parts_.executor,
          .worker = parts_.worker,
          .source = source,
          .directory = parts_.directory,
          .issues = parts_.issues,
          .plans = parts_.plans,
          .people = parts_.people,
          .turn = parts_.turn,
          .clock = parts_.clock,
          .alerts = parts_.alerts,
          .zone = parts_.zone,
          .fold = unicode_fold(),
          .tell_issues = parts_.tell_issues,
          .poll = {},
          .exporter = adapters_ ? adapters_->exporter.get() : nullptr,
          .before_read = {},
          .news = parts_.news,
          .changed = {},
          .passed = [this](bool full) { parts_.witness.on_pass(full); },
          .proved = [this](Uptime at) { parts_.witness.on_proved(settings_.id, at); },
          .tallies = parts_.tallies};
}

void SourceLink::make_net2() {
  auto credentials = read_credentials(settings_.net2);
  if (!credentials) {
    unready_ = credentials.error();
    return;
  }
  secrets_ = hash_of(*credentials);
  Net2Options options;
  // A call to a door may outlive this link.
  options.note = [id = settings_.id, &api_log = parts_.api_log](ApiCall call) {
    call.integration = id;
    api_log.note(std::move(call));
  };
  auto source = make_net2_source(parts_.executor, parts_.worker, settings_.net2, std::move(*credentials),
                                 parts_.clock, parts_.log, std::move(options));
  if (!source) {
    unready_ = source.error();
    return;
  }
  adapters_ = std::make_shared<Net2>();
  adapters_->source = std::move(*source);
  auto& link = *adapters_->source;
  auto feed = make_live_feed(parts_.executor, settings_.net2,
                             {.get = [&link] { return link.token(); },
                              .drop = [&link](const std::string& token) { link.drop_token(token); }},
                             parts_.log);
  if (!feed) {
    unready_ = feed.error();
    return;
  }
  adapters_->feed = std::move(*feed);
  adapters_->exporter = std::make_unique<Exporter>(settings_, Exporter::Parts{.source = link,
                                                                              .writer = link.writer(),
                                                                              .store = parts_.exports,
                                                                              .issues = parts_.issues,
                                                                              .plans = parts_.plans,
                                                                              .people = parts_.people,
                                                                              .clock = parts_.clock,
                                                                              .log = parts_.log,
                                                                              .worker = parts_.worker,
                                                                              .fold = unicode_fold(),
                                                                              .news = parts_.news});
  net2_ =
      std::make_unique<Net2Integration>(settings_, all_sites_,
                                        Net2Integration::Parts{.executor = parts_.executor,
                                                               .source = *adapters_->source,
                                                               .feed = *adapters_->feed,
                                                               .events = parts_.events,
                                                               .directory = parts_.directory,
                                                               .clock = parts_.clock,
                                                               .log = parts_.log,
                                                               .alerts = parts_.alerts,
                                                               .audit = parts_.audit,
                                                               .board = parts_.board,
                                                               .news = parts_.news,
                                                               .status_changed = parts_.status_changed,
                                                               .witness = &parts_.witness,
                                                               .zones = zone_by_name,
                                                               .people = people_parts(*adapters_->source)});
}

/// Of a feed that only the LAN interface brings. Empty where there is no place for it.
std::string SourceLink::lan_directory() const {
  if (parts_.feeds.empty()) return {};
  const std::filesystem::path directory = std::filesystem::path(parts_.feeds) / settings_.id.value();
  std::error_code error;  // what is not there is named by who opens it
  std::filesystem::create_directories(directory, error);
  return directory.string();
}

void SourceLink::make_feed() {
  auto directory = settings_.feed.directory ? *settings_.feed.directory : lan_directory();
  if (directory.empty()) return;
  auto inlet =
      FeedDirectory::open(parts_.executor, parts_.worker, std::move(directory), parts_.clock, parts_.log);
  if (!inlet) {
    unready_ = inlet.error();
    return;
  }
  inlet_ = std::move(*inlet);
  const FeedInlet from{.take_next = [this] { return inlet_->take_next(); },
                       .wait_for_change = [this](Duration limit) { return inlet_->wait_for_change(limit); }};
  feed_ = std::make_unique<FeedIntegration>(settings_, all_sites_,
                                            FeedIntegration::Parts{.inlet = from,
                                                                   .clock = parts_.clock,
                                                                   .log = parts_.log,
                                                                   .alerts = parts_.alerts,
                                                                   .status_changed = parts_.status_changed,
                                                                   .people = people_parts(*inlet_)});
}

SourceLink::~SourceLink() = default;

bool SourceLink::current() const {
  if (unready_) return false;
  if (!adapters_) return true;
  if (status().judged.state == IntegrationState::unauthenticated) return false;
  auto now = read_credentials(settings_.net2);
  return now && hash_of(*now) == secrets_;
}

PeopleSync* SourceLink::people() {
  if (switched_ == Switch::off || switched_ == Switch::removed) return nullptr;
  if (net2_) return &net2_->people();
  return feed_ ? &feed_->people() : nullptr;
}

std::shared_ptr<DoorControl> SourceLink::doors() {
  if (switched_ == Switch::off || switched_ == Switch::removed || !net2_) return nullptr;
  if (net2_->other_server()) return std::make_shared<NobodysDoors>();
  return {adapters_, &adapters_->source->doors()};
}

void SourceLink::start(Switch switched) {
  switched_ = switched;
  if (switched == Switch::off || switched == Switch::removed) {
    parts_.alerts.over("integration", settings_.id.value());
    return;
  }
  if (auto* those = people(); those != nullptr && switched == Switch::paused) those->set_paused(true);
  if (net2_) net2_->start(loops_);
  if (feed_) feed_->start(loops_);
  if (!net2_ && !feed_ && !unready_) parts_.alerts.over("integration", settings_.id.value());  // not in use
  if (!unready_) return;
  parts_.log.write(Level::error, "nothing is read: " + unready_->detail,
                   {{"INTEGRATION", settings_.id.value()}});
  const auto now = status();
  parts_.alerts.raise({.kind = "integration",
                       .subject = settings_.id.value(),
                       .detail = now.judged.detail,
                       .hint = now.judged.hint});
}

IntegrationStatus SourceLink::status() const {
  const bool runs = switched_ != Switch::off && switched_ != Switch::removed;
  if (net2_ && runs) return net2_->status();
  if (feed_ && runs) return feed_->status();
  IntegrationFacts facts;
  facts.enabled = settings_.enabled;
  facts.switched = switched_;
  const bool net2 = settings_.kind == IntegrationKind::net2;
  facts.authenticated_once = !net2;
  if (unready_)
    facts.people_fault = Error{net2 ? Errc::unauthenticated : Errc::unreachable, unready_->detail};
  IntegrationStatus status;
  status.id = settings_.id.value();
  status.name = settings_.name;
  status.kind = settings_.kind == IntegrationKind::net2 ? "net2" : "feed";
  status.judged = judge(facts);
  if (unready_)
    status.judged.hint = "mend what is named, then reload the configuration (gatehouse config reload)";
  return status;
}

}  // namespace gatehouse
