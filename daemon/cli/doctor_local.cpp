#include "daemon/cli/doctor_local.hpp"

#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "daemon/cli/state_directory.hpp"
#include "daemon/cli/unit_state.hpp"
#include "daemon/core/host_findings.hpp"
#include "daemon/host/system_clock.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/policy_check.hpp"
#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

constexpr char without_daemon[] =
    "nothing is read from Net2, nothing goes to the cloud, and nobody is let in by the gateway; cards at the "
    "doors go on working";

Finding unreachable(const std::string& why) {
  const auto end = why.find('\n');
  std::string fix = end == std::string::npos ? "systemctl start gatehouse" : why.substr(end + 1);
  for (char& c : fix) c = c == '\n' ? ' ' : c;
  return {.code = "daemon.unreachable",
          .subject = "gateway",
          .severity = Severity::fault,
          .what = why.substr(0, end),
          .why = without_daemon,
          .fix = std::move(fix)};
}

std::optional<Finding> unit_finding() {
  const auto unit = read_unit_state();
  if (!unit) return std::nullopt;
  Finding finding{.code = "unit.stopped",
                  .subject = "gateway",
                  .severity = Severity::fault,
                  .what = "systemd does not run it: " + unit->active + " (" + unit->result + ")",
                  .why = without_daemon,
                  .fix = "systemctl start gatehouse; if it stops again: journalctl -u gatehouse -e"};
  if (unit->loaded == "not-found") return std::nullopt;  // run by hand, or not installed here
  if (unit->active == "active") {
    finding.code = "unit.not_on_bus";
    finding.what = "systemd runs it, and yet it is not on this bus";
    finding.fix =
        "gateway.bus in the configuration must name this bus, and dbus must run: systemctl status dbus";
  } else if (unit->active == "failed") {
    finding.code = "unit.failed";
    finding.what = "it ended with status " + std::to_string(unit->exit_status) + " and was started again " +
                   std::to_string(unit->restarts) + " times; systemd has given up (" + unit->result + ")";
    finding.fix = unit->exit_status == 78
                      ? "its configuration has faults: mend them (see below, or gatehouse check), then "
                        "systemctl restart gatehouse"
                      : "journalctl -u gatehouse -e says why; then systemctl restart gatehouse";
  }
  return finding;
}

/// Whether some process holds the daemon's lock. Asked of the kernel: to try the lock would be in the way of
/// a daemon that starts just now.
bool is_locked(const std::string& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return false;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, mode, access, pid, place;
    words >> number >> kind >> mode >> access >> pid >> place;
    unsigned major_id = 0;
    unsigned minor_id = 0;
    unsigned long long inode = 0;
    if (std::sscanf(place.c_str(), "%x:%x:%llu", &major_id, &minor_id, &inode) != 3) continue;
    if (kind == "FLOCK" && inode == facts.st_ino && makedev(major_id, minor_id) == facts.st_dev) return true;
  }
  return false;
}

void look_at_disk(const std::string& directory, std::uint64_t min_free, HostEvidence& host) {
  host.state_dir = directory;
  host.min_free = min_free;
  struct stat facts{};
  if (::stat(directory.c_str(), &facts) != 0) {
    host.state_trouble = "it is not there";
  } else if ((facts.st_mode & S_IWUSR) == 0) {
    host.state_trouble = "its owner may not write there";
  } else {
    host.state_open_to_others = (facts.st_mode & (S_IROTH | S_IWOTH | S_IXOTH)) != 0;
  }
  struct statvfs room{};
  if (::statvfs(directory.c_str(), &room) == 0)
    host.free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
}

/// Credentials are systemd's, and only the service can read them: files and variables are looked at.
void look_at_secret(const char* key, const std::string& subject, const SecretRef& secret,
                    HostEvidence& host) {
  if (secret.kind == SecretRef::Kind::credential) return;
  auto read = read_secret(secret);
  if (!read) host.secrets.push_back({.subject = subject, .key = key, .detail = read.error().detail});
}

void look_at_secrets(const Settings& settings, HostEvidence& host) {
  for (const auto& integration : settings.integrations) {
    if (!integration.enabled || integration.kind != IntegrationKind::net2) continue;
    look_at_secret("password", integration.id.value(), integration.net2.password, host);
    look_at_secret("client_id", integration.id.value(), integration.net2.client_id, host);
  }
  if (!settings.cloud) return;
  if (settings.cloud->tls.key) look_at_secret("cloud.tls.key", "cloud", *settings.cloud->tls.key, host);
  if (settings.cloud->password) look_at_secret("cloud.password", "cloud", *settings.cloud->password, host);
}

}  // namespace

std::string look_without_daemon(const std::string& why, const std::string& config) {
  CheckUpReport report;
  const HostTime machine;
  HostEvidence host;
  host.config_path = config;
  host.clock_disciplined = machine.synchronised();
  Loaded loaded = load_settings(config);
  check_policy(loaded, load_zone);
  for (const auto& fault : loaded.faults) host.config_faults.push_back(to_string(fault));
  const std::string state = state_directory({}, loaded.settings);
  std::uint64_t min_free = OutboxLimits{}.min_free;
  if (loaded.settings) {
    if (loaded.settings->cloud) min_free = loaded.settings->cloud->outbox.min_free;
    look_at_secrets(*loaded.settings, host);
  }
  look_at_disk(state, min_free, host);
  for (auto& finding : host_findings(host, machine.wall())) {
    if (finding.code == "config.faulty") finding.why = "the gateway does not start with it";
    report.findings.push_back(std::move(finding));
  }
  report.findings = causes_first(std::move(report.findings));
  if (is_locked(state + "/gatehouse.lock")) {
    report.findings.insert(
        report.findings.begin(),
        {.code = "daemon.elsewhere",
         .subject = "gateway",
         .severity = Severity::fault,
         .what = "a gatehoused runs with " + state + ", and is not on this bus",
         .why = "it does its work, but nobody here can ask it anything",
         .fix =
             "gateway.bus in its configuration must name this bus; or say here where it is: --bus ADDRESS"});
  } else if (auto unit = unit_finding()) {
    report.findings.insert(report.findings.begin(), std::move(*unit));
  }
  report.findings.insert(report.findings.begin(), unreachable(why));
  for (auto& part : host_sound_parts(host)) {
    const bool unknown = part.what.starts_with("the clock") || part.what.starts_with("all secrets") ||
                         part.what.starts_with("the state directory");
    if (!unknown) report.checked.push_back(std::move(part));
  }
  return check_up_json(report);
}

}  // namespace gatehouse
