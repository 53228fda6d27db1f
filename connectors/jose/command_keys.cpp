#include "connectors/jose/command_keys.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/jose/base64url.hpp"
#include "connectors/json/strict_json.hpp"
#include "daemon/core/command_words.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;
constexpr std::size_t max_file = 1024 * 1024;
constexpr std::size_t key_file_depth = 6;
constexpr std::size_t max_key_id = 128;
constexpr std::size_t key_bytes = 32;

struct Closer {
  int file;
  ~Closer() { close(file); }
};

Error wrong(std::string text) {
  return {Errc::invalid, std::move(text)};
}

/// A list of texts, made into ids by `make`.
template <typename T, typename Make>
Result<std::vector<T>> list_of(const json::value& value, std::string_view name, const Make& make) {
  if (!value.is_array()) return wrong("\"" + std::string(name) + "\" is no list");
  std::vector<T> list;
  for (const auto& item : value.get_array()) {
    std::optional<T> one;
    if (item.is_string()) one = make(std::string_view(item.get_string()));
    if (!one) return wrong("\"" + std::string(name) + "\" has an entry that is none");
    list.push_back(std::move(*one));
  }
  return list;
}

std::optional<SiteId> site_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return SiteId(std::string(text));
}

Result<CommandScope> scope_of(const json::value& value) {
  if (auto error = unexpected_member(value, {"cmd", "sites", "doors"})) return *error;
  const auto& object = value.get_object();
  auto cmd = required_text(object, "cmd", max_key_id);
  if (!cmd) return cmd.error();
  if (!parse_name<Command>(*cmd) && *cmd != person_grant_right)
    return wrong("\"cmd\": \"" + *cmd + "\" is no command");
  CommandScope scope;
  scope.cmd = std::move(*cmd);
  if (const auto* sites = object.if_contains("sites")) {
    auto list = list_of<SiteId>(*sites, "sites", site_of);
    if (!list) return list.error();
    scope.sites = std::move(*list);
  }
  if (const auto* doors = object.if_contains("doors")) {
    auto list = list_of<DoorId>(*doors, "doors", parse_door_id);
    if (!list) return list.error();
    scope.doors = std::move(*list);
  }
  return scope;
}

Result<std::vector<CommandScope>> scopes_of(const json::object& key) {
  std::vector<CommandScope> scopes;
  const auto* value = key.if_contains("scopes");
  if (value == nullptr) return scopes;
  if (!value->is_array()) return wrong("\"scopes\" is no list");
  for (const auto& item : value->get_array()) {
    auto scope = scope_of(item);
    if (!scope) return within("\"scopes\"", scope.error());
    scopes.push_back(std::move(*scope));
  }
  return scopes;
}

/// Where it is there, it says this.
std::optional<Error> must_say(const json::object& key, std::string_view name, std::string_view text,
                              bool required) {
  const auto* value = key.if_contains(name);
  if (value == nullptr && !required) return std::nullopt;
  if (value != nullptr && value->is_string() && std::string_view(value->get_string()) == text)
    return std::nullopt;
  return wrong("\"" + std::string(name) + "\" must be \"" + std::string(text) + "\"");
}

Result<CommandKey> key_of(const json::object& object) {
  if (object.contains("d"))
    return wrong("it is a private key: take \"d\" out, and replace the key, for somebody may have read it");
  if (auto error = unexpected_member(object, {"kty", "crv", "kid", "x", "scopes", "alg", "use", "key_ops"}))
    return *error;
  if (auto error = must_say(object, "kty", "OKP", true)) return *error;
  if (auto error = must_say(object, "crv", "Ed25519", true)) return *error;
  if (auto error = must_say(object, "alg", "EdDSA", false)) return *error;
  if (auto error = must_say(object, "use", "sig", false)) return *error;
  if (const auto* ops = object.if_contains("key_ops")) {
    if (*ops != json::value(json::array{"verify"})) return wrong("\"key_ops\" must be [\"verify\"]");
  }
  auto x = required_text(object, "x", max_key_id);
  if (!x) return x.error();
  const auto bytes = decode_base64url(*x);
  if (!bytes || bytes->size() != key_bytes) return wrong("\"x\" is not 32 bytes in base64url");
  auto scopes = scopes_of(object);
  if (!scopes) return scopes.error();
  CommandKey key;
  key.key.reset(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                  reinterpret_cast<const unsigned char*>(bytes->data()), bytes->size()),
      EVP_PKEY_free);
  if (!key.key) return wrong("\"x\" is no Ed25519 key");
  key.scopes = std::move(*scopes);
  return key;
}

}  // namespace

Result<CommandKeys> parse_command_keys(std::string_view text) {
  auto document = parse_strict_json(text, key_file_depth);
  if (!document) return document.error();
  if (auto error = unexpected_member(*document, {"keys"})) return *error;
  const auto* list = document->get_object().if_contains("keys");
  if (list == nullptr || !list->is_array()) return wrong("\"keys\" is no list");
  CommandKeys keys;
  std::size_t number = 0;
  for (const auto& item : list->get_array()) {
    const auto place = "key " + std::to_string(++number);
    if (!item.is_object()) return wrong(place + " is no object");
    auto kid = required_text(item.get_object(), "kid", max_key_id);
    if (!kid) return within(place, kid.error());
    const auto name = "key \"" + *kid + "\"";
    auto key = key_of(item.get_object());
    if (!key) return within(name, key.error());
    if (!keys.emplace(std::move(*kid), std::move(*key)).second) return wrong(name + " is there twice");
  }
  return keys;
}

Result<void> check_command_keys_text(std::string_view text) {
  const auto keys = parse_command_keys(text);
  if (!keys) return keys.error();
  return {};
}

Result<CommandKeys> load_command_keys(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) {
    const auto code = errno == ENOENT ? Errc::not_found : Errc::invalid;
    return Error{code, path + " cannot be read: " + std::strerror(errno)};
  }
  const Closer closer{file};
  struct stat facts{};
  if (fstat(file, &facts) != 0) return wrong(path + " cannot be read: " + std::strerror(errno));
  if (!S_ISREG(facts.st_mode)) return wrong(path + " is no plain file");
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return wrong(path + " can be written by its group or by others: chmod go-w it");
  if (facts.st_uid != 0 && facts.st_uid != geteuid())
    return wrong(path + " belongs to another user, who could write it: chown it to root");
  std::string text;
  while (text.size() <= max_file) {
    const auto before = text.size();
    text.resize(before + 16 * 1024);
    const auto got = read(file, text.data() + before, text.size() - before);
    if (got < 0 && errno == EINTR) {
      text.resize(before);
      continue;
    }
    if (got < 0) return wrong(path + " cannot be read: " + std::strerror(errno));
    text.resize(before + static_cast<std::size_t>(got));
    if (got == 0) break;
  }
  if (text.size() > max_file) return wrong(path + " is larger than 1 MiB");
  auto keys = parse_command_keys(text);
  if (!keys) return within(path, keys.error());
  return keys;
}

}  // namespace gatehouse
