#pragma once
// Reads the configuration (contract §2): FILE and conf.d/*.yaml beside it.

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/settings.hpp"
#include "daemon/settings/fault.hpp"

namespace gatehouse {

struct Loaded {
  std::optional<Settings> settings;  ///< only where there is no fault
  std::vector<Fault> faults;       ///< all of them, by file, line and column; after a syntax error only that
  std::string revision;            ///< "sha256:" and 64 hex digits, over the bytes of all files in order
  std::vector<std::string> files;  ///< those read: FILE, then conf.d by name
  std::vector<Fault> test_places;  ///< where each of settings->tests stands, without a message
};

/// Reads, checks and completes the configuration. Blocks on the file system; starts nothing, changes nothing,
/// never throws. Secrets are not read, but a `{file: PATH}` that is there and open to others is a fault.
Loaded load_settings(const std::string& path);

/// The same for a text that is in no file; `name` stands for it in faults, and relative paths start beside
/// it.
Loaded load_settings_text(const std::string& text, const std::string& name);

/// One key of the grammar: "integrations[].poll.people". `*` stands for a name chosen by the installer.
struct SettingsKey {
  std::string path;
  std::string type;  ///< in words: "duration, 1s to 1d"
  bool required = false;
};

/// Every key there is, sections included, in the order in which they are shown.
std::vector<SettingsKey> settings_keys();

}  // namespace gatehouse
