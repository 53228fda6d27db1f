#include "daemon/store/tombstone_rows.hpp"

#include <string>
#include <unordered_set>
#include <utility>

#include <openssl/evp.h>

#include "daemon/store/digest.hpp"
#include "daemon/store/fault.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t key_size = 32;

/// Empty where OpenSSL cannot.
std::string keyed_digest(std::string_view key, std::string_view text) {
  std::string digest(digest_size, '\0');
  std::size_t length = 0;
  const auto* made = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                               reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                               reinterpret_cast<unsigned char*>(digest.data()), digest.size(), &length);
  if (made == nullptr || length != digest_size) return {};
  return digest;
}

}  // namespace

class TombstoneRows::Keyed final : public Tombstones {
 public:
  Keyed(std::string key, std::unordered_set<std::string> digests)
      : key_(std::move(key)), digests_(std::move(digests)) {}

  bool empty() const override { return digests_.empty(); }
  bool covers(std::string_view mark) const override {
    if (digests_.empty()) return false;
    const auto digest = keyed_digest(key_, mark);
    return digest.empty() || digests_.contains(digest);
  }

 private:
  const std::string key_;
  const std::unordered_set<std::string> digests_;
};

/// Empty where there is none yet.
std::string TombstoneRows::key() {
  Statement row = db_.use("SELECT key FROM tombstone_key");  // one row
  return row.step() ? row.bytes(0) : std::string();
}

std::shared_ptr<const Tombstones> TombstoneRows::all() {
  if (!loaded_) {
    std::unordered_set<std::string> digests;
    Statement row = db_.use("SELECT digest FROM tombstone ORDER BY digest");
    while (row.step()) digests.insert(row.bytes(0));
    auto own = key();
    if (!digests.empty() && own.size() != key_size)
      throw StoreFault({Errc::storage, "the store's file is damaged: tombstones without their key"});
    loaded_ = std::make_shared<const Keyed>(std::move(own), std::move(digests));
  }
  return loaded_;
}

bool TombstoneRows::covers(std::string_view mark) {
  return all()->covers(mark);
}

bool TombstoneRows::covers(const IntegrationId& integration, std::string_view external_id) {
  const auto known = all();
  return !known->empty() && known->covers(record_mark(integration, external_id));
}

bool TombstoneRows::covers(const PersonId& person) {
  const auto known = all();
  return !known->empty() && known->covers(person_mark(person));
}

bool TombstoneRows::add(std::string_view mark, std::int64_t at_ms) {
  auto own = key();
  if (own.empty()) {
    own = random_bytes(key_size);
    db_.use("INSERT INTO tombstone_key (one, key) VALUES (1, ?)").bind(Blob{own}).run();
  }
  const auto digest = keyed_digest(own, mark);
  if (digest.empty()) throw StoreFault({Errc::storage, "OpenSSL cannot make a keyed digest"});
  forget();
  return db_.use("INSERT OR IGNORE INTO tombstone (digest, at) VALUES (?, ?)")
             .bind(Blob{digest}, at_ms)
             .run() != 0;
}

}  // namespace gatehouse
