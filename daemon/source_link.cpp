#include "daemon/source_link.hpp"

#include <random>

#include "connectors/net2/net2_source.hpp"
#include "connectors/signalr/live_feed.hpp"
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

}  // namespace

struct SourceLink::Net2 {
  std::unique_ptr<Net2Link> source;
  std::unique_ptr<LiveFeed> feed;
};

SourceLink::SourceLink(const Integration& settings, const std::vector<SiteId>& all_sites, Parts parts)
    : settings_(settings),
      all_sites_(all_sites),
      parts_(std::move(parts)),
      loops_(parts_.executor, parts_.clock, parts_.log) {
  if (settings_.kind != IntegrationKind::net2 || !settings_.enabled) return;
  auto credentials = read_credentials(settings_.net2);
  if (!credentials) {
    unready_ = credentials.error();
    return;
  }
  secrets_ = hash_of(*credentials);
  auto source = make_net2_source(parts_.executor, parts_.worker, settings_.net2, std::move(*credentials),
                                 parts_.clock, parts_.log);
  if (!source) {
    unready_ = source.error();
    return;
  }
  adapters_ = std::make_unique<Net2>();
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
  net2_ = std::make_unique<Net2Integration>(settings_, all_sites_,
                                            Net2Integration::Parts{.executor = parts_.executor,
                                                                   .source = *adapters_->source,
                                                                   .feed = *adapters_->feed,
                                                                   .events = parts_.events,
                                                                   .directory = parts_.directory,
                                                                   .clock = parts_.clock,
                                                                   .log = parts_.log,
                                                                   .alerts = parts_.alerts,
                                                                   .board = parts_.board,
                                                                   .news = parts_.news,
                                                                   .status_changed = parts_.status_changed});
}

SourceLink::~SourceLink() = default;

bool SourceLink::current() const {
  if (unready_) return false;
  if (!adapters_) return true;
  auto now = read_credentials(settings_.net2);
  return now && hash_of(*now) == secrets_;
}

void SourceLink::start() {
  if (net2_) net2_->start(loops_);
  if (!unready_) return;
  parts_.log.write(Level::error, "nothing talks to Net2: " + unready_->detail,
                   {{"INTEGRATION", settings_.id.value()}});
  const auto now = status();
  parts_.alerts.raise({.kind = "integration",
                       .subject = settings_.id.value(),
                       .detail = now.judged.detail,
                       .hint = now.judged.hint});
}

IntegrationStatus SourceLink::status() const {
  if (net2_) return net2_->status();
  IntegrationFacts facts;
  facts.enabled = settings_.enabled;
  if (unready_) facts.events_fault = Error{Errc::unauthenticated, unready_->detail};
  IntegrationStatus status;
  status.id = settings_.id.value();
  status.name = settings_.name;
  status.kind = settings_.kind == IntegrationKind::net2 ? "net2" : "feed";
  status.judged = judge(facts);
  if (settings_.kind == IntegrationKind::feed && settings_.enabled) {
    status.judged.hint = "this version of gatehouse does not read feeds";
  }
  if (unready_)
    status.judged.hint = "mend what is named, then reload the configuration (gatehouse config reload)";
  return status;
}

}  // namespace gatehouse
