#include "connectors/jose/jose_verifier.hpp"

#include <limits>

#include "connectors/jose/command_args.hpp"
#include "connectors/jose/compact_jws.hpp"
#include "connectors/json/strict_json.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;
constexpr std::size_t envelope_depth = 8;
constexpr std::size_t max_jti = 64;  ///< characters
constexpr std::size_t max_claim = 256;

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return count;
}

std::optional<std::string> text_of(const json::object& claims, std::string_view name) {
  auto text = required_text(claims, name, max_claim);
  if (!text) return std::nullopt;
  return std::move(*text);
}

/// Whole numbers only: 1.0 and 1e9 are none.
std::optional<std::int64_t> whole_of(const json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

/// A NumericDate (RFC 7519 §2), which may have a fraction: that is cut off.
std::optional<std::int64_t> second_of(const json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->to_number<double>();
  if (!(seconds >= 0) || seconds > static_cast<double>(latest_second)) return std::nullopt;
  return value->is_double() ? static_cast<std::int64_t>(seconds) : value->to_number<std::int64_t>();
}

/// nullopt where they are not what every command has. Others are passed over (RFC 7519 §4), but for `nbf`: a
/// bound that is not kept must not be believed to be.
std::optional<CommandClaims> claims_of(const json::value& document) {
  if (!document.is_object() || document.get_object().contains("nbf")) return std::nullopt;
  const auto& object = document.get_object();
  const auto issuer = text_of(object, "iss");
  auto audience = text_of(object, "aud");
  auto id = text_of(object, "jti");
  auto cmd = text_of(object, "cmd");
  const auto issued = second_of(object, "iat");
  const auto expires = second_of(object, "exp");
  const auto* args = object.if_contains("args");
  if (!issuer || !audience || !id || !cmd || !issued || !expires || args == nullptr || !args->is_object())
    return std::nullopt;
  if (characters(*id) > max_jti) return std::nullopt;
  CommandClaims claims{.audience = std::move(*audience),
                       .id = std::move(*id),
                       .issued = *issued,
                       .expires = *expires,
                       .cmd = std::move(*cmd),
                       .epoch = std::nullopt,
                       .expires_uptime = std::nullopt};
  if (object.contains("epoch")) {
    claims.epoch = text_of(object, "epoch");
    if (!claims.epoch) return std::nullopt;
  }
  if (object.contains("exp_uptime_ms")) {
    claims.expires_uptime = whole_of(object, "exp_uptime_ms");
    if (!claims.expires_uptime) return std::nullopt;
  }
  return claims;
}

/// For the reply, where that much can be read.
std::string jti_of(const json::value& document) {
  if (!document.is_object()) return {};
  const auto id = text_of(document.get_object(), "jti");
  return id && characters(*id) <= max_jti ? *id : std::string();
}

}  // namespace

Result<void> JoseVerifier::load_keys(const std::string& path) {
  auto keys = load_command_keys(path);
  if (!keys) return keys.error();
  keys_ = std::move(*keys);
  return {};
}

ReadCommand JoseVerifier::read(const Incoming& message) const {
  ReadCommand command;
  auto& facts = command.facts;
  facts.size = message.payload.size();
  facts.retained = message.retained;
  facts.on_roster_topic = message.topic == "down/roster";
  if (facts.size > largest_command) return command;
  const auto jws = split_jws(message.payload);
  const auto readable = jws ? std::optional(jws->claims) : claims_of_any(message.payload);
  if (!readable) return command;
  const auto document = parse_strict_json(*readable, envelope_depth);
  if (document) facts.claims.id = jti_of(*document);
  if (!jws) return command;
  command.kid = jws->kid;
  if (!document) return command;
  auto claims = claims_of(*document);
  if (!claims) return command;
  const auto key = keys_.find(jws->kid);
  if (key == keys_.end()) {
    facts.envelope = Envelope::unknown_key;
    return command;
  }
  if (!signature_fits(*jws, key->second.key.get())) {
    facts.envelope = Envelope::bad_signature;
    return command;
  }
  facts.envelope = Envelope::good;
  facts.claims = std::move(*claims);
  command.scopes = key->second.scopes;
  const auto known = command_of(facts);
  if (!known) return command;
  auto args = read_command_args(*known, document->get_object().at("args"));
  if (args) {
    command.args = std::move(*args);
  } else {
    command.wrong_args = args.error().detail;
  }
  return command;
}

}  // namespace gatehouse
