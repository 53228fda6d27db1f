// Joins what reads, tries and takes back configurations with what they change.

#include "daemon/gateway.hpp"
#include "daemon/host/unicode_fold.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/compare_settings.hpp"
#include "daemon/settings/policy_check.hpp"

namespace gatehouse {
namespace {

Result<CandidateConfig> candidate_from(const std::string& yaml) {
  auto loaded = load_settings_text(yaml, "the configuration");
  check_policy(loaded, load_zone);
  if (!loaded.settings) {
    std::string faults;
    for (const auto& fault : loaded.faults) faults += (faults.empty() ? "" : "\n") + to_string(fault);
    return Error{Errc::invalid, faults};
  }
  auto zones = load_site_zones(*loaded.settings, load_zone);
  if (!zones) return zones.error();
  auto zone = load_zone(loaded.settings->gateway.timezone);
  if (!zone) return zone.error();
  CandidateConfig candidate;
  candidate.settings = std::move(*loaded.settings);
  candidate.zones = std::move(*zones);
  candidate.zone = std::move(*zone);
  return candidate;
}

}  // namespace

void Daemon::make_config_side() {
  const auto note = [this](AuditEntry entry) { access_->note(std::move(entry)); };
  identity_ = std::make_unique<CloudIdentity>(
      CloudIdentity::Parts{.state_dir = base_.state_dir, .alerts = *alerts_, .log = log_, .note = note});
  certificates_ = std::make_unique<CertificateWatch>(
      CertificateWatch::Parts{.executor = io_.get_executor(),
                              .settings = base_.settings,
                              .clock = clock_,
                              .alerts = *alerts_,
                              .log = log_,
                              .own = [this] { return identity_->in_use(); }});
  ConfigPreview::Parts preview{.settings = base_.settings,
                               .revision = base_.revision,
                               .knowledge = *store_,
                               .directory = *store_,
                               .zones = [](const Settings& of) { return load_site_zones(of, load_zone); },
                               .ages = [this]() -> KnowledgeAges& { return access_->ages(); },
                               .clock = clock_,
                               .fold = unicode_fold(),
                               .load = candidate_from,
                               .compare = compare_settings,
                               .needs_restart = needs_restart,
                               .replay =
                                   [this](std::string yaml, std::string since) {
                                     return access_->verbs().replay(std::move(yaml), std::move(since));
                                   }};
  config_ = std::make_unique<ConfigSide>(ConfigSide::Parts{
      .executor = io_.get_executor(),
      .config_path = base_.config_path,
      .state_dir = base_.state_dir,
      .settings = base_.settings,
      .revision = base_.revision,
      .held = base_.held,
      .clock = clock_,
      .log = log_,
      .alerts = *alerts_,
      .tallies = tallies_,
      .state = [this] { return state(); },
      .note = note,
      .reloading =
          [this](bool under_way) {
            if (under_way) return manager_.reloading();
            certificates_->look();
            manager_.ready(status_line(state()));
            on_status_changed();
          },
      .exchange = [this](Settings next,
                         std::string revision) { return exchange(std::move(next), std::move(revision)); },
      .preview = std::move(preview)});
}

}  // namespace gatehouse
