#include "tests/unit/command_tokens.hpp"

#include <array>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace gatehouse::test {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string to_base64url(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                    static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  while (!out.empty() && out.back() == '=') out.pop_back();
  for (auto& c : out) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return out;
}

CommandSigner::CommandSigner(std::string kid)
    : kid_(std::move(kid)), key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free) {
  if (!key_) throw std::runtime_error("cannot make an Ed25519 key");
}

std::string CommandSigner::public_bytes() const {
  std::string bytes(32, '\0');
  std::size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return bytes;
}

boost::json::object CommandSigner::jwk(std::string_view scopes) const {
  boost::json::object key{
      {"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", kid_}, {"x", to_base64url(public_bytes())}};
  if (!scopes.empty()) key["scopes"] = boost::json::parse({scopes.data(), scopes.size()});
  return key;
}

std::string CommandSigner::sign(std::string_view claims, std::string_view header) const {
  const auto head = header.empty() ? R"({"alg":"EdDSA","kid":")" + kid_ + R"("})" : std::string(header);
  const auto text = to_base64url(head) + '.' + to_base64url(claims);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(text),
                     text.size()) != 1)
    throw std::runtime_error("cannot sign");
  return text + '.' + to_base64url(signature);
}

std::string sign_hs256(std::string_view claims, std::string_view header, std::string_view secret) {
  const auto text = to_base64url(header) + '.' + to_base64url(claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(), mac.data(),
       &size);
  return text + '.' + to_base64url({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace gatehouse::test
