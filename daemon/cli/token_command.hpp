#pragma once
// `gatehouse token new`: a bearer token for a client of the LAN interface.

#include <string>

#include "daemon/cli/exit_status.hpp"
#include "daemon/cli/session.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

struct NewToken {
  std::string token;   ///< 32 random bytes as base64url without padding: 43 characters
  std::string sha256;  ///< of these characters, 64 hex digits in lower case: `lan_api.clients[].token_sha256`
};

/// Errc::refused where the system has no randomness to give; then there is no token, never a weak one.
Result<NewToken> make_token();

/// Prints one on `out`, and keeps it nowhere. Needs no daemon, and tells none.
ExitStatus new_token(CommandSession& session);

}  // namespace gatehouse
