#include "daemon/app/check_up.hpp"

#include <algorithm>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "daemon/app/as_result.hpp"
#include "daemon/core/contact_findings.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
constexpr Duration probe_limit = std::chrono::seconds(9);
constexpr Duration last_limit =
    std::chrono::seconds(11);  ///< then a probe is ended that did not end by itself

/// Runs jobs beside each other and returns when the last has ended; at the limit, and when the caller is
/// cancelled, those still at work are cancelled. Jobs throw nothing.
class Together {
 public:
  explicit Together(asio::any_io_executor executor)
      : executor_(std::move(executor)), ended_(executor_, last_limit) {}

  void start(std::function<Task<void>()> job) {
    auto& mine = jobs_.emplace_back(std::move(job));
    ++at_work_;
    asio::co_spawn(executor_, mine.body(),
                   asio::bind_cancellation_slot(mine.cancel.slot(), [this](const std::exception_ptr&) {
                     if (--at_work_ == 0) ended_.cancel();
                   }));
  }

  /// Must be awaited before this goes.
  Task<void> wait() {
    co_await asio::this_coro::throw_if_cancelled(false);
    bool told = false;
    while (at_work_ != 0) {
      co_await ended_.async_wait(as_result);
      if (at_work_ == 0 || std::exchange(told, true)) continue;
      ended_.expires_at(asio::steady_timer::time_point::max());
      for (auto& job : jobs_) job.cancel.emit(asio::cancellation_type::terminal);
    }
  }

 private:
  struct Job {
    explicit Job(std::function<Task<void>()> what) : body(std::move(what)) {}
    std::function<Task<void>()> body;
    asio::cancellation_signal cancel;
  };
  asio::any_io_executor executor_;
  asio::steady_timer ended_;
  std::list<Job> jobs_;
  std::size_t at_work_ = 0;
};

Finding unfinished(std::string subject) {
  return {.code = "check.unfinished",
          .subject = std::move(subject),
          .severity = Severity::warning,
          .what = "the look at it did not end in time",
          .why = "whether it is well is not known",
          .fix = "try again; if it stays so: journalctl -u gatehouse -e"};
}

bool is_off(const IntegrationStatus& status) {
  return status.judged.state == IntegrationState::disabled;
}

}  // namespace

/// While it lives its owner alone looks.
struct CheckUp::Turn {
  explicit Turn(CheckUp& owner) : check_up(owner) { check_up.busy_ = true; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    check_up.busy_ = false;
    check_up.turn_.cancel();
  }
  CheckUp& check_up;
};

/// What is looked at, and what came of it.
struct CheckUp::Seen {
  struct Source {
    Integration settings;
    IntegrationStatus status;
    bool looked_at = false;
    std::optional<Net2Evidence> evidence;  ///< none: not looked at, or it did not end in time
  };
  std::vector<Source> sources;
  std::optional<Cloud> cloud_settings;
  std::optional<CloudEvidence> cloud;
  std::optional<HostEvidence> host;
  std::vector<ConfiguredDoor> doors;
  bool all = true;  ///< not only one integration
};

CheckUp::CheckUp(Parts parts)
    : parts_(std::move(parts)), turn_(parts_.executor, asio::steady_timer::time_point::max()) {}

Task<Result<std::string>> CheckUp::examine(std::string integration) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (busy_) {
    co_await turn_.async_wait(as_result);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return Error{Errc::cancelled, "check-up"};
  }
  const Turn turn(*this);
  Seen seen;
  seen.all = integration.empty();
  seen.doors = parts_.settings.doors;
  if (seen.all) seen.cloud_settings = parts_.settings.cloud;
  for (const auto& one : parts_.settings.integrations) {
    if (!seen.all && one.id.value() != integration) continue;
    seen.sources.push_back({.settings = one, .status = {}, .looked_at = false, .evidence = std::nullopt});
  }
  if (!seen.all && seen.sources.empty())
    co_return Error{Errc::not_found, "the configuration has no integration '" + integration + "'"};
  co_await look_at_all(seen);
  auto report = report_on(seen);
  if (!seen.all) report = only_about(std::move(report), integration);
  co_return check_up_json(report);
}

Task<void> CheckUp::look_at_all(Seen& seen) {
  Together together(parts_.executor);
  DatabaseLook database;
  auto& probes = parts_.probes;
  if (seen.all) {
    together.start([&]() -> Task<void> { database = co_await probes.look_at_database(probe_limit); });
  }
  if (seen.cloud_settings) {
    together.start([&]() -> Task<void> {
      seen.cloud = co_await probes.look_at_cloud(*seen.cloud_settings, probe_limit);
    });
  }
  for (auto& source : seen.sources) {
    const bool net2 = source.settings.kind == IntegrationKind::net2;
    if (!net2 || is_off(parts_.sources.status_of(source.settings.id))) continue;
    source.looked_at = true;
    together.start([&probes, &source]() -> Task<void> {
      source.evidence = co_await probes.look_at_net2(source.settings, probe_limit);
    });
  }
  co_await together.wait();
  seen.host = probes.look_at_host();
  seen.host->database = std::move(database);
  // Last, so that it is as new as what was found.
  for (auto& source : seen.sources) source.status = parts_.sources.status_of(source.settings.id);
}

CheckUpReport CheckUp::report_on(const Seen& seen) const {
  const auto now = parts_.clock.now();
  CheckUpReport report;
  const auto add = [&report](std::vector<Finding> findings, std::vector<SoundPart> sound) {
    std::ranges::move(findings, std::back_inserter(report.findings));
    std::ranges::move(sound, std::back_inserter(report.checked));
  };
  add(host_findings(*seen.host, now), host_sound_parts(*seen.host));
  std::vector<ServerContact> contacts;
  for (const auto& source : seen.sources) {
    if (source.evidence) {
      contacts.push_back(source.evidence->contact);
      add(net2_findings(source.settings, seen.doors, *source.evidence, now),
          net2_sound_parts(source.settings, *source.evidence));
    } else if (source.looked_at) {
      add({unfinished(source.settings.id.value())}, {});
    }
    add(integration_findings(source.settings, source.status), {});
  }
  if (seen.cloud_settings && seen.cloud) {
    if (seen.cloud->contact) contacts.push_back(*seen.cloud->contact);
    add(cloud_findings(*seen.cloud_settings, *seen.cloud, now), cloud_sound_parts(*seen.cloud, now));
  } else if (seen.cloud_settings) {
    add({unfinished("cloud")}, {});
  } else if (seen.all) {
    add({{.code = "cloud.none",
          .subject = "cloud",
          .severity = Severity::note,
          .what = "no cloud is configured",
          .why = "news is kept here and sent to nobody",
          .fix = "where that is not meant: add the section cloud to the configuration"}},
        {});
  }
  add(network_findings(contacts), {});
  report.findings = causes_first(std::move(report.findings));
  return report;
}

CheckUpReport only_about(CheckUpReport report, const std::string& integration) {
  const auto behind_it = [](const Finding& finding) {
    return finding.severity == Severity::fault &&
           (finding.code.starts_with("clock.") || finding.code.starts_with("network.") ||
            finding.code.starts_with("disk.") || finding.code.starts_with("state.") ||
            finding.code.starts_with("database."));
  };
  std::erase_if(report.findings, [&](const Finding& finding) {
    return finding.subject != integration && !(finding.subject == "gateway" && behind_it(finding));
  });
  std::erase_if(report.checked, [&](const SoundPart& part) { return part.subject != integration; });
  return report;
}

}  // namespace gatehouse
