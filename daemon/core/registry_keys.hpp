#pragma once
// The people of the registry as a match looks at them, from the point of view of one integration.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/identity_keys.hpp"
#include "daemon/core/person.hpp"

namespace gatehouse {

/// What the store gives of a person.
struct RegistryRow {
  PersonId id;
  std::string first_name, last_name, email, phone;
  bool email_verified = true;
  /// Its record in this integration, if any; the first where it has several.
  std::optional<std::int64_t> record_here;
  std::string external_id_here;
  std::vector<std::int64_t> also_here;  ///< its other records in this integration

  bool operator==(const RegistryRow&) const = default;
};

/// The same, made small: 100,000 of these may be in memory.
struct RegistryEntry {
  std::array<char, 26> id{};  ///< a ULID
  bool linked_here = false;
  bool email_verified = true;
  IdentityKeys keys;
  std::int64_t record_here = 0;
  std::vector<std::int64_t> also_here;

  PersonId person() const { return PersonId(std::string(id.data(), id.size())); }
};

RegistryEntry registry_entry(const RegistryRow& row, const TextFold& fold);

}  // namespace gatehouse
