// What is read of the registry for a match, and when it is read again.

#include <vector>

#include <catch2/catch.hpp>

#include "daemon/app/registry_copy.hpp"
#include "tests/unit/failing_store.hpp"
#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// Counts the readings from the first page.
class CountingStore : public FailingStore {
 public:
  explicit CountingStore(Store& store) : FailingStore(store, 1'000'000, How::answer_lost) {}
  Task<Result<std::vector<RegistryRow>>> registry_rows(IntegrationId id, PersonId after) override {
    readings += after.value().empty() ? 1 : 0;
    return FailingStore::registry_rows(std::move(id), std::move(after));
  }
  int readings = 0;
};

}  // namespace

TEST_CASE("The registry is read again for whom somebody in it resembles, and for nobody else",
          "[sync][registry]") {
  SyncDesk desk;
  desk.people(1, 5);
  desk.run();
  CountingStore store(*desk.world.store);
  RegistryCopy copy;
  const auto mapping = make_mapping(desk.integration, two_sites, desk.world.fold);
  const RecordIndex index(get(desk.world.store->load_index(hq)));
  const auto names_for = [&](const std::vector<SourceRecord>& newcomers) {
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
  CHECK(store.readings == 0);
  CHECK(names_for({record(17)}).empty());
  CHECK(store.readings == 1);
  CHECK(names_for({record(18), record(19)}).empty());  // nobody is like them, and that is known
  CHECK(store.readings == 1);
  const auto namesake = somebody(20, "ada", "NR4", "other@example.com");
  CHECK(names_for({namesake}) == std::vector<std::int64_t>{4});
  CHECK(store.readings == 2);
  const auto same_address = somebody(21, "Grace", "Hopper", "ADA2@example.com");
  CHECK(names_for({namesake, same_address}) == std::vector<std::int64_t>{2, 4});
  CHECK(store.readings == 3);
  CHECK(names_for({namesake, record(22)}) == std::vector<std::int64_t>{2, 4});
  CHECK(store.readings == 3);

  desk.people(1, 6);
  desk.run();  // the registry is another one
  CHECK(names_for({record(22)}).empty());
  CHECK(store.readings == 4);
  CHECK(names_for({somebody(23, "Ada", "Nr6", "x@example.com")}) == std::vector<std::int64_t>{6});
  CHECK(store.readings == 5);
}
