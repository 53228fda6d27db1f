#pragma once
// The configuration to come back to while another is on trial, and after that one was taken back: kept in the
// state directory, so that neither a crash nor a restart puts an unconfirmed configuration in force
// (decisions/0008).

#include <optional>
#include <string>

#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"
#include "daemon/settings/load_settings.hpp"

namespace gatehouse {

struct HeldConfig {
  std::string tried;          ///< revision of the files on trial
  std::string previous;       ///< revision of the configuration to come back to
  std::string previous_yaml;  ///< effective_yaml() of it; secrets are named, never held
  Instant until{};            ///< the end of the trial, for people
  std::string why;            ///< why it was taken back; empty: the trial is not over

  bool operator==(const HeldConfig&) const = default;
};

/// `config-on-trial.yaml` in the state directory, 0600. All calls block on the file system.
class HeldConfigFile {
 public:
  explicit HeldConfigFile(std::string state_dir) : path_(std::move(state_dir) + "/config-on-trial.yaml") {}

  /// Nothing where there is no such file. Errc::storage where it cannot be read, or is not ours.
  Result<std::optional<HeldConfig>> read() const;
  /// Durable when it returns, and never half of it. Errc::storage.
  Result<void> write(const HeldConfig& held) const;
  /// Durable when it returns; well where there is none.
  Result<void> remove() const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What the daemon starts with.
struct StartConfig {
  Loaded loaded;                   ///< with faults where neither can be used
  std::optional<HeldConfig> held;  ///< the files are not in force: they are on trial, or were taken back
  bool forgotten = false;          ///< something was held about other files: it counts no more
};

/// The files as they were loaded, or what was in force before them where they were never confirmed. Files
/// that are others than those on trial are an installer's new word and count.
StartConfig choose_config(Loaded files, const HeldConfigFile& held);

}  // namespace gatehouse
