#pragma once
// daemon/app/sign_in_args.hpp out of JSON.

#include <boost/json/value.hpp>

#include "daemon/app/sign_in_args.hpp"

namespace gatehouse {

/// Errors as ReadSignInArgs.
Result<SignInArgs> read_sign_in_args(std::string_view json);
/// Of a document that parse_strict_json() has read.
Result<SignInArgs> read_sign_in_args(const boost::json::value& args);

}  // namespace gatehouse
