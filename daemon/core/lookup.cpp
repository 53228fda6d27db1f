#include "daemon/core/lookup.hpp"

#include <algorithm>

namespace gatehouse {
namespace {

constexpr std::uint64_t with_email = 0x9E3779B97F4A7C15ULL;
constexpr std::uint64_t with_phone = 0xC2B2AE3D27D4EB4FULL;

/// One key of two, spread so that sums do not meet by chance.
std::uint64_t joint(std::uint64_t name, std::uint64_t other, std::uint64_t salt) {
  std::uint64_t x = name * salt + (other ^ (other >> 29U));
  x ^= x >> 32U;
  return x * 0xD6E8FEB86659FD93ULL;
}

}  // namespace

void Lookup::only_for(const std::vector<IdentityKeys>& asking) {
  choosy_ = true;
  wanted_.reserve(asking.size() * 2);
  for (const auto& keys : asking) {
    if (keys.email != 0) wanted_.push_back(keys.email);
    if (keys.name != 0) wanted_.push_back(keys.name);
  }
  std::ranges::sort(wanted_);
}

bool Lookup::wanted(std::uint64_t key) const {
  return !choosy_ || std::ranges::binary_search(wanted_, key);
}

void Lookup::put(const IdentityKeys& keys, std::int64_t item) {
  if (!wanted(keys.email) && !wanted(keys.name)) return;
  if (keys.email != 0) emails_.push_back({keys.email, item});
  if (keys.name == 0) return;
  names_.push_back({keys.name, item});
  if (keys.email != 0) both_.push_back({joint(keys.name, keys.email, with_email), item});
  if (keys.phone != 0) both_.push_back({joint(keys.name, keys.phone, with_phone), item});
}

void Lookup::seal() {
  for (auto* list : {&emails_, &names_, &both_}) std::ranges::sort(*list);
}

std::span<const Lookup::Entry> Lookup::range(const std::vector<Entry>& list, std::uint64_t key) {
  const auto found = std::ranges::equal_range(list, key, {}, &Entry::key);
  return {found.begin(), found.end()};
}

std::vector<std::int64_t> Lookup::found(const std::vector<Entry>& list, std::uint64_t key) {
  std::vector<std::int64_t> items;
  for (const auto& entry : range(list, key)) items.push_back(entry.item);
  return items;
}

std::vector<std::int64_t> Lookup::alike(const IdentityKeys& keys) const {
  std::vector<std::int64_t> items;
  if (keys.name == 0) return items;
  if (keys.email != 0) items = found(both_, joint(keys.name, keys.email, with_email));
  if (keys.phone != 0) {
    const auto more = found(both_, joint(keys.name, keys.phone, with_phone));
    items.insert(items.end(), more.begin(), more.end());
  }
  std::ranges::sort(items);
  const auto again = std::ranges::unique(items);
  items.erase(again.begin(), again.end());
  return items;
}

}  // namespace gatehouse
