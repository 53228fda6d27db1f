#include "daemon/check_up_probes.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "connectors/https/certificate_facts.hpp"
#include "connectors/https/server_probe.hpp"
#include "connectors/jose/command_keys.hpp"
#include "connectors/net2/net2_probe.hpp"
#include "daemon/host/system_clock.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/policy_check.hpp"
#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

constexpr std::uint32_t pages_at_a_time = 256;  ///< one or two milliseconds of the store's thread

bool uses_custom_fields(const Sync& sync) {
  const auto custom = [](const std::string& field) { return field.find(':') != std::string::npos; };
  if (sync.to_net2.mode != ExportMode::off && custom(sync.to_net2.owner_field)) return true;
  for (const auto& [target, field] : sync.fields) {
    if (custom(field)) return true;
  }
  return false;
}

/// What keeps us from using a directory; empty where nothing does.
std::string folder_trouble(const std::string& path, bool& missing) {
  struct stat facts{};
  missing = ::stat(path.c_str(), &facts) != 0;
  if (missing) return "it is not there";
  if (!S_ISDIR(facts.st_mode)) return "it is no directory";
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) return "user gatehouse may not read and write there";
  return {};
}

/// The fault of a file that the configuration's own check has named already.
bool named_in(const std::vector<std::string>& faults, const std::string& path) {
  return std::ranges::any_of(faults,
                             [&](const auto& fault) { return fault.find(path) != std::string::npos; });
}

template <typename Probe>
void note_secret(HostEvidence& host, const std::string& subject, const char* key, const Probe& secret) {
  auto read = read_secret(secret);
  if (!read) host.secrets.push_back({.subject = subject, .key = key, .detail = read.error().detail});
}

}  // namespace

Task<Net2Evidence> LiveProbes::look_at_net2(Integration integration, Duration limit) {
  const auto io = co_await boost::asio::this_coro::executor;
  Net2ProbeTask task;
  task.server = integration.net2;
  auto password = read_secret(integration.net2.password);
  auto client_id = read_secret(integration.net2.client_id);
  if (password && client_id) {  // else look_at_host names it
    task.credentials = Net2Credentials{.username = integration.net2.username,
                                       .password = std::move(*password),
                                       .client_id = std::move(*client_id)};
  }
  const auto& sync = integration.sync;
  task.needs_departments = sync.group_by == GroupBy::department;
  task.needs_access_levels = sync.group_by == GroupBy::access_level || sync.to_net2.mode != ExportMode::off;
  task.needs_custom_fields = uses_custom_fields(sync);
  task.note = [id = integration.id, &api_log = parts_.api_log](ApiCall call) {
    call.integration = id;
    api_log.note(std::move(call));
  };
  auto seen = co_await probe_net2(io, std::move(task), parts_.clock, limit);
  co_return seen;
}

Task<CloudEvidence> LiveProbes::look_at_cloud(Cloud cloud, Duration limit) {
  CloudEvidence evidence;
  ProbeTarget target;
  target.origin = {.host = cloud.host, .port = cloud.port};
  target.trust.ca = cloud.tls.ca;
  target.alpn = cloud.tls.alpn;
  if (cloud.proxy) target.proxy = Origin{.host = cloud.proxy->host, .port = cloud.proxy->port};
  bool complete = true;
  if (cloud.tls.cert) {
    auto own = read_certificate_file(*cloud.tls.cert);
    if (own) {
      evidence.own = shown(own->front());
      target.certificate_file = cloud.tls.cert;
    } else {
      evidence.own_unreadable = own.error();
      complete = false;
    }
  }
  if (cloud.tls.key) {
    auto key = read_secret(*cloud.tls.key);
    complete = complete && key.ok();
    if (key) target.key_pem = std::move(*key);
  }
  if (!complete) target.certificate_file.reset();  // so that the rest of the way is looked at all the same
  auto contact = co_await probe_server(std::move(target), limit);
  const bool only_ours =
      contact.trouble == ContactTrouble::own_missing || contact.trouble == ContactTrouble::own_unwanted;
  if (complete || !only_ours) evidence.contact = std::move(contact);
  auto* link = parts_.cloud();
  evidence.connected = link != nullptr && link->connected();
  if (link != nullptr && link->last_failure()) {
    evidence.last_failure = link->last_failure()->why;
    evidence.failed_ago = parts_.clock.uptime() - link->last_failure()->at;
  }
  co_return evidence;
}

Task<DatabaseLook> LiveProbes::look_at_database(Duration limit) {
  DatabaseLook look;
  const auto began = parts_.clock.uptime();
  for (std::uint32_t next = 1; next != 0;) {
    if (parts_.clock.uptime() - began > limit) {
      look.outcome = DatabaseLook::Outcome::unfinished;
      co_return look;
    }
    auto looked = co_await parts_.store.look_at_pages(next, pages_at_a_time);
    if (!looked) {
      look.outcome = DatabaseLook::Outcome::damaged;
      look.detail = looked.error().detail;
      co_return look;
    }
    look.pages = *looked == 0 ? look.pages : *looked - 1;
    next = *looked;
  }
  look.outcome = DatabaseLook::Outcome::sound;
  co_return look;
}

