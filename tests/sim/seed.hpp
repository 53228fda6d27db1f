#pragma once
// A plausible site from a seed: the same seed and counts always give the same people, doors and lists.

#include <cstdint>

#include "tests/sim/directory.hpp"
#include "tests/sim/doors.hpp"
#include "tests/sim/people.hpp"

namespace gatehouse::sim {

struct SiteSeed {
  std::uint64_t seed = 1;
  int people = 500;
  int doors = 12;
  bool plain = false;  ///< nobody has a quirk: each has a department, an e-mail, a telephone and no expiry
};

/// Full names, e-mails, telephones and cards are unique. `index` goes on where the last one ended.
Person make_person(const SiteSeed& seed, int index, const Directory& directory);

Doors make_doors(const SiteSeed& seed);
Directory make_directory(const Doors& doors);
void add_people(People& people, const SiteSeed& seed, int first_index, int count, const Directory& directory,
                LocalMs now);

}  // namespace gatehouse::sim
