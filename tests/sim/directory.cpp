#include "tests/sim/directory.hpp"

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {
namespace {

template <typename T>
const T* by_id(const std::vector<T>& list, int id) {
  for (const auto& entry : list) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

}  // namespace

const Department* Directory::department(int id) const {
  return by_id(departments, id);
}
const AccessLevel* Directory::level(int id) const {
  return by_id(levels, id);
}
const Timezone* Directory::timezone(int id) const {
  return by_id(timezones, id);
}
const Area* Directory::area(int id) const {
  return by_id(areas, id);
}

const Department* Directory::department(const std::string& name) const {
  for (const auto& entry : departments) {
    if (same_word(entry.name, name)) return &entry;
  }
  return nullptr;
}

int Directory::area_of(int door, bool in) const {
  for (const auto& entry : areas) {
    if (entry.door == door && entry.name.ends_with("(In)") == in) return entry.id;
  }
  return 0;
}

}  // namespace gatehouse::sim