HostEvidence LiveProbes::look_at_host() {
  HostEvidence host;
  look_at_clock(host);
  look_at_disk(host);
  look_at_files(host);
  look_at_secrets(host);
  const auto now = parts_.gateway.state();
  host.reload_error = now.reload_error.value_or("");
  host.config_changed = host.config_changed && host.reload_error.empty();
  host.late_loops = now.late_loops;
  if (now.outbox) {
    for (const auto pending : now.outbox->pending) host.waiting += pending;
    host.waiting_bytes = now.outbox->bytes;
    host.dead_letters = now.outbox->dead;
    if (now.outbox->oldest) host.oldest_waiting = now.now - *now.outbox->oldest;
  } else {
    host.store_trouble = "it gave no answer when it was asked last";
  }
  return host;
}

void LiveProbes::look_at_clock(HostEvidence& host) const {
  const HostTime machine;
  host.clock_trusted = parts_.clock.quality() == ClockQuality::ok;
  host.clock_needs_ntp = parts_.settings.gateway.clock == ClockTrust::ntp;
  host.clock_disciplined = machine.synchronised();
  const Duration behind = parts_.clock.now() - machine.wall();
  if (behind > std::chrono::seconds(1)) host.clock_behind = behind;
  host.cloud_ahead = parts_.access.cloud_clock_ahead();
}

void LiveProbes::look_at_disk(HostEvidence& host) const {
  host.state_dir = parts_.state_dir;
  struct stat facts{};
  if (::stat(parts_.state_dir.c_str(), &facts) != 0) {
    host.state_trouble = "it is not there";
  } else if (::access(parts_.state_dir.c_str(), R_OK | W_OK | X_OK) != 0) {
    host.state_trouble = "user gatehouse may not write there";
  } else {
    host.state_open_to_others = (facts.st_mode & (S_IROTH | S_IWOTH | S_IXOTH)) != 0;
  }
  struct statvfs room{};
  if (::statvfs(parts_.state_dir.c_str(), &room) == 0) {
    if ((room.f_flag & ST_RDONLY) != 0) host.state_trouble = "its disk is mounted read-only";
    host.free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
  }
  const auto limits = parts_.settings.cloud ? parts_.settings.cloud->outbox : OutboxLimits{};
  host.min_free = limits.min_free;
  host.max_bytes = limits.max_bytes;
  host.full_below = SpaceOptions{}.floor;
}

void LiveProbes::look_at_files(HostEvidence& host) const {
  host.config_path = parts_.config_path;
  Loaded loaded = load_settings(parts_.config_path);
  check_policy(loaded, load_zone);
  for (const auto& fault : loaded.faults) host.config_faults.push_back(to_string(fault));
  host.config_changed = loaded.faults.empty() && loaded.revision != parts_.gateway.state().config_revision;
  if (parts_.settings.cloud) {
    auto keys = load_command_keys(parts_.settings.cloud->command_keys);
    if (!keys && !named_in(host.config_faults, parts_.settings.cloud->command_keys))
      host.command_keys = keys.error();
  }
  if (parts_.settings.lan_api) {
    auto certificate = read_certificate_file(parts_.settings.lan_api->cert);
    if (certificate) {
      host.lan_certificate = shown(certificate->front());
    } else {
      host.lan_trouble = certificate.error().detail;
    }
  }
  for (const auto& integration : parts_.settings.integrations) {
    if (!integration.enabled || !integration.feed.directory || integration.kind != IntegrationKind::feed)
      continue;
    FeedFolderLook look{.integration = integration.id.value(), .directory = *integration.feed.directory};
    look.trouble = folder_trouble(look.directory, look.missing);
    host.feeds.push_back(std::move(look));
  }
}

void LiveProbes::look_at_secrets(HostEvidence& host) const {
  for (const auto& integration : parts_.settings.integrations) {
    if (!integration.enabled || integration.kind != IntegrationKind::net2) continue;
    note_secret(host, integration.id.value(), "password", integration.net2.password);
    note_secret(host, integration.id.value(), "client_id", integration.net2.client_id);
  }
  if (const auto& cloud = parts_.settings.cloud) {
    if (cloud->tls.key) note_secret(host, "cloud", "cloud.tls.key", *cloud->tls.key);
    if (cloud->password) note_secret(host, "cloud", "cloud.password", *cloud->password);
  }
  if (parts_.settings.lan_api) note_secret(host, "gateway", "lan_api.tls.key", parts_.settings.lan_api->key);
}

}  // namespace gatehouse
