#pragma once
// The people of the cloud (contract.md §3.2 `roster.put`) as records of a directory, so that the rules of
// every other source hold for them, too.

#include <string>
#include <vector>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/mapping.hpp"
#include "daemon/core/person.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse {

/// The reserved id under which the cloud's people are kept.
inline const IntegrationId cloud_integration_id{"cloud"};

/// One of `people` of a put.
struct RosterPerson {
  std::string cloud_id;
  bool removed = false;        ///< op remove: nothing else is said
  PersonFacts facts;           ///< `site` and `sites` as the cloud names them, known here or not
  bool email_verified = true;  ///< true also where there is no e-mail

  bool operator==(const RosterPerson&) const = default;
};

/// What the rules want to know of the cloud in place of a configured integration: nobody without a site that
/// is known here, no group left out, a name that only agrees is for an operator. `sites`: the gateway's.
Integration cloud_integration(const std::vector<SiteId>& sites, const RemovalGuard& guard);

/// Of cloud_integration(). `fold` must outlive it.
Mapping cloud_mapping(const Integration& cloud, const std::vector<SiteId>& sites, const TextFold& fold);

/// A record for cloud_mapping().
SourceRecord roster_record(const RosterPerson& person);

}  // namespace gatehouse
