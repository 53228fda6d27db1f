#pragma once
// Whom a RegistryAsk wants, said of one person: what the store must find by its indexes.

#include <algorithm>

#include "daemon/core/registry_ask.hpp"
#include "daemon/core/registry_keys.hpp"

namespace gatehouse::test {

inline bool wants(const RegistryAsk& ask, const RegistryEntry& entry) {
  const auto has = [](const auto& list, const auto& one) {
    return std::ranges::find(list, one) != list.end();
  };
  if (ask.everybody || has(ask.keys, entry.keys.email) || has(ask.keys, entry.keys.name)) return true;
  if (entry.linked_here && has(ask.records, entry.record_here)) return true;
  return std::ranges::any_of(entry.also_here,
                             [&](std::int64_t record) { return has(ask.records, record); }) ||
         has(ask.people, entry.person());
}

}  // namespace gatehouse::test
