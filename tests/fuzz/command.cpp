// Signed commands. By the first byte: a payload as it comes; claims and args that our own key signs; or a
// file of keys.

#include <array>
#include <fstream>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/jose/base64url.hpp"
#include "connectors/jose/jose_verifier.hpp"
#include "tests/fuzz/must.hpp"

using namespace gatehouse;
using fuzz::must;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string base64url(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text += letters[(held >> (bits - 6)) & 63];
  }
  if (bits > 0) text += letters[(held << (6 - bits)) & 63];
  return text;
}

/// The same key in each run, so that a kept input does the same again.
struct Signer {
  Key key{nullptr, &EVP_PKEY_free};
  JoseVerifier verifier;

  Signer() {
    const std::string seed(32, 'g');
    key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                           reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
    std::array<unsigned char, 32> open{};
    std::size_t size = open.size();
    must(key && EVP_PKEY_get_raw_public_key(key.get(), open.data(), &size) == 1, "the key can be made");
    const std::string x = base64url({reinterpret_cast<const char*>(open.data()), size});
    std::string path = "/tmp/gatehouse-fuzz-keys-XXXXXX";
    const int file = mkstemp(path.data());
    must(file >= 0, "a file of keys can be made");
    close(file);
    std::ofstream(path) << R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":")" << x
                        << R"(","scopes":[{"cmd":"door.open"}]}]})";
    chmod(path.c_str(), 0600);
    must(verifier.load_keys(path).ok(), "the keys can be read");
    unlink(path.c_str());
  }

  std::string sign(std::string_view claims) const {
    std::string text = base64url(R"({"alg":"EdDSA","kid":"k"})") + "." + base64url(claims);
    std::array<unsigned char, 64> signature{};
    std::size_t size = signature.size();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
             EVP_DigestSign(context.get(), signature.data(), &size,
                            reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1,
         "it can be signed");
    return text + "." + base64url({reinterpret_cast<const char*>(signature.data()), size});
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Signer signer;
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  const std::string topic = (data[0] & 4) != 0 ? "down/roster" : "down/command";
  if (data[0] % 3 == 0) {
    const auto read = signer.verifier.read({topic, std::string(text)});
    must(read.facts.envelope == Envelope::good || !read.args, "no args without a signature");
    must(read.facts.envelope == Envelope::good || read.scopes.empty(), "no scopes without a signature");
  } else if (data[0] % 3 == 1) {
    const auto read = signer.verifier.read({topic, signer.sign(text)});
    must(read.facts.envelope == Envelope::good || read.facts.envelope == Envelope::malformed,
         "what our key signs is signed");
    must(read.facts.envelope == Envelope::good || !read.args, "no args of what is malformed");
  } else {
    (void)parse_command_keys(text);
    if (const auto bytes = decode_base64url(text)) must(base64url(*bytes) == text, "one text for each bytes");
  }
  return 0;
}
