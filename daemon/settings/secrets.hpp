#pragma once
// Secrets, from where the configuration says they are kept (contract §2).

#include <string>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// Reads a secret anew; one newline at its end is taken off. Blocks on the file system.
/// Errors (Errc::invalid) say what to do, and never anything of the secret: it is missing, empty or larger
/// than 64 KiB, or a `file` is open to group or others. `credential` is looked up in $CREDENTIALS_DIRECTORY.
Result<std::string> read_secret(const SecretRef& secret);

}  // namespace gatehouse
