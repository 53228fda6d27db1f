#include "connectors/https/tls_link.hpp"

#include <algorithm>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "connectors/https/certificate.hpp"
#include "connectors/https/deadline.hpp"
#include "connectors/https/host_lookup.hpp"
#include "daemon/app/as_result.hpp"
#include "daemon/app/pulse.hpp"
#include "daemon/core/known_past.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using Endpoints = std::vector<tcp::endpoint>;

Task<Result<Endpoints>> endpoints_of(const Origin& origin, Duration limit) {
  error_code not_an_address;
  const auto literal = asio::ip::make_address(origin.host, not_an_address);
  if (!not_an_address) co_return Endpoints{tcp::endpoint(literal, origin.port)};
  auto addresses = co_await look_up_host(origin.host, limit);
  if (!addresses) co_return addresses.error();
  Endpoints endpoints;
  for (const auto& address : *addresses) endpoints.emplace_back(address, origin.port);
  co_return endpoints;
}

std::string advice_for(long why) {
  switch (why) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "put its issuer into tls.ca, or pin this key with tls.pin";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "set tls.server_name to a name in the certificate, or tls.pin";
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "renew the certificate, check this machine's clock, or set tls.pin";
    default:
      return "check tls.ca, or pin this key with tls.pin";
  }
}

/// Replaces OpenSSL's own verification: with pins the key alone decides.
int verify_certificate(X509_STORE_CTX* store, void* argument) {
  auto& check = *static_cast<CertificateCheck*>(argument);
  const X509* seen = X509_STORE_CTX_get0_cert(store);
  if (seen == nullptr) {
    check.refusal = "the server showed no certificate";
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  if (check.only_look) {
    check.only_look = certificate_facts(*seen);
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  if (!check.pins.empty()) {
    const std::string pin = public_key_pin(*seen);
    if (std::find(check.pins.begin(), check.pins.end(), pin) != check.pins.end()) {
      X509_STORE_CTX_set_error(store, X509_V_OK);
      return 1;
    }
    check.refusal = fmt::format(
        "the server shows another key than pinned: {}; pinned: {}. If its certificate was made anew, set "
        "tls.pin to {}",
        describe_certificate(*seen), fmt::join(check.pins, ", "), pin);
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  if (X509_verify_cert(store) == 1) return 1;
  const int why = X509_STORE_CTX_get_error(store);
  const bool name = why == X509_V_ERR_HOSTNAME_MISMATCH || why == X509_V_ERR_IP_ADDRESS_MISMATCH;
  check.refusal = fmt::format("certificate refused ({}{}): {}; {}", X509_verify_cert_error_string(why),
                              name ? ", expected " + check.expected_name : "", describe_certificate(*seen),
                              advice_for(why));
  return 0;
}

Result<std::unique_ptr<TlsLink>> prepare(const asio::any_io_executor& io, const Origin& origin,
                                         const Net2Tls& trust, bool only_look) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  if (trust.pins.empty() && !only_look) {
    if (!trust.ca) return Error{Errc::invalid, "neither tls.ca nor tls.pin is set"};
    error_code unreadable;
    context.load_verify_file(*trust.ca, unreadable);
    if (unreadable)
      return Error{Errc::invalid, fmt::format("tls.ca {}: {}", *trust.ca, unreadable.message())};
  }
  auto check = std::make_unique<CertificateCheck>();
  check->pins = trust.pins;
  if (only_look) check->only_look.emplace();
  check->expected_name = trust.server_name.value_or(origin.host);
  SSL_CTX_set_cert_verify_callback(native, &verify_certificate, check.get());
  const auto wall = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  if (const auto now = certificate_time(wall); now != wall)
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(native), std::chrono::system_clock::to_time_t(now));

  // The stream's SSL keeps the SSL_CTX alive.
  auto link = std::unique_ptr<TlsLink>(new TlsLink{std::move(check), TlsStream(io, context)});
  SSL* ssl = link->stream.native_handle();
  const std::string& name = link->check->expected_name;
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  // A self-made server certificate may itself stand in the CA file.
  X509_VERIFY_PARAM_set_flags(expected, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool address = is_ip_address(name);
  const int named = address ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str())
                            : X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size());
  if (named != 1) return Error{Errc::invalid, "no name to expect of the server: " + name};
  if (!address) SSL_set_tlsext_host_name(ssl, name.c_str());
  return link;
}

