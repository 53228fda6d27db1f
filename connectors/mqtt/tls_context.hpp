#pragma once
// The TLS side of the cloud link: what we trust, who we are, and why a handshake failed.

#include <memory>
#include <optional>
#include <string>

#include "daemon/core/result.hpp"
#include "daemon/core/settings.hpp"

// OpenSSL's own names for its types, so that its headers stay in the .cpp files.
extern "C" {
struct ssl_st;
struct ssl_ctx_st;
struct x509_store_ctx_st;
}

namespace gatehouse {

/// For one connection attempt: certificates are read from disk each time, so that renewed ones are taken up.
/// TLS 1.2 and up; the broker's chain and its name (or address) are always checked.
class TlsContext {
 public:
  /// `host`: whom the certificate must name, and the SNI unless it is a literal address (RFC 6066 §3).
  /// `cert_pem`: our certificate and its chain; without it the file cloud.tls.cert is read.
  static Result<std::unique_ptr<TlsContext>> make(const CloudTls& tls, const std::string& host,
                                                  const std::optional<std::string>& key_pem,
                                                  const std::optional<std::string>& cert_pem = {});
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  ssl_ctx_st* native() const { return native_; }

  /// The first call into the library only says hello, whatever the other side has sent by then: it would
  /// report all that comes next as "error". From here on the handshake goes on.
  void let_handshake_go_on(ssl_st* ssl);

  /// What the handshake stumbled over: our check of the broker, or the broker's alert about us.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  TlsContext(const CloudTls& tls, std::string host);
  std::optional<Error> trust();
  std::optional<Error> identify(const std::optional<std::string>& key_pem,
                                const std::optional<std::string>& cert_pem);
  std::optional<Error> name_peer();
  static int on_verify(int good, x509_store_ctx_st* store);
  void begin(ssl_st* ssl);
  static void on_info(const ssl_st* ssl, int where, int value);

  CloudTls tls_;
  std::string host_;
  bool literal_ = false;  ///< `host_` is an IP address
  ssl_ctx_st* native_ = nullptr;
  bool greeted_ = false;
  bool held_ = false;  ///< the session reads from nowhere yet
  std::optional<Error> failure_;
};

}  // namespace gatehouse
