#include "daemon/certificate_watch.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "connectors/https/certificate_facts.hpp"
#include "connectors/https/origin.hpp"
#include "daemon/core/certificate_term.hpp"

namespace gatehouse {
namespace {

/// A pin stands in place of chain, name and date (contract §2): when such a certificate ends is nobody's
/// care.
bool looks_at(const Integration& one) {
  return one.kind == IntegrationKind::net2 && one.enabled && one.net2.tls.pins.empty();
}

constexpr Duration certificates_every = std::chrono::minutes(10);
constexpr Duration look_at_server_every = std::chrono::hours(6);
constexpr std::uint16_t default_net2_port = 8443;  // net2-api.md §1
constexpr Duration server_may_take = std::chrono::seconds(10);

std::string server_subject(const std::string& integration) {
  return integration + " server";
}

/// Of a bundle the one that lasts longest: old authorities stay in such files beside their successors.
std::optional<CertificateFacts> longest(const std::string& path) {
  auto all = read_certificate_file(path);
  if (!all) return std::nullopt;  // whoever needs the file says that it cannot be read
  return *std::ranges::max_element(*all, {}, &CertificateFacts::not_after);
}

}  // namespace

Task<void> CertificateWatch::loop(Pulse& /*pulse*/) {
  for (;;) {
    co_await round();
    const bool rung = co_await bell_.wait(certificates_every);
    if (rung) looked_at_.clear();
  }
}

Task<void> CertificateWatch::round() {
  // A clock that is wrong would have every certificate end.
  if (parts_.clock.quality() != ClockQuality::ok) co_return;
  tell_all();
  co_await look_at_servers();
  tell_all();
  forget_others();
}

std::vector<CertificateWatch::Seen> CertificateWatch::files() const {
  std::vector<Seen> all;
  const auto add = [&all](std::string subject, const std::string& what, const std::string& path) {
    const auto facts = longest(path);
    if (facts)
      all.push_back({std::move(subject), what + " (" + facts->subject + ", " + path + ")", facts->not_after});
  };
  const auto& settings = parts_.settings;
  if (settings.cloud) {
    const auto& tls = settings.cloud->tls;
    add("cloud.tls.ca", "the authority that vouches for the broker", tls.ca);
    const auto own = parts_.own();
    if (tls.cert && own) {
      all.push_back({"cloud.tls.cert", "the gateway's certificate (" + own->subject + ", " + *tls.cert + ")",
                     own->not_after});
    } else if (tls.cert) {
      auto chain = read_certificate_file(*tls.cert);
      if (chain)
        all.push_back({"cloud.tls.cert",
                       "the gateway's certificate (" + chain->front().subject + ", " + *tls.cert + ")",
                       chain->front().not_after});
    }
  }
  if (settings.lan_api) {
    auto chain = read_certificate_file(settings.lan_api->cert);
    if (chain)
      all.push_back(
          {"lan_api.tls.cert",
           "the LAN interface's certificate (" + chain->front().subject + ", " + settings.lan_api->cert + ")",
           chain->front().not_after});
  }
  for (const auto& integration : settings.integrations) {
    const auto& tls = integration.net2.tls;
    if (integration.kind == IntegrationKind::net2 && integration.enabled && tls.ca && tls.pins.empty())
      add(integration.id.value() + " tls.ca", "the authority that vouches for " + integration.name, *tls.ca);
  }
  return all;
}

/// Seldom, and without a word of HTTP. One that does not answer is asked again in the next round; what was
/// seen of it before stays true.
Task<void> CertificateWatch::look_at_servers() {
  std::erase_if(servers_, [this](const auto& server) {
    return std::ranges::none_of(parts_.settings.integrations, [&](const Integration& one) {
      return one.id.value() == server.first && looks_at(one);
    });
  });
  for (const auto& integration : std::vector<Integration>(parts_.settings.integrations)) {
    const auto id = integration.id.value();
    if (!looks_at(integration)) continue;
    const auto now = parts_.clock.uptime();
    const auto key = id + ' ' + integration.net2.url;
    const auto last = looked_at_.find(key);
    if (last != looked_at_.end() && now - last->second < look_at_server_every) continue;
    auto origin = parse_origin(integration.net2.url, default_net2_port);
    if (!origin) continue;
    const auto mine = co_await boost::asio::this_coro::executor;
    const LongWait waiting(mine, server_may_take);
    auto looking = look_at_server(*origin, integration.net2.tls.server_name.value_or(""), server_may_take);
    auto facts = co_await std::move(looking);
    if (!facts) continue;
    looked_at_[key] = parts_.clock.uptime();
    servers_.insert_or_assign(
        id, Seen{server_subject(id), "the certificate of " + integration.name + " (" + facts->subject + ")",
                 facts->not_after});
  }
}

void CertificateWatch::tell_all() {
  ending_.clear();
  ends_.clear();
  for (const auto& seen : files()) tell(seen);
  for (const auto& [integration, seen] : servers_) tell(seen);
}

std::vector<EndingCertificate> CertificateWatch::ending() const {
  std::vector<EndingCertificate> all;
  all.reserve(ending_.size());
  for (const auto& [subject, one] : ending_) all.push_back(one);
  std::ranges::sort(all, {}, &EndingCertificate::not_after);
  return all;
}

void CertificateWatch::tell(const Seen& seen) {
  const auto now = parts_.clock.now();
  const auto stage = certificate_stage(seen.not_after, now);
  ends_.insert_or_assign(seen.subject, seen.not_after);
  if (stage == CertificateStage::good) {
    parts_.alerts.over("certificate", seen.subject);
    return;
  }
  const EndingCertificate one{.subject = seen.subject,
                              .detail = certificate_detail(seen.what, seen.not_after, now),
                              .hint = certificate_hint(stage),
                              .not_after = seen.not_after};
  ending_.insert_or_assign(one.subject, one);
  parts_.alerts.raise(
      {.kind = "certificate", .subject = one.subject, .detail = one.detail, .hint = one.hint});
}

/// Nobody speaks for a certificate that is not configured any more.
void CertificateWatch::forget_others() const {
  std::vector<std::string> subjects{"cloud.tls.cert renewal"};  // CloudIdentity's
  const auto& settings = parts_.settings;
  if (settings.cloud) {
    subjects.emplace_back("cloud.tls.ca");
    if (settings.cloud->tls.cert) subjects.emplace_back("cloud.tls.cert");
  }
  if (settings.lan_api) subjects.emplace_back("lan_api.tls.cert");
  for (const auto& integration : settings.integrations) {
    if (integration.kind != IntegrationKind::net2 || !integration.enabled) continue;
    subjects.push_back(server_subject(integration.id.value()));
    if (integration.net2.tls.pins.empty()) subjects.push_back(integration.id.value() + " tls.ca");
  }
  parts_.alerts.over_but_for("certificate", subjects);
}

}  // namespace gatehouse
