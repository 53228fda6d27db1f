#pragma once
// The unit's drop-in that hands secrets to the daemon (systemd.exec(5), LoadCredential=).

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/result.hpp"

namespace gatehouse::setup {

struct LoadedCredential {
  std::string name;
  std::string path;
};

/// `text` with a line for each of these: one that names the same credential is replaced, everything else
/// stays. An empty text gets a head.
std::string with_credentials(std::string text, const std::vector<LoadedCredential>& credentials);

/// Where `text` takes a credential from; nullopt where it does not name it.
std::optional<std::string> path_of_credential(const std::string& text, const std::string& name);

/// The file's text; empty where there is none.
std::string read_drop_in(const std::string& path);

/// The unit's other settings of a credential, in the folder of `drop_in`, that would go before ours or that
/// only systemd-creds can make. An error names the file and what to do instead.
Result<void> check_other_sources(const std::string& drop_in, const std::string& name);

}  // namespace gatehouse::setup