Error handshake_error(const TlsLink& link, const error_code& error) {
  if (!link.check->refusal.empty()) return {Errc::tls, link.check->refusal};
  if (error == asio::error::operation_aborted) return socket_error("TLS handshake", error);
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
      error.category() == asio::error::get_system_category()) {
    return {Errc::unreachable, "the server cut the connection in the TLS handshake: " + error.message()};
  }
  return {Errc::tls, fmt::format("TLS handshake: {}; is this the HTTPS port?", error.message())};
}

Task<Result<std::unique_ptr<TlsLink>>> open(Origin origin, Net2Tls trust, bool only_look, Duration limit) {
  const auto io = co_await asio::this_coro::executor;
  const LongWait waiting(io, limit);
  const auto end = std::chrono::steady_clock::now() + limit;
  const auto left = [end] {
    const auto rest = std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
    return std::max(rest, Duration(1));
  };
  const std::string where = "connect to " + origin.authority();
  auto prepared = prepare(without_pulse(io), origin, trust, only_look);
  if (!prepared) co_return prepared.error();
  auto link = std::move(*prepared);
  auto endpoints = co_await endpoints_of(origin, limit);
  if (!endpoints) co_return endpoints.error();

  Error last{Errc::unreachable, where + ": no address"};
  bool connected = false;
  for (std::size_t i = 0; i < endpoints->size() && !connected; ++i) {
    // Each address gets its share of the time, so that a dead first one does not starve the others.
    const Duration share = left() / static_cast<int>(endpoints->size() - i);
    error_code ignored;
    link->socket().close(ignored);
    Deadline deadline(link->socket(), share);
    const auto [failed] = co_await link->socket().async_connect((*endpoints)[i], as_result);
    connected = !failed;
    if (failed && deadline.passed()) {
      last = {Errc::timeout, fmt::format("{}: no answer in {} ms", where, share.count())};
    } else if (failed) {
      last = socket_error(where, failed);
    }
    if (last.code == Errc::cancelled) co_return last;
  }
  if (!connected) co_return last;

  error_code ignored;
  link->socket().set_option(tcp::no_delay(true), ignored);
  Deadline deadline(link->socket(), left());
  const auto [failed] = co_await link->stream.async_handshake(asio::ssl::stream_base::client, as_result);
  if (failed && deadline.passed()) {
    co_return Error{Errc::timeout, fmt::format("{}: no TLS handshake in {} ms", where, limit.count())};
  }
  if (failed) co_return within(where, handshake_error(*link, failed));
  co_return std::move(link);
}

}  // namespace

Error socket_error(std::string_view doing, const error_code& error) {
  const Errc code = error == asio::error::operation_aborted ? Errc::cancelled : Errc::unreachable;
  return {code, fmt::format("{}: {}", doing, error.message())};
}

Task<Result<std::unique_ptr<TlsLink>>> open_tls(Origin origin, Net2Tls trust, Duration limit) {
  auto link = co_await open(std::move(origin), std::move(trust), false, limit);
  co_return link;
}

Task<Result<CertificateFacts>> look_at_server(Origin origin, std::string server_name, Duration limit) {
  Net2Tls trust;
  if (!server_name.empty()) trust.server_name = std::move(server_name);
  const auto where = origin.authority();
  auto link = co_await open(std::move(origin), std::move(trust), true, limit);
  if (!link) co_return link.error();
  auto& seen = (*link)->check->only_look;
  if (!seen || seen->pin.empty()) co_return Error{Errc::tls, where + ": the server showed no certificate"};
  co_return std::move(*seen);
}

}  // namespace gatehouse
