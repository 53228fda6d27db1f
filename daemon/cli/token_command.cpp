#include "daemon/cli/token_command.hpp"

#include <array>
#include <cstdint>
#include <string_view>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t token_bytes = 32;
using TokenBytes = std::array<std::uint8_t, token_bytes>;

/// RFC 4648 §5 without padding.
std::string base64url(const TokenBytes& bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    held = (held << 8 | byte) & 0xffff;
    for (bits += 8; bits >= 6; bits -= 6) out += letters[held >> (bits - 6) & 0x3f];
  }
  if (bits > 0) out += letters[held << (6 - bits) & 0x3f];
  return out;
}

/// Empty where OpenSSL cannot.
std::string sha256_hex(std::string_view text) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return {};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 0xf];
  }
  return out;
}

}  // namespace

Result<NewToken> make_token() {
  TokenBytes secret{};
  if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1)
    return Error{Errc::refused, "the system has no random bytes to give"};
  NewToken made;
  made.token = base64url(secret);
  OPENSSL_cleanse(secret.data(), secret.size());
  made.sha256 = sha256_hex(made.token);
  if (made.sha256.empty()) return Error{Errc::refused, "OpenSSL cannot make a SHA-256"};
  return made;
}

ExitStatus new_token(CommandSession& session) {
  const auto made = make_token();
  if (!made) return session.fail(ExitStatus::failed, made.error().detail);
  auto& terminal = session.terminal;
  if (session.command.json) {
    JsonWriter document;
    document.begin_object().member("token", made->token).member("token_sha256", made->sha256).end_object();
    terminal.out << document.text() << '\n';
    return ExitStatus::done;
  }
  terminal.out << "token: " << made->token << "\ntoken_sha256: " << made->sha256
               << "\n\nThe token is for the client alone, and is shown this once. The hash is for the "
                  "gateway: put this line into\nlan_api.clients, with the client's own id and access points, "
                  "then run gatehouse config reload:\n    - {id: NAME, token_sha256: "
               << made->sha256 << ", access_points: [ID]}\n";
  return ExitStatus::done;
}

}  // namespace gatehouse
