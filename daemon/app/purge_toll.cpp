#include "daemon/app/purge_toll.hpp"

#include <string>
#include <unordered_set>

namespace gatehouse {
namespace {

constexpr std::size_t portion = 1000;

Task<Result<std::unordered_set<std::string>>> people_in(PlanId plan, PlanStore& plans) {
  std::unordered_set<std::string> people;
  for (std::uint64_t after = 0;; after += portion) {
    auto changes = co_await plans.plan_changes(plan, after, portion);
    if (!changes) co_return changes.error();
    for (const auto& change : *changes) people.insert(change.person.value());
    if (changes->size() < portion) break;
  }
  co_return people;
}

}  // namespace

Task<Result<PurgeToll>> purge_toll(PlanId plan, PlanStore& plans, QueryStore& queries) {
  auto concerned = co_await people_in(std::move(plan), plans);
  if (!concerned) co_return concerned.error();
  PurgeToll toll;
  const PeopleFilter everybody;
  Page page{.after = {}, .limit = portion};
  for (;;) {
    auto people = co_await queries.list_people(everybody, page);
    if (!people) co_return people.error();
    for (const auto& person : people->rows) {
      if (!concerned->contains(person.id.value())) continue;
      toll.with_grants += person.grants.empty() ? 0 : 1;
      toll.decoupled += person.tracked ? 0 : 1;
    }
    if (people->next.empty()) break;
    page.after = people->next;
  }
  co_return toll;
}

}  // namespace gatehouse
