#pragma once
// What a configuration would change before it is put in force (issue 5, point 5; features D-7, D-10).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/knowledge_age.hpp"
#include "daemon/app/sync_ports.hpp"
#include "daemon/core/access_policy.hpp"
#include "daemon/core/changed_key.hpp"
#include "daemon/core/identity_keys.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/time_zone.hpp"

namespace gatehouse {

/// A configuration that is not in force.
struct CandidateConfig {
  Settings settings;
  AccessPolicy::Zones zones;             ///< of every site
  std::shared_ptr<const TimeZone> zone;  ///< of the gateway
};

/// Looks, and changes nothing. On the io thread; large registries are looked through in portions.
///
/// The document: {"same":false,"revision":"sha256:…" (in force),"needs_restart":["gateway.id"],
/// "keys":[{"key","before","after"}], null where one of them is not there,
/// "added"|"changed"|"removed":{"integrations":[…],"doors":[…],"access_points":[…],"scopes":[…]},
/// "sync":[{"integration","what","records","text"}], what: added | removed | enabled | disabled | mapping |
/// rules | server,
/// "people":{"looked_at":N,"at":["…",…],"let_in":{"employee":3,…},"kept_out":{…},"examples":[{"person",
/// "name","person_type","effect":"let_in|kept_out","access_point"}]},
/// "decisions":as `access replay` of the last week}
class ConfigPreview {
 public:
  /// References must outlive it.
  struct Parts {
    const Settings& settings;     ///< those in force
    const std::string& revision;  ///< of them
    KnowledgeStore& knowledge;
    DirectoryStore& directory;
    std::function<Result<AccessPolicy::Zones>(const Settings&)> zones;
    std::function<KnowledgeAges&()> ages;
    Clock& clock;
    const TextFold& fold;
    std::function<Result<CandidateConfig>(const std::string& yaml)> load;
    std::function<std::vector<ChangedKey>(const Settings& before, const Settings& after)> compare;
    std::function<std::vector<std::string>(const Settings& before, const Settings& after)> needs_restart;
    /// AccessVerbs::replay
    std::function<Task<Result<std::string>>(std::string yaml, std::string since)> replay;
  };
  explicit ConfigPreview(const Parts& parts) : parts_(parts) {}

  Task<Result<std::string>> look(std::string yaml);

 private:
  Task<Result<std::string>> sync_changes(Settings next);
  Task<Result<std::uint64_t>> records_of(IntegrationId id);
  Task<Result<std::string>> people_changes(CandidateConfig next);

  Parts parts_;
};

/// When people are asked about: now, and in the middle of the next working morning, so that hours count.
std::vector<Instant> preview_moments(Instant now, const TimeZone& zone);

}  // namespace gatehouse
