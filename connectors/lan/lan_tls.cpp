#include "connectors/lan/lan_tls.hpp"

#include <array>

#include <boost/asio/buffer.hpp>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

namespace gatehouse {

namespace asio = boost::asio;

Result<std::unique_ptr<asio::ssl::context>> make_lan_tls(const std::string& cert, const std::string& key) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  boost::system::error_code error;
  context->use_certificate_chain_file(cert, error);
  if (error)
    return Error{Errc::invalid,
                 "lan_api.tls.cert " + cert + " is no readable PEM certificate: " + error.message()};
  context->use_private_key(asio::buffer(key), asio::ssl::context::pem, error);
  if (error) {
    ERR_clear_error();
    return Error{Errc::invalid, "lan_api.tls.key is not the PEM key of lan_api.tls.cert"};
  }
  return context;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += digits[digest[i] >> 4U];
    hex += digits[digest[i] & 15U];
  }
  return hex;
}

const LanClient* find_lan_client(const std::vector<LanClient>& clients, std::string_view token) {
  const std::string hash = sha256_hex(token);
  const LanClient* found = nullptr;
  for (const auto& client : clients) {
    if (client.token_sha256.size() != hash.size()) continue;
    const bool same = CRYPTO_memcmp(client.token_sha256.data(), hash.data(), hash.size()) == 0;
    found = same ? &client : found;
  }
  return found;
}

}  // namespace gatehouse
