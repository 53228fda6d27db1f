// What is read of the registry for a match, and when it is read again.

#include <vector>

#include <catch2/catch.hpp>

#include "daemon/app/registry_copy.hpp"
#include "tests/unit/failing_store.hpp"
#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// Counts the readings, and those from the first page.
class CountingStore : public FailingStore {
 public:
  explicit CountingStore(Store& store) : FailingStore(store, 1'000'000, How::answer_lost) {}
  Task<Result<std::vector<RegistryRow>>> registry_rows(IntegrationId id, PersonId after) override {
    everybody += after.value().empty() ? 1 : 0;
    return FailingStore::registry_rows(std::move(id), std::move(after));
  }
  Task<Result<std::vector<PersonId>>> registry_ids(IntegrationId id, RegistryAsk ask) override {
    ++lookups;
    return FailingStore::registry_ids(std::move(id), std::move(ask));
  }
  Task<Result<std::vector<RegistryRow>>> registry_rows_of(IntegrationId id,
                                                          std::vector<PersonId> people) override {
    CHECK(people.size() <= 500);
    return FailingStore::registry_rows_of(std::move(id), std::move(people));
  }
  int everybody = 0;
  int lookups = 0;
};

}  // namespace

TEST_CASE("Of the registry those are read whom a newcomer may be, once for as long as it stays the same",
          "[sync][registry]") {
  SyncDesk desk;
  desk.people(1, 5);
  desk.run();
  CountingStore store(*desk.world.store);
  RegistryCopy copy;
  const auto mapping = make_mapping(desk.integration, two_sites, desk.world.fold);
  const RecordIndex index(get(desk.world.store->load_index(hq)));
  const auto names_for = [&](const std::vector<SourceRecord>& newcomers) {
    store.lookups = 0;
    RecordPack changed;
    for (const auto& newcomer : newcomers) changed.put(newcomer);
    get(copy.read_for({.integration = hq, .changed = changed, .index = index, .mapping = mapping, .word = {}},
                      store, desk.world.worker.get_executor()));
    std::vector<std::int64_t> records;
    for (const auto& entry : copy.entries()) records.push_back(entry.record_here);
    std::ranges::sort(records);
    return records;
  };

  CHECK(names_for({record(3)}).empty());  // the mirror knows whose it is
  CHECK(store.lookups == 0);
  CHECK(names_for({record(17)}).empty());
  CHECK(store.lookups > 0);
  CHECK(names_for({record(17)}).empty());
  CHECK(store.lookups == 0);
  const auto namesake = somebody(20, "ada", "NR4", "other@example.com");
  CHECK(names_for({namesake}) == std::vector<std::int64_t>{4});
  CHECK(store.lookups > 0);
  // One who is found by two of their names is there once.
  const auto same_address = somebody(21, "Ada", "Nr2", "ADA2@example.com");
  CHECK(names_for({namesake, same_address}) == std::vector<std::int64_t>{2, 4});
  CHECK(store.lookups > 0);
  CHECK(names_for({namesake}) == std::vector<std::int64_t>{2, 4});  // whom we have, we have
  CHECK(store.lookups == 0);
  copy.doubt();
  CHECK(names_for({namesake}) == std::vector<std::int64_t>{4});

  desk.people(1, 6);
  desk.run();  // the registry is another one
  CHECK(names_for({namesake}) == std::vector<std::int64_t>{4});
  CHECK(store.lookups > 0);
  CHECK(names_for({somebody(23, "Ada", "Nr6", "x@example.com")}) == std::vector<std::int64_t>{6});
  CHECK(store.everybody == 0);

  std::vector<SourceRecord> crowd;
  for (int number = 100; number < 5200; ++number) crowd.push_back(record(number));
  CHECK(names_for(crowd) == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
  CHECK((store.lookups == 0 && store.everybody == 1));

  // Many with one address are read in parts.
  desk.people(1, 1206);
  for (auto& one : desk.source.people)
    one = somebody(one.number, "Ada", "Nr" + std::to_string(one.number), "info@example.com");
  desk.run();
  CHECK(names_for({somebody(9000, "Eve", "New", "info@example.com")}).size() == 1206);
}
