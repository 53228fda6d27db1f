#pragma once
// The operator's lists, page by page. Reads only.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/queries.hpp"
#include "daemon/store/integration_keys.hpp"
#include "daemon/store/person_rows.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse {

class Listings {
 public:
  Listings(Database& db, IntegrationKeys& keys, PersonRows& people) : db_(db), keys_(keys), people_(people) {}

  Listing<Person> people(const PeopleFilter& filter, const Page& page);
  std::vector<Person> find(const std::string& key);
  PeopleCount count();
  Listing<EventRow> events(std::optional<Instant> since, const std::optional<IntegrationId>& integration,
                           const Page& page);
  Listing<QueuedRow> outbox(std::optional<Lane> lane, const Page& page);
  Listing<DeadLetter> dead_letters(std::optional<Lane> lane, const Page& page);

 private:
  std::vector<Person> find_where(std::string_view condition, const std::string& a, const std::string& b);

  Database& db_;
  IntegrationKeys& keys_;
  PersonRows& people_;
};

}  // namespace gatehouse
