#pragma once
// The args of `access.sign_in` (contract.md §3.2) as a signed command and the LAN interface both bring them.
// This floor has no JSON: connectors/json/read_sign_in_args reads them.

#include <functional>
#include <string_view>

#include "daemon/app/access_desk.hpp"

namespace gatehouse {

struct SignInArgs {
  SignIn asked;
  PersonRef person;
};

/// Strict: a member that is unknown, missing or there twice, a wrong type or word, bad UTF-8, or anything
/// nested deeper is Errc::invalid (bad_args). Its words name members, never their values.
using ReadSignInArgs = std::function<Result<SignInArgs>(std::string_view json)>;

}  // namespace gatehouse
