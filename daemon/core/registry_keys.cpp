#include "daemon/core/registry_keys.hpp"

#include <algorithm>

namespace gatehouse {

RegistryEntry registry_entry(const RegistryRow& row, const TextFold& fold) {
  RegistryEntry entry;
  const auto& id = row.id.value();
  std::copy_n(id.begin(), std::min(id.size(), entry.id.size()), entry.id.begin());
  PersonFacts facts;
  facts.first_name = row.first_name;
  facts.last_name = row.last_name;
  facts.email = row.email;
  facts.phone = row.phone;
  entry.keys = identity_keys(facts, fold);
  entry.linked_here = row.record_here.has_value();
  entry.record_here = row.record_here.value_or(0);
  entry.also_here = row.also_here;
  entry.email_verified = row.email_verified;
  return entry;
}

}  // namespace gatehouse
