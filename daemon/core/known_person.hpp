#pragma once
// What a decision needs to know of a person, and no more: of everybody it is held in memory, packed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/identity_keys.hpp"
#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/person.hpp"

namespace gatehouse {

struct KnownPerson {
  /// One record that says who this person is.
  struct Source {
    IntegrationId integration;
    SourceKind kind = SourceKind::net2;
    bool present = true;
    bool operator==(const Source&) const = default;
  };

  PersonId id;
  std::string cloud_id;        ///< empty: the cloud's roster does not have them
  std::uint64_t name_key = 0;  ///< IdentityKeys::name; 0: none
  PersonType person_type = PersonType::employee;
  std::string membership_status;  ///< empty: none
  std::vector<std::string> tags;  ///< synced and custom
  SiteId site;                    ///< home
  std::vector<SiteId> sites;
  bool roamer = false;
  std::vector<SiteId> roamer_sites;  ///< empty: all
  std::optional<Instant> valid_from;
  std::optional<Instant> valid_until;  ///< exclusive
  bool admin_enabled = true;
  bool tracked = true;
  std::vector<Source> sources;

  /// True only if every linked source has them (contract.md §5). False without a source.
  bool source_present() const;

  bool operator==(const KnownPerson&) const = default;
};

KnownPerson known_person(const Person& person, const TextFold& fold);

/// Bytes for memory and for the basis of a decision (access replay). unpack gives what was packed; nullopt
/// for bytes that pack did not make.
std::string pack(const KnownPerson& person);
std::optional<KnownPerson> unpack_known_person(std::string_view bytes);

}  // namespace gatehouse
