#include "connectors/https/server_probe.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "connectors/https/certificate_facts.hpp"
#include "connectors/https/deadline.hpp"
#include "connectors/https/host_lookup.hpp"
#include "daemon/app/as_result.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = asio::ssl::stream<tcp::socket>;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr Duration objection_wait{
    700};  ///< a broker that refuses our certificate says so within a round trip

/// What the handshake has to hold, and what came of it. OpenSSL's callbacks write to it.
struct Judged {
  std::vector<std::string> pins;
  std::optional<SeenCertificate> seen{};
  ContactTrouble trouble = ContactTrouble::none;
  std::string detail{};
  std::optional<int> alert{};  ///< the peer's, fatal
};

ContactTrouble trouble_of(int why) {
  switch (why) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return ContactTrouble::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return ContactTrouble::not_yet_valid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return ContactTrouble::wrong_name;
    default:
      return ContactTrouble::untrusted;
  }
}

int verify(X509_STORE_CTX* store, void* argument) {
  auto& judged = *static_cast<Judged*>(argument);
  const X509* certificate = X509_STORE_CTX_get0_cert(store);
  if (certificate == nullptr) {
    judged.trouble = ContactTrouble::not_tls;
    return 0;
  }
  judged.seen = shown(certificate_facts(*certificate));
  if (!judged.pins.empty()) {
    if (std::ranges::find(judged.pins, judged.seen->pin) != judged.pins.end()) {
      X509_STORE_CTX_set_error(store, X509_V_OK);
      return 1;
    }
    judged.trouble = ContactTrouble::wrong_key;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  if (X509_verify_cert(store) == 1) return 1;
  const int why = X509_STORE_CTX_get_error(store);
  judged.trouble = trouble_of(why);
  judged.detail = X509_verify_cert_error_string(why);
  return 0;
}

int judged_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void on_info(const SSL* ssl, int where, int value) {
  if (where != SSL_CB_READ_ALERT || (value >> 8) != SSL3_AL_FATAL) return;
  if (auto* judged = static_cast<Judged*>(SSL_get_ex_data(ssl, judged_index()))) judged->alert = value & 0xff;
}

ContactTrouble trouble_of_alert(int alert) {
  switch (alert) {
    case SSL_AD_CERTIFICATE_EXPIRED:
      return ContactTrouble::own_expired;
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return ContactTrouble::own_missing;
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
      return ContactTrouble::own_unwanted;
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return ContactTrouble::protocol_unknown;
    default:
      return ContactTrouble::not_tls;
  }
}

std::string openssl_words() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  std::string words = reason != nullptr ? reason : "it cannot be read";
  if (ERR_GET_LIB(code) == ERR_LIB_SYS) words = std::generic_category().message(ERR_GET_REASON(code));
  ERR_clear_error();
  return words;
}

bool use_own(SSL_CTX* context, const ProbeTarget& target, std::string& why) {
  if (!target.certificate_file) return true;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, target.certificate_file->c_str()) != 1) {
    why = *target.certificate_file + ": " + openssl_words();
    return false;
  }
  const std::string pem = target.key_pem.value_or("");
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr), &EVP_PKEY_free);
  if (!key) {
    why = "the key: " + openssl_words();
    return false;
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1) return true;
  ERR_clear_error();
  why = "the key does not belong to the certificate " + *target.certificate_file;
  return false;
}

/// A probe while it runs.
class Probe {
 public:
  Probe(ProbeTarget target, Duration limit, asio::any_io_executor io)
      : target_(std::move(target)), io_(std::move(io)), end_(std::chrono::steady_clock::now() + limit) {
    judged_.pins = target_.trust.pins;
    const auto& host = next_hop().host;
    contact_.peer = target_.origin.authority();
    contact_.named = !is_ip_address(host);
    contact_.expected_name = target_.trust.server_name.value_or(target_.origin.host);
  }

  Task<ServerContact> run() {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto began = std::chrono::steady_clock::now();
    const bool prepared = prepare();
    if (!prepared) co_return contact_;
    const bool connected = co_await connect();
    if (!connected) co_return contact_;
    const bool through = co_await pass_proxy();
    if (!through) co_return contact_;
    contact_.took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
    co_await shake_hands();
    co_return contact_;
  }

