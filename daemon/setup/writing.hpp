#pragma once
// What a set-up puts on the disk, once somebody has said yes.

#include <string>
#include <vector>

#include "daemon/core/result.hpp"
#include "daemon/setup/draft.hpp"

namespace gatehouse::setup {

struct Written {
  std::vector<std::string> paths;
  std::string backup;         ///< of the configuration that was there; empty: there was none
  bool units_reload = false;  ///< the drop-in has changed, and systemd could not be told
};

/// What is wrong with the text as the configuration of this machine, as `gatehouse check` would tell it;
/// conf.d beside `path` is not looked at. Empty: nothing.
std::vector<std::string> check_text(const std::string& text, const std::string& path);

/// All that will be written, in words, a line each. Reads the disk, changes nothing.
std::vector<std::string> describe_writing(const Draft& draft, const Places& places);

/// Configuration, secrets, certificates and drop-in, all or none: first staged, and the staged configuration
/// checked together with conf.d. Errors: storage, storage_full; invalid where the check finds faults.
Result<Written> write_all(const Draft& draft, const std::string& text, const Places& places);

/// New secrets in place of those of a configuration that stays. `paths`: for each secret where it is kept.
Result<Written> write_secrets(const std::vector<NewSecret>& secrets, const std::vector<std::string>& paths,
                              const Places& places);

}  // namespace gatehouse::setup
