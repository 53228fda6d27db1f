#pragma once
// A compact JWS (RFC 7515) with alg EdDSA over Ed25519 (RFC 8037), and no other.

#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace gatehouse {

/// The parts of a payload that has the form of one. Nothing of it is verified.
struct CompactJws {
  std::string_view signed_text;  ///< of the payload: header and claims, as they came
  std::string kid;
  std::string claims;  ///< bytes: JSON, one hopes
  std::string signature;
};

/// nullopt where it is not three parts of strict base64url; where the header is no JSON object, has a member
/// twice, another `alg`, no `kid` of 1 to 128 bytes, or one of crit, b64, jwk, jku, x5c, x5u. Members that
/// mean nothing here (typ) are passed over, as RFC 7515 has it.
std::optional<CompactJws> split_jws(std::string_view payload);

/// The claims of a payload whose header may be anything: what stands between its first two dots. nullopt
/// where that is no strict base64url.
std::optional<std::string> claims_of_any(std::string_view payload);

bool signature_fits(const CompactJws& jws, evp_pkey_st* key);

}  // namespace gatehouse
