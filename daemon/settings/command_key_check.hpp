#pragma once
// The file that `cloud.command_keys` names, looked through with the configuration: a key that nobody can use
// is told when it is written, and not when the first command is refused.

#include <functional>
#include <string_view>

#include "daemon/core/result.hpp"
#include "daemon/settings/load_settings.hpp"

namespace gatehouse {

/// Whether a text is a good file of keys; the error names the key and what is wrong there.
/// connectors/jose/command_keys.hpp has the real one.
using KeyParser = std::function<Result<void>(std::string_view text)>;

/// A file that cannot be used becomes a fault, and the settings are taken away. One that is not there, or
/// that this user may not read, is none: the daemon says so when it needs it. Blocks on the file system.
void check_command_keys(Loaded& loaded, const KeyParser& parse);

}  // namespace gatehouse
