#pragma once
// Which configuration is in force: read anew, tried, confirmed, taken back (features D-12, decisions/0008).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/alerts.hpp"
#include "daemon/app/config_preview.hpp"
#include "daemon/app/config_verbs.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/app/gateway_state.hpp"
#include "daemon/app/task_group.hpp"
#include "daemon/core/audit_entry.hpp"
#include "daemon/core/config_trial.hpp"
#include "daemon/core/tallies.hpp"
#include "daemon/settings/held_config.hpp"

namespace gatehouse {

/// On the io thread. Reloads and a configuration's return never overlap, and one that has begun is finished,
/// whoever asked for it and no longer waits. Destroy it only after stop() has returned, or never started.
class ConfigSide final : public ConfigVerbs {
 public:
  /// References must outlive it.
  struct Parts {
    boost::asio::any_io_executor executor;
    std::string config_path;
    std::string state_dir;
    const Settings& settings;        ///< those in force
    const std::string& revision;     ///< of them
    std::optional<HeldConfig> held;  ///< StartConfig::held
    Clock& clock;
    Log& log;
    Alerts& alerts;
    Tallies& tallies;
    std::function<GatewayState()> state;
    std::function<void(AuditEntry)> note;
    std::function<void(bool under_way)> reloading;  ///< for systemd
    /// Puts checked settings in force; cannot fail. What came of the gateway's certificate is in the error.
    std::function<Task<Result<void>>(Settings, std::string revision)> exchange;
    ConfigPreview::Parts preview;
  };
  explicit ConfigSide(Parts parts);

  /// Once, when the alerts of before are known: tells of a configuration that this start has not put in
  /// force.
  void start();
  /// Looks after a trial. Until it is cancelled.
  Task<void> loop(Pulse& pulse);
  /// Takes no more, and waits until what is under way has ended.
  Task<void> stop();

  /// SIGHUP and `config reload`: the files count for good. Certificates and secrets are read anew in any
  /// case. Refused (Errc::refused) are other files than those on trial or those of before, which give the
  /// trial up; and files that were taken back: whatever renews a certificate reloads too.
  Task<Result<std::string>> reload();

  Task<Result<std::string>> preview(std::string yaml) override;
  Task<Result<std::string>> try_files(Duration within) override;
  Task<Result<std::string>> confirm() override;

  /// Names of what takes too long.
  std::vector<std::string> late() const { return work_.late(); }
  const std::optional<std::string>& reload_error() const { return reload_error_; }
  /// Adds trial and held back configuration.
  void describe(GatewayState& state) const;

 private:
  struct Running {
    ConfigTrial rules;
    Settings previous;
  };
  Task<Result<std::string>> begin(std::optional<Duration> within);
  Task<Result<std::string>> take(std::optional<Duration> within);
  Task<Result<std::string>> take_over(Loaded loaded, std::optional<Duration> within);
  std::optional<Error> refusal(const Loaded& loaded, std::optional<Duration> within) const;
  Result<void> begin_trial(const Loaded& loaded, Duration within);
  void end_trial();
  Task<Result<void>> take_back(std::string why);
  void tell_refused(const Error& why);
  void tell_taken_back(bool anew);
  bool is_feed(const std::string& id) const;
  TrialHealth health() const;

  Parts parts_;
  HeldConfigFile file_;
  std::optional<HeldConfig> held_;
  std::optional<Running> running_;
  std::optional<std::string> reload_error_;
  bool busy_ = false;
  bool stopping_ = false;
  Wakeup bell_;
  Errands work_;
};

}  // namespace gatehouse
