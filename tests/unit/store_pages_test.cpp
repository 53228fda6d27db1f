// The store's pages are looked at as they are on the disk, between other work.

#include <fstream>

#include "store_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// Bytes in the middle of a page, which is counted from 1.
void flip(const std::filesystem::path& file, std::uint32_t page) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = static_cast<std::streamoff>(page - 1) * 4096 + 1000;
  bytes.seekg(at);
  const char was = static_cast<char>(bytes.get());
  bytes.seekp(at);
  bytes.put(static_cast<char>(was ^ 0x10));
}

}  // namespace

TEST_CASE("S11 A flipped bit in the store's file is found by its page, though the store runs",
          "[store][doctor]") {
  const StoreDirectory directory;
  SetClock clock;
  get(open_store(directory.path, clock)
          ->commit_events(events(1, 500)));  // its end brings the log into the file
  const auto store = open_store(directory.path, clock);
  std::uint32_t pieces = 0;
  std::uint32_t last = 1;
  for (std::uint32_t next = 1; next != 0; ++pieces) {
    last = next;
    next = get(store->look_at_pages(next, 4));
    CHECK((next == 0 || next == last + 4));
  }
  REQUIRE(pieces > 2);

  flip(directory.path / "gatehouse.db", 6);
  CHECK(get(store->look_at_pages(1, 4)) == 5);
  const auto damaged = ask(store->look_at_pages(5, 4));
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == Errc::storage);
  CHECK_THAT(damaged.error().detail, Catch::Contains("page 6"));
  CHECK(get(store->look_at_pages(last, 4)) == 0);
  flip(directory.path / "gatehouse.db", 6);
  CHECK(get(store->look_at_pages(5, 4)) == 9);
}
