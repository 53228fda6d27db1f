#include "daemon/settings/policy_check.hpp"

#include <utility>

#include "daemon/core/policy_tests.hpp"

namespace gatehouse {
namespace {

Result<std::vector<FailedPolicyTest>> run(const Settings& settings, const ZoneLoader& load_zone) {
  auto zones = load_site_zones(settings, load_zone);
  if (!zones) return std::move(zones).error();
  const auto gateway = load_zone(settings.gateway.timezone);
  if (!gateway) return gateway.error();
  return run_policy_tests(settings, *zones, **gateway);
}

}  // namespace

Result<AccessPolicy::Zones> load_site_zones(const Settings& settings, const ZoneLoader& load_zone) {
  AccessPolicy::Zones zones;
  for (const auto& site : settings.gateway.sites) {
    auto zone = load_zone(site.timezone);
    if (!zone) return within("time zone of site " + site.id.value(), std::move(zone).error());
    zones[site.id] = *std::move(zone);
  }
  return zones;
}

void check_policy(Loaded& loaded, const ZoneLoader& load_zone) {
  if (!loaded.settings || loaded.settings->tests.empty()) return;
  auto failed = run(*loaded.settings, load_zone);
  if (!failed) {
    loaded.faults.push_back({loaded.files.empty() ? "" : loaded.files.front(), 0, 0, failed.error().detail});
  } else {
    for (auto& test : *failed) {
      Fault fault = test.index < loaded.test_places.size() ? loaded.test_places[test.index] : Fault{};
      fault.message = std::move(test.text);
      loaded.faults.push_back(std::move(fault));
    }
  }
  if (!loaded.faults.empty()) loaded.settings.reset();
}

}  // namespace gatehouse
