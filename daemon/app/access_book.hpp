#pragma once
// Everybody that a decision could be about, in memory, packed: a decision waits for no disk and no network.

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/place_table.hpp"
#include "daemon/app/row_heap.hpp"
#include "daemon/core/identity_keys.hpp"
#include "daemon/core/known_person.hpp"

namespace gatehouse {

/// On the io thread. A person takes the bytes that pack() makes of them, 65 to 135, and about 10 more, 16
/// with a cloud id; up to a seventh more while many change. Grants, visits and presence come on top, for the
/// few who have any.
class AccessBook {
 public:
  struct Entry {
    KnownPerson person;
    std::vector<Grant> grants;
    std::vector<Visit> visits;
  };

  explicit AccessBook(const TextFold& fold);
  AccessBook(const AccessBook&) = delete;
  AccessBook& operator=(const AccessBook&) = delete;

  void put(const PersonEntry& entry);
  void drop(const PersonId& id);
  std::optional<Entry> find(const PersonId& id) const;
  /// nullopt also where two people claim this id: nobody is let in by a guess.
  std::optional<Entry> find_cloud(std::string_view cloud_id) const;
  /// People are missing who may have been disabled: each name may be one of theirs.
  void doubt_names(bool doubted) { names_doubted_ = doubted; }
  /// Somebody of this full name has admin_enabled false, or may have.
  bool namesake_disabled(std::string_view first_name, std::string_view last_name) const;
  /// IdentityKeys::name of these; 0 where one of them is blank.
  std::uint64_t name_key(std::string_view first_name, std::string_view last_name) const;
  std::size_t size() const { return by_id_.size(); }

  void put(const Presence& presence);
  /// On site, by site and person.
  std::vector<Presence> present(const std::optional<SiteId>& site) const;
  std::map<SiteId, std::uint64_t> count_present() const;

 private:
  std::optional<PlaceTable::Place> place_of(const PersonId& id) const;
  std::optional<Entry> entry(RowHeap::Place place) const;
  void forget(const PersonId& id);
  void remove(RowHeap::Place place);

  const TextFold& fold_;
  RowHeap rows_;  ///< what pack() makes, one of each person
  PlaceTable by_id_;
  PlaceTable by_cloud_id_;                                   ///< without those who have none
  std::unordered_map<PersonId, std::vector<Grant>> grants_;  ///< few have any
  std::unordered_map<PersonId, std::vector<Visit>> visits_;
  std::unordered_map<std::uint64_t, std::uint32_t> disabled_;  ///< how many, by name key
  std::map<PersonId, Presence> present_;
  bool names_doubted_ = false;
};

}  // namespace gatehouse
