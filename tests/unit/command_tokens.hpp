#pragma once
// The cloud's side of signed commands: a key, and what it signs.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

struct evp_pkey_st;

namespace gatehouse::test {

std::string to_base64url(std::string_view bytes);

class CommandSigner {
 public:
  explicit CommandSigner(std::string kid);
  const std::string& kid() const { return kid_; }
  std::string public_bytes() const;
  /// As an entry of `keys`; `scopes` is JSON, empty: none.
  boost::json::object jwk(std::string_view scopes) const;
  /// A compact JWS. `header` is JSON; empty: {"alg":"EdDSA","kid":KID}.
  std::string sign(std::string_view claims, std::string_view header = {}) const;

 private:
  std::string kid_;
  std::shared_ptr<evp_pkey_st> key_;
};

/// A token of these parts as they are, signed by HMAC-SHA256 with a secret: the old trick of taking the
/// public key for one.
std::string sign_hs256(std::string_view claims, std::string_view header, std::string_view secret);

}  // namespace gatehouse::test