 private:
  const Origin& next_hop() const { return target_.proxy ? *target_.proxy : target_.origin; }

  Duration left() const {
    return std::max(std::chrono::duration_cast<Duration>(end_ - std::chrono::steady_clock::now()),
                    Duration(1));
  }

  bool fail(ContactTrouble trouble, std::string detail) {
    contact_.trouble = trouble;
    contact_.detail = std::move(detail);
    return false;
  }

  /// On the way to the proxy it is the proxy that is spoken of.
  bool fail_on_the_way(ContactTrouble trouble, std::string detail) {
    contact_.at_proxy = target_.proxy.has_value();
    contact_.peer = next_hop().authority();
    return fail(trouble, std::move(detail));
  }

  bool prepare() {
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(native, &verify, &judged_);
    SSL_CTX_set_info_callback(native, &on_info);
    if (judged_.pins.empty()) {
      ERR_clear_error();
      const auto file = target_.trust.ca.value_or("");
      if (SSL_CTX_load_verify_file(native, file.c_str()) != 1)
        return fail(ContactTrouble::authority_file, file + ": " + openssl_words());
    }
    std::string why;
    if (!use_own(native, target_, why)) return fail(ContactTrouble::own_file, why);
    stream_ = std::make_unique<Stream>(io_, context);
    SSL* ssl = stream_->native_handle();
    SSL_set_ex_data(ssl, judged_index(), &judged_);
    const auto& name = contact_.expected_name;
    X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (is_ip_address(name)) {
      X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str());
    } else {
      X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size());
      SSL_set_tlsext_host_name(ssl, name.c_str());
    }
    if (!target_.alpn.empty() && target_.alpn.size() < 256) {
      std::string wire(1, static_cast<char>(target_.alpn.size()));
      wire += target_.alpn;
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(wire.data()),
                          static_cast<unsigned>(wire.size()));
    }
    return true;
  }

  Task<bool> connect() {
    const auto& hop = next_hop();
    std::vector<tcp::endpoint> endpoints;
    error_code not_literal;
    const auto literal = asio::ip::make_address(hop.host, not_literal);
    if (!not_literal) {
      endpoints.emplace_back(literal, hop.port);
    } else {
      auto found = co_await look_up_host(hop.host, left());
      if (!found) {
        // The look-up's words end with the system's own.
        const bool unknown = found.error().detail.ends_with(gai_strerror(EAI_NONAME));
        co_return fail_on_the_way(unknown ? ContactTrouble::name_unknown : ContactTrouble::no_name_server,
                                  found.error().detail);
      }
      for (const auto& address : *found) endpoints.emplace_back(address, hop.port);
    }
    ContactTrouble last = ContactTrouble::no_answer;
    std::string words;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      error_code ignored;
      socket().close(ignored);
      const Deadline deadline(socket(), left() / static_cast<int>(endpoints.size() - i));
      const auto [failed] = co_await socket().async_connect(endpoints[i], as_result);
      if (!failed) co_return true;
      // Cancelled: that is said once, so no other address may be tried.
      if (failed == asio::error::operation_aborted && !deadline.passed())
        co_return fail_on_the_way(ContactTrouble::no_answer, failed.message());
      const bool refused = failed == asio::error::connection_refused;
      const bool no_way = failed == asio::error::network_unreachable ||
                          failed == asio::error::host_unreachable || failed == asio::error::network_down;
      // A refusal is the clearest word of several addresses.
      if (last != ContactTrouble::refused)
        last = refused  ? ContactTrouble::refused
               : no_way ? ContactTrouble::no_route
                        : ContactTrouble::no_answer;
      words = deadline.passed() ? "" : failed.message();
    }
    co_return fail_on_the_way(last, last == ContactTrouble::refused ? "" : words);
  }

  /// SOCKS5 (RFC 1928) without a password; the proxy looks the name up.
  Task<bool> pass_proxy() {
    if (!target_.proxy) co_return true;
    const Deadline deadline(socket(), left());
    const auto& to = target_.origin;
    std::string ask("\x05\x01\x00", 3);
    ask += std::string("\x05\x01\x00\x03", 4) + static_cast<char>(std::min<std::size_t>(to.host.size(), 255));
    ask += to.host.substr(0, 255);
    ask += static_cast<char>(to.port >> 8);
    ask += static_cast<char>(to.port & 0xff);
    std::array<unsigned char, 300> in{};
    const auto [unsent, sent] = co_await asio::async_write(socket(), asio::buffer(ask, 3), as_result);
    const auto [unread, got] = co_await asio::async_read(socket(), asio::buffer(in, 2), as_result);
    if (unsent || unread) co_return fail_on_the_way(ContactTrouble::proxy, "it speaks no SOCKS5");
    if (in[0] != 5) co_return fail_on_the_way(ContactTrouble::proxy, "it speaks no SOCKS5");
    if (in[1] != 0) co_return fail_on_the_way(ContactTrouble::proxy, "it wants a password");
    const auto [unasked, asked] = co_await asio::async_write(socket(), asio::buffer(ask) + 3, as_result);
    const auto [untold, told] = co_await asio::async_read(socket(), asio::buffer(in, 5), as_result);
    if (unasked || untold) co_return fail_on_the_way(ContactTrouble::proxy, "it gives no answer");
    if (in[1] != 0) co_return fail_on_the_way(ContactTrouble::proxy, socks_words(in[1]));
    const std::size_t rest = in[3] == 1 ? 5 : in[3] == 4 ? 17 : std::size_t{in[4]} + 2;
    const auto [cut, more] = co_await asio::async_read(socket(), asio::buffer(in, rest), as_result);
    if (cut) co_return fail_on_the_way(ContactTrouble::proxy, "it gives no answer");
    co_return true;
  }

  static std::string socks_words(unsigned char code) {
    constexpr std::array<const char*, 9> words{"",
                                               "general failure",
                                               "not allowed by its rules",
                                               "network unreachable",
                                               "host unreachable",
                                               "connection refused",
                                               "time-out",
                                               "command not supported",
                                               "address type not supported"};
    return code < words.size() ? words[code] : "SOCKS reply " + std::to_string(code);
  }

  Task<void> shake_hands() {
    Deadline deadline(socket(), left());
    const auto [failed] = co_await stream_->async_handshake(asio::ssl::stream_base::client, as_result);
    contact_.shown = judged_.seen;
    if (!failed) {
      co_await hear_objection();
      co_return;
    }
    if (judged_.trouble != ContactTrouble::none) {
      fail(judged_.trouble, judged_.detail);
    } else if (judged_.alert) {
      fail(trouble_of_alert(*judged_.alert), SSL_alert_desc_string_long(*judged_.alert));
    } else if (deadline.passed()) {
      fail(ContactTrouble::no_answer, "it took the connection and then said nothing");
    } else {
      const bool hung_up = failed == asio::error::eof || failed == asio::ssl::error::stream_truncated ||
                           failed.category() == asio::error::get_system_category();
      fail(hung_up ? ContactTrouble::cut : ContactTrouble::not_tls, failed.message());
    }
  }

  Task<void> hear_objection() {
    if (!target_.certificate_file) co_return;
    const Deadline deadline(socket(), std::min(left(), objection_wait));
    std::array<char, 1> byte{};
    co_await stream_->async_read_some(asio::buffer(byte), as_result);
    if (judged_.alert) fail(trouble_of_alert(*judged_.alert), SSL_alert_desc_string_long(*judged_.alert));
  }

  tcp::socket& socket() { return stream_->next_layer(); }

  const ProbeTarget target_;
  asio::any_io_executor io_;
  const SteadyTime end_;
  Judged judged_;
  ServerContact contact_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace

SeenCertificate shown(const CertificateFacts& facts) {
  return {.subject = facts.subject,
          .issuer = facts.issuer,
          .names = facts.names,
          .not_before = facts.not_before,
          .not_after = facts.not_after,
          .pin = facts.pin};
}

Task<ServerContact> probe_server(ProbeTarget target, Duration limit) {
  const auto io = co_await asio::this_coro::executor;
  Probe probe(std::move(target), limit, io);
  auto contact = co_await probe.run();
  co_return contact;
}

}  // namespace gatehouse
