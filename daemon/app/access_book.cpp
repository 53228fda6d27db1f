#include "daemon/app/access_book.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/core/packing.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {

// The layout of a row is pack()'s own: a version, then the id. Only the reading of the id is repeated here.
std::string_view AccessBook::id_of(std::string_view row) {
  Unpacker in(row);
  in.number();
  const auto size = in.number();
  const auto start = row.size() - in.left();
  return in.good() ? row.substr(start, size) : std::string_view{};
}

std::optional<KnownPerson> AccessBook::unpack(const std::string& row) {
  return unpack_known_person(row);
}

void AccessBook::put(const PersonEntry& entry) {
  const auto known = known_person(entry.person, fold_);
  forget(known.id);
  auto packed = pack(known);
  packed.shrink_to_fit();
  const auto row = people_.insert(std::move(packed)).first;
  if (!known.cloud_id.empty()) by_cloud_id_.emplace(hash_text(known.cloud_id), &*row);
  if (!known.admin_enabled && known.name_key != 0) ++disabled_[known.name_key];
  if (!entry.person.grants.empty()) grants_.emplace(known.id, entry.person.grants);
  if (!entry.visits.empty()) visits_.emplace(known.id, entry.visits);
}

void AccessBook::drop(const PersonId& id) {
  forget(id);
  present_.erase(id);
}

void AccessBook::forget(const PersonId& id) {
  grants_.erase(id);
  visits_.erase(id);
  const auto row = people_.find(id);
  if (row == people_.end()) return;
  if (const auto known = unpack(*row)) {
    const auto [first, last] = by_cloud_id_.equal_range(hash_text(known->cloud_id));
    const auto mine = std::find_if(first, last, [&](const auto& at) { return at.second == &*row; });
    if (mine != last) by_cloud_id_.erase(mine);
    const auto count = disabled_.find(known->name_key);
    if (!known->admin_enabled && count != disabled_.end() && --count->second == 0) disabled_.erase(count);
  }
  people_.erase(row);
}

std::optional<AccessBook::Entry> AccessBook::entry(const std::string& row) const {
  auto person = unpack(row);
  if (!person) return std::nullopt;
  Entry found{.person = std::move(*person), .grants = {}, .visits = {}};
  if (const auto grants = grants_.find(found.person.id); grants != grants_.end())
    found.grants = grants->second;
  if (const auto visits = visits_.find(found.person.id); visits != visits_.end())
    found.visits = visits->second;
  return found;
}

std::optional<AccessBook::Entry> AccessBook::find(const PersonId& id) const {
  const auto row = people_.find(id);
  if (row == people_.end()) return std::nullopt;
  return entry(*row);
}

std::optional<AccessBook::Entry> AccessBook::find_cloud(std::string_view cloud_id) const {
  if (cloud_id.empty()) return std::nullopt;
  std::optional<Entry> found;
  const auto [first, last] = by_cloud_id_.equal_range(hash_text(cloud_id));
  for (auto at = first; at != last; ++at) {
    auto candidate = entry(*at->second);
    if (!candidate || candidate->person.cloud_id != cloud_id) continue;
    if (found) return std::nullopt;
    found = std::move(candidate);
  }
  return found;
}

std::uint64_t AccessBook::name_key(std::string_view first_name, std::string_view last_name) const {
  PersonFacts facts;
  facts.first_name = first_name;
  facts.last_name = last_name;
  return identity_keys(facts, fold_).name;
}

bool AccessBook::namesake_disabled(std::string_view first_name, std::string_view last_name) const {
  const auto key = name_key(first_name, last_name);
  return names_doubted_ || (key != 0 && disabled_.contains(key));
}

void AccessBook::put(const Presence& presence) {
  if (presence.on_site) {
    present_.insert_or_assign(presence.person, presence);
  } else {
    present_.erase(presence.person);
  }
}

std::vector<Presence> AccessBook::present(const std::optional<SiteId>& site) const {
  std::vector<Presence> found;
  for (const auto& [person, presence] : present_) {
    if (!site || presence.site == *site) found.push_back(presence);
  }
  std::ranges::sort(found, {}, [](const Presence& one) { return std::tie(one.site, one.person); });
  return found;
}

std::map<SiteId, std::uint64_t> AccessBook::count_present() const {
  std::map<SiteId, std::uint64_t> counts;
  for (const auto& [person, presence] : present_) ++counts[presence.site];
  return counts;
}

}  // namespace gatehouse
