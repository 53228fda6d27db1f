#include "daemon/app/access_book.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>
#include <utility>

#include "daemon/core/packing.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {
namespace {

/// What is at the front of `rest`, as Packer::text() made it, and then no longer is.
std::string_view cut_text(std::string_view& rest) {
  Unpacker in(rest);
  const auto size = in.number();
  rest.remove_prefix(rest.size() - in.left());
  const auto text = rest.substr(0, size);
  rest.remove_prefix(text.size());
  return text;
}

/// The layout of a row is pack()'s own: a version, then these. Only their reading is repeated here.
struct RowIds {
  std::string_view id;
  std::string_view cloud_id;
};

RowIds ids_of(std::string_view row) {
  Unpacker in(row);
  in.number();
  auto rest = row.substr(row.size() - in.left());
  RowIds ids;
  ids.id = cut_text(rest);
  ids.cloud_id = cut_text(rest);
  return ids;
}

std::uint64_t hash_id(std::string_view id) {
  return std::hash<std::string_view>{}(id);
}

}  // namespace

AccessBook::AccessBook(const TextFold& fold)
    : fold_(fold),
      by_id_([this](RowHeap::Place place) { return hash_id(ids_of(rows_.at(place)).id); }),
      by_cloud_id_([this](RowHeap::Place place) { return hash_text(ids_of(rows_.at(place)).cloud_id); }) {}

void AccessBook::put(const PersonEntry& entry) {
  const auto known = known_person(entry.person, fold_);
  const auto row = pack(known);
  forget(known.id);
  // So that nobody is ever in one table alone.
  by_id_.make_room();
  by_cloud_id_.make_room();
  const auto place = rows_.add(row);
  by_id_.add(place);
  if (!known.cloud_id.empty()) by_cloud_id_.add(place);
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
  const auto place = place_of(id);
  if (!place) return;
  if (const auto known = unpack_known_person(rows_.at(*place))) {
    const auto count = disabled_.find(known->name_key);
    if (!known->admin_enabled && count != disabled_.end() && --count->second == 0) disabled_.erase(count);
  }
  remove(*place);
}

/// Any place may be another after this.
void AccessBook::remove(RowHeap::Place place) {
  by_id_.remove(place);
  if (!ids_of(rows_.at(place)).cloud_id.empty()) by_cloud_id_.remove(place);
  rows_.drop(place, [this](RowHeap::Place from, RowHeap::Place to) {
    by_id_.move(from, to);
    if (!ids_of(rows_.at(to)).cloud_id.empty()) by_cloud_id_.move(from, to);
  });
}

std::optional<PlaceTable::Place> AccessBook::place_of(const PersonId& id) const {
  return by_id_.find(hash_id(id.value()),
                     [&](RowHeap::Place place) { return ids_of(rows_.at(place)).id == id.value(); });
}

std::optional<AccessBook::Entry> AccessBook::entry(RowHeap::Place place) const {
  auto person = unpack_known_person(rows_.at(place));
  if (!person) return std::nullopt;
  Entry found{.person = std::move(*person), .grants = {}, .visits = {}};
  if (const auto grants = grants_.find(found.person.id); grants != grants_.end())
    found.grants = grants->second;
  if (const auto visits = visits_.find(found.person.id); visits != visits_.end())
    found.visits = visits->second;
  return found;
}

std::optional<AccessBook::Entry> AccessBook::find(const PersonId& id) const {
  const auto place = place_of(id);
  return place ? entry(*place) : std::nullopt;
}

std::optional<AccessBook::Entry> AccessBook::find_cloud(std::string_view cloud_id) const {
  if (cloud_id.empty()) return std::nullopt;
  std::optional<RowHeap::Place> first;
  const auto second = by_cloud_id_.find(hash_text(cloud_id), [&](RowHeap::Place place) {
    if (ids_of(rows_.at(place)).cloud_id != cloud_id) return false;
    if (first) return true;
    first = place;
    return false;
  });
  return first && !second ? entry(*first) : std::nullopt;
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
