#include "daemon/host/zone_database.hpp"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

namespace gatehouse {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

class DatabaseZone final : public TimeZone {
 public:
  explicit DatabaseZone(cctz::time_zone zone) : zone_(zone) {}

  LocalTime local(Instant at) const override {
    const seconds east{zone_.lookup(floor<seconds>(at)).offset};
    return LocalTime(at.time_since_epoch() + east);
  }

  Instant first_instant_of(LocalTime wall) const override {
    const auto second = floor<seconds>(wall);
    const auto found = zone_.lookup(cctz::civil_second() + second.time_since_epoch().count());
    if (found.kind == cctz::time_zone::civil_lookup::SKIPPED) return found.trans;
    return found.pre + (wall - second);  // `pre` is the first of a repeated time, and the one of any other
  }

 private:
  cctz::time_zone zone_;
};

}  // namespace

Result<std::shared_ptr<const TimeZone>> load_zone(const std::string& iana) {
  cctz::time_zone zone;
  if (iana.empty() || !cctz::load_time_zone(iana, &zone)) {
    return Error{Errc::invalid, "no time zone '" + iana + "' on this machine (package tzdata)"};
  }
  return std::shared_ptr<const TimeZone>(std::make_shared<DatabaseZone>(zone));
}

}  // namespace gatehouse
