// Any text as a configuration: it has faults, or it can be shown and read again as the same.

#include <memory>
#include <string>

#include "daemon/settings/policy_check.hpp"
#include "daemon/settings/show_settings.hpp"
#include "tests/fuzz/must.hpp"

using namespace gatehouse;
using fuzz::must;

namespace {

/// Every zone is UTC here: what is looked for are crashes, not times.
class Utc final : public TimeZone {
 public:
  LocalTime local(Instant at) const override { return LocalTime(at.time_since_epoch()); }
  Instant first_instant_of(LocalTime wall) const override { return Instant(wall.time_since_epoch()); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto loaded = load_settings_text(std::string(fuzz::text_of(data, size)), "/nowhere/fuzz.yaml");
  must(loaded.settings.has_value() == loaded.faults.empty(), "settings only where there is no fault");
  if (!loaded.settings) return 0;
  must(loaded.test_places.size() == loaded.settings->tests.size(), "each test has its place");
  const auto shown = effective_yaml(*loaded.settings);
  const auto again = load_settings_text(shown, "/nowhere/fuzz.yaml");
  if (!again.faults.empty())
    std::fprintf(stderr, "%s\n%s\n", shown.c_str(), to_string(again.faults[0]).c_str());
  must(again.faults.empty(), "what is shown can be read");
  must(again.settings == loaded.settings, "what is shown is what was read");
  check_policy(loaded, [](const std::string&) -> Result<std::shared_ptr<const TimeZone>> {
    return std::shared_ptr<const TimeZone>(std::make_shared<Utc>());
  });
  return 0;
}
