#include "daemon/core/acquaintance.hpp"

namespace gatehouse {

bool are_strangers(const Met& met) {
  constexpr std::size_t many = 20;
  if (met.records >= 2 && met.records_back == 0) return true;
  if (met.people < 2) return false;  // one may leave, or give an id to another
  if (met.people_changed != 0 && met.people_changed == met.people_back) return true;
  // Among few people several may marry, or somebody mend the names; with other e-mails they are others.
  if (met.people < many) return met.people_changed * 2 > met.people_back && met.people_changed > 2;
  return met.people_renamed * 2 > met.people_back;
}

bool are_the_same(const Met& met) {
  return met.people != 0 && (met.people_back - met.people_renamed) * 10 >= met.people * 9;
}

}  // namespace gatehouse
