// What is known of a source's records, in memory.

#include <catch2/catch.hpp>

#include "daemon/core/record_index.hpp"
#include "daemon/core/record_pack.hpp"

using namespace gatehouse;

namespace {

IndexedRecord known(std::int64_t number, std::uint64_t fingerprint, bool present = true,
                    bool imported = true) {
  IndexedRecord made;
  made.number = number;
  made.fingerprint = fingerprint;
  made.present = present;
  made.imported = imported;
  return made;
}

}  // namespace

TEST_CASE("The index knows records, new ones after a merge, and who of them is present", "[index]") {
  RecordIndex index({known(2, 20), known(5, 50, false), known(9, 90, true, false)});
  CHECK(index.size() == 3);
  CHECK(index.present() == 2);
  CHECK(index.people() == 1);
  CHECK(index.find(5) == 1U);
  CHECK_FALSE(index.find(4).has_value());
  CHECK_FALSE(index.find(10).has_value());

  index.note({known(5, 51), known(1, 9), known(7, 70, true, false), known(1, 10)});
  CHECK_FALSE(index.find(1).has_value());
  index.merge();
  CHECK(index.size() == 5);  // the one that came twice is one, as it came last
  CHECK(index.at(*index.find(1)).fingerprint == 10);
  CHECK(index.at(*index.find(5)).fingerprint == 51);
  CHECK(index.at(*index.find(5)).present);
  CHECK(index.present() == 5);
  CHECK(index.people() == 3);
  index.note({known(1, 10, false), known(9, 90, false, false)});
  index.merge();
  CHECK(index.present() == 3);
  CHECK(index.people() == 2);
  index.forget({9, 4});
  CHECK(index.size() == 4);
  CHECK_FALSE(index.find(9).has_value());
}

TEST_CASE("Records with an open issue are unsettled, and no others", "[index]") {
  RecordIndex index({known(2, 20), known(5, 50), known(9, 90)});
  index.set_unsettled({5, 6});
  CHECK(index.at(1).unsettled);
  index.set_unsettled({2, 9});
  CHECK(index.at(0).unsettled);
  CHECK_FALSE(index.at(1).unsettled);
  CHECK(index.at(2).unsettled);
}

TEST_CASE("Packed records come out as they went in, in order and by their places", "[index]") {
  RecordPack pack;
  std::vector<SourceRecord> records;
  for (std::int64_t i = 0; i < 3000; ++i) {
    SourceRecord record;
    record.number = i;
    if (i % 3 == 0) record.external_id = "R" + std::to_string(i);
    record.department = std::string(static_cast<std::size_t>(i % 90), 'd');
    record.access_levels.assign(static_cast<std::size_t>(i % 4), "level");
    if (i % 2 == 0) record.valid_until = Instant{Duration{i}};
    record.values = {"Ada", "", std::to_string(i)};
    pack.put(record);
    records.push_back(std::move(record));
  }
  CHECK(pack.size() == 3000);
  std::size_t at = 0;
  bool same = true;
  pack.for_each([&](const SourceRecord& record, RecordPack::Place place) {
    same = same && record == records[at] && pack.at(place) == records[at];
    ++at;
  });
  CHECK(at == 3000);
  CHECK(same);
  std::vector<SourceRecord> taken;
  while (auto record = pack.take()) taken.push_back(std::move(*record));
  CHECK(taken == records);
  CHECK(pack.size() == 0);
}
