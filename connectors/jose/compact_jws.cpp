#include "connectors/jose/compact_jws.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "connectors/jose/base64url.hpp"
#include "connectors/json/strict_json.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t max_header = 4096;
constexpr std::size_t max_header_depth = 4;
constexpr std::size_t max_kid = 128;
/// They name another key than the one we know, or change what is signed.
constexpr std::array<std::string_view, 6> refused_members{"crit", "b64", "jwk", "jku", "x5c", "x5u"};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<std::string> kid_of(std::string_view header) {
  const auto document = parse_strict_json(header, max_header_depth);
  if (!document || !document->is_object()) return std::nullopt;
  const auto& members = document->get_object();
  const auto has = [&](std::string_view name) { return members.contains(name); };
  if (std::ranges::any_of(refused_members, has)) return std::nullopt;
  const auto* alg = members.if_contains("alg");
  if (alg == nullptr || !alg->is_string() || std::string_view(alg->get_string()) != "EdDSA")
    return std::nullopt;
  auto kid = required_text(members, "kid", max_kid);
  if (!kid) return std::nullopt;
  return std::move(*kid);
}

}  // namespace

std::optional<CompactJws> split_jws(std::string_view payload) {
  const auto first = payload.find('.');
  if (first == std::string_view::npos || first > max_header) return std::nullopt;
  const auto second = payload.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto header = decode_base64url(payload.substr(0, first));
  if (!header) return std::nullopt;
  auto kid = kid_of(*header);
  if (!kid) return std::nullopt;
  auto claims = decode_base64url(payload.substr(first + 1, second - first - 1));
  auto signature = decode_base64url(payload.substr(second + 1));
  if (!claims || !signature) return std::nullopt;
  return CompactJws{.signed_text = payload.substr(0, second),
                    .kid = std::move(*kid),
                    .claims = std::move(*claims),
                    .signature = std::move(*signature)};
}

std::optional<std::string> claims_of_any(std::string_view payload) {
  const auto first = payload.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto rest = payload.substr(first + 1);
  return decode_base64url(rest.substr(0, rest.find('.')));
}

bool signature_fits(const CompactJws& jws, evp_pkey_st* key) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool fits = context != nullptr &&
                    EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
                    EVP_DigestVerify(context.get(), bytes_of(jws.signature), jws.signature.size(),
                                     bytes_of(jws.signed_text), jws.signed_text.size()) == 1;
  if (!fits) ERR_clear_error();  // the queue is the thread's, and TLS reads it too
  return fits;
}

}  // namespace gatehouse
