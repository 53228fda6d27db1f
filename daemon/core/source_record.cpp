#include "daemon/core/source_record.hpp"

namespace gatehouse {
namespace {

/// FNV-1a over the bytes, with a strong finish (the mixer of MurmurHash3). It need only tell a record from
/// its own former self, so chance is the only adversary: one missed change in 2^64.
class Hash {
 public:
  explicit Hash(std::uint64_t seed) : state_(14695981039346656037ULL ^ mix(seed)) {}

  void add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    for (char c : text) {
      state_ ^= static_cast<unsigned char>(c);
      state_ *= 1099511628211ULL;
    }
  }
  void add(std::uint64_t number) { state_ = mix(state_ ^ number) * 1099511628211ULL; }
  void add(const std::optional<Instant>& at) {
    add(static_cast<std::uint64_t>(at ? at->time_since_epoch().count() : INT64_MIN));
  }
  std::uint64_t value() const { return mix(state_); }

 private:
  static std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    return x ^ (x >> 33);
  }
  std::uint64_t state_;
};

}  // namespace

std::uint64_t fingerprint(const SourceRecord& record, std::uint64_t seed) {
  Hash hash(seed);
  hash.add(record.external_id);
  hash.add(record.group);
  hash.add(record.department);
  hash.add(static_cast<std::uint64_t>(record.access_levels.size()));
  for (const auto& level : record.access_levels) hash.add(level);
  hash.add(record.valid_from);
  hash.add(record.valid_until);
  for (const auto& value : record.values) hash.add(value);
  if (!record.email_verified) hash.add("unverified");  // the others' stay as they were before there was one
  return hash.value();
}

std::int64_t record_number(std::string_view external_id) {
  constexpr std::uint64_t own_kind = 0x6665'6564ULL;
  return static_cast<std::int64_t>(hash_text(external_id, own_kind) >> 1U);
}

bool names_record(std::string_view external_id, std::int64_t number) {
  return external_id == std::to_string(number) || record_number(external_id) == number;
}

std::string external_id_text(std::int64_t number, std::string_view external_id) {
  return external_id.empty() ? std::to_string(number) : std::string(external_id);
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  Hash hash(seed);
  hash.add(text);
  return hash.value();
}

}  // namespace gatehouse
