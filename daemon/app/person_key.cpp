#include "daemon/app/person_key.hpp"

namespace gatehouse {

Task<Result<Person>> find_one_person(QueryStore& store, std::string key) {
  auto found = co_await store.find_people(key);
  if (!found) co_return found.error();
  if (found->empty())
    co_return Error{Errc::not_found, "nobody is known as \"" + key + "\" (gatehouse people list)"};
  if (found->size() > 1) {
    std::string ids;
    for (const auto& person : *found) ids += (ids.empty() ? "" : ", ") + person.id.value();
    co_return Error{Errc::refused, "\"" + key + "\" is shared by several people, ask for one: " + ids};
  }
  co_return std::move(found->front());
}

}  // namespace gatehouse
