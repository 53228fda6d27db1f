#include "daemon/app/integration_desk.hpp"

#include <algorithm>

namespace gatehouse {

void IntegrationDesk::look_anew_at(const Person& person) {
  for (const auto& source : person.sources) {
    if (auto* people = people_of(source.integration)) people->know_anew();
  }
  const bool of_cloud =
      std::ranges::find(person.sources, SourceKind::cloud, &PersonSource::kind) != person.sources.end();
  if (auto* cloud = roster(); cloud != nullptr && of_cloud) cloud->know_anew();
}

}  // namespace gatehouse
