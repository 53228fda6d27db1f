#include "daemon/offline/redaction.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

#include "daemon/settings/secrets.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t shortest_secret = 4;
constexpr std::size_t shortest_line = 16;  // of a key in PEM
constexpr std::size_t fewest_digits = 7;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// RFC 5322 atoms, and all beyond ASCII.
bool in_address(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80 || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

void hide_addresses(std::string& text) {
  for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    auto first = at;
    while (first > 0 && in_address(text[first - 1])) --first;
    auto last = at + 1;
    while (last < text.size() && in_address(text[last])) ++last;
    if (first == at || last == at + 1) continue;
    text.replace(first, last - first, "[e-mail]");
    at = first;
  }
}

void hide_telephones(std::string& text) {
  for (auto at = text.find('+'); at != std::string::npos; at = text.find('+', at + 1)) {
    auto last = at + 1;
    std::size_t digits = 0;
    while (last < text.size() && (is_digit(text[last]) || text[last] == ' ' || text[last] == '-'))
      digits += is_digit(text[last++]) ? 1 : 0;
    if (digits < fewest_digits) continue;
    text.replace(at, last - at, "[telephone]");
  }
}

void hide_operators(std::string& text) {
  constexpr std::string_view before = "uid ";
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    auto open = at + before.size();
    while (open < text.size() && is_digit(text[open])) ++open;
    if (open == at + before.size() || text.compare(open, 2, " (") != 0) continue;
    const auto close = text.find(')', open);
    if (close == std::string::npos) continue;
    text.replace(open, close + 1 - open, " ([operator])");
  }
}

void hide_token_hashes(std::string& text) {
  constexpr std::string_view key = "token_sha256";
  for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    auto first = at + key.size();
    while (first < text.size() && !is_hex(text[first]) && text[first] != '\n') ++first;
    auto last = first;
    while (last < text.size() && is_hex(text[last])) ++last;
    text.replace(first, last - first, "[hash]");
  }
}

std::string whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

void Redaction::forget(std::string_view secret) {
  const auto add = [&](std::string_view value) {
    if (value.size() >= shortest_secret) secrets_.emplace_back(value);
  };
  add(secret);
  if (secret.find('\n') != std::string_view::npos) {
    for (std::size_t from = 0; from < secret.size();) {
      const auto end = std::min(secret.find('\n', from), secret.size());
      if (end - from >= shortest_line) add(secret.substr(from, end - from));
      from = end + 1;
    }
  }
  std::ranges::sort(secrets_, std::greater<>{}, &std::string::size);
}

std::string Redaction::clean(std::string_view given) const {
  std::string text(given);
  for (const auto& secret : secrets_) replace_all(text, secret, "[secret]");
  hide_addresses(text);
  hide_telephones(text);
  hide_operators(text);
  hide_token_hashes(text);
  return text;
}

std::vector<SecretRef> secrets_of(const Settings& settings) {
  std::vector<SecretRef> secrets;
  for (const auto& integration : settings.integrations) {
    if (integration.kind != IntegrationKind::net2) continue;
    secrets.push_back(integration.net2.password);
    secrets.push_back(integration.net2.client_id);
  }
  if (settings.cloud) {
    if (settings.cloud->tls.key) secrets.push_back(*settings.cloud->tls.key);
    if (settings.cloud->password) secrets.push_back(*settings.cloud->password);
  }
  if (settings.lan_api) secrets.push_back(settings.lan_api->key);
  return secrets;
}

Redaction redaction_for(const Settings& settings) {
  Redaction redaction;
  for (const auto& secret : secrets_of(settings)) {
    if (const auto value = read_secret(secret)) redaction.forget(*value);
    // Where systemd has put it for the service, as root reads it.
    if (secret.kind == SecretRef::Kind::credential) {
      auto value = whole_file("/run/credentials/gatehouse.service/" + secret.name);
      while (value.ends_with('\n')) value.pop_back();
      redaction.forget(value);
    }
  }
  return redaction;
}

}  // namespace gatehouse
