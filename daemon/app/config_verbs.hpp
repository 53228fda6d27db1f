#pragma once
// What an operator can ask about a configuration that is not in force yet (contract §6: check, config).

#include <string>

#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

class ConfigVerbs {
 public:
  virtual ~ConfigVerbs() = default;
  /// What another configuration would change (`check`); nothing is changed. `yaml`: its text. The document is
  /// described in app/config_preview.hpp. Errc::invalid with every fault, a line each.
  virtual Task<Result<std::string>> preview(std::string yaml) = 0;
  /// Puts the files in force on trial. {"revision","trial":{"until","previous"},"certificate"}.
  /// Errc::invalid: faults, or what needs a restart; Errc::storage: what is in force cannot be kept, so
  /// nothing was changed.
  virtual Task<Result<std::string>> try_files(Duration within) = 0;
  /// The trial is over, and the configuration stays. {"revision"}. Errc::refused where there is no trial.
  virtual Task<Result<std::string>> confirm() = 0;
};

}  // namespace gatehouse
