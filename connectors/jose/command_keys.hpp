#pragma once
// The keys whose commands are taken: a JWKS file (contract.md §2 `command_keys`).

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/command_scope.hpp"
#include "daemon/core/result.hpp"

struct evp_pkey_st;

namespace gatehouse {

struct CommandKey {
  std::shared_ptr<evp_pkey_st> key;  ///< Ed25519, public
  std::vector<CommandScope> scopes;  ///< empty: it may do nothing
};

using CommandKeys = std::map<std::string, CommandKey, std::less<>>;  ///< by kid

/// {"keys":[{"kty":"OKP","crv":"Ed25519","kid","x","scopes":[{"cmd","sites"?,"doors"?}], "alg"?, "use"?,
/// "key_ops"?}]}. Strict: anything else is Errc::invalid, in words that name the key; so is a private key.
Result<CommandKeys> parse_command_keys(std::string_view text);

/// The same for whoever only wants to know whether it is good.
Result<void> check_command_keys_text(std::string_view text);

/// Errc::not_found where there is no file; Errc::invalid where it is no plain file of at most 1 MiB, belongs
/// to somebody other than root or this user, or can be written by its group or by others.
Result<CommandKeys> load_command_keys(const std::string& path);

}  // namespace gatehouse
