#pragma once
// Everybody that a decision could be about, in memory, packed: a decision waits for no disk and no network.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/core/identity_keys.hpp"
#include "daemon/core/known_person.hpp"

namespace gatehouse {

/// On the io thread. About 300 bytes a person, with the allocator's share.
class AccessBook {
 public:
  struct Entry {
    KnownPerson person;
    std::vector<Grant> grants;
    std::vector<Visit> visits;
  };

  explicit AccessBook(const TextFold& fold) : fold_(fold) {}
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
  std::size_t size() const { return people_.size(); }

  void put(const Presence& presence);
  /// On site, by site and person.
  std::vector<Presence> present(const std::optional<SiteId>& site) const;
  std::map<SiteId, std::uint64_t> count_present() const;

 private:
  /// One string a person: the id's length and the id, then what pack() made of the rest. So the id is there
  /// once, and a string of its own is spared.
  static std::string_view id_of(std::string_view row);
  struct ById {
    using is_transparent = void;
    std::size_t operator()(const std::string& row) const { return hash(id_of(row)); }
    std::size_t operator()(const PersonId& id) const { return hash(id.value()); }
    static std::size_t hash(std::string_view id) { return std::hash<std::string_view>{}(id); }
  };
  struct SameId {
    using is_transparent = void;
    bool operator()(const std::string& a, const std::string& b) const { return id_of(a) == id_of(b); }
    bool operator()(const PersonId& id, const std::string& row) const { return id.value() == id_of(row); }
    bool operator()(const std::string& row, const PersonId& id) const { return id_of(row) == id.value(); }
  };
  static std::optional<KnownPerson> unpack(const std::string& row);
  std::optional<Entry> entry(const std::string& row) const;
  void forget(const PersonId& id);

  const TextFold& fold_;
  std::unordered_set<std::string, ById, SameId> people_;
  std::unordered_map<PersonId, std::vector<Grant>> grants_;  ///< few have any
  std::unordered_map<PersonId, std::vector<Visit>> visits_;
  std::unordered_multimap<std::uint64_t, const std::string*> by_cloud_id_;  ///< hash_text of the cloud id
  std::unordered_map<std::uint64_t, std::uint32_t> disabled_;               ///< how many, by name key
  std::map<PersonId, Presence> present_;
  bool names_doubted_ = false;
};

}  // namespace gatehouse
