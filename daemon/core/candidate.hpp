#pragma once
// A changed record while it is being judged.

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/core/identity_keys.hpp"
#include "daemon/core/record_fate.hpp"
#include "daemon/core/record_pack.hpp"

namespace gatehouse {

/// Another name and another e-mail. A name that is missing says nothing.
inline bool somebody_else(const IdentityKeys& before, const IdentityKeys& now) {
  return before.name != 0 && now.name != 0 && before.name != now.name && before.email != now.email;
}

struct Candidate {
  std::int64_t number = 0;
  IdentityKeys keys;
  RecordPack::Place place;
  std::optional<SkipReason> skip;  ///< of the mapping
  bool in_mapped_group = false;
  bool email_verified = true;
  bool linked = false;
  bool mirrored = false;  ///< linked, and the mirror knows as whom

  bool sound() const { return !skip; }
};

/// Of those who may be somebody whom the registry has, or another record.
inline std::vector<IdentityKeys> keys_of_newcomers(const std::vector<Candidate>& candidates) {
  std::vector<IdentityKeys> keys;
  for (const auto& candidate : candidates) {
    if (!candidate.mirrored && candidate.sound()) keys.push_back(candidate.keys);
  }
  return keys;
}

}  // namespace gatehouse
