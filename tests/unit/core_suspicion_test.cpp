#include <catch2/catch.hpp>

#include "daemon/core/suspicion.hpp"

using namespace gatehouse;
using Rows = Suspicion::Rows;

TEST_CASE("One short session is nobody's fault, two make suspects of those in flight", "[suspicion]") {
  Suspicion suspicion;
  CHECK_FALSE(suspicion.on_drop({1, 2, 3}, true));
  CHECK_FALSE(suspicion.one_at_a_time());
  SECTION("a long one between them clears all") {
    CHECK_FALSE(suspicion.on_drop({1, 2, 3}, false));
    CHECK_FALSE(suspicion.on_drop({1, 2, 3}, true));
    CHECK_FALSE(suspicion.one_at_a_time());
  }
  SECTION("and one with nothing in flight") {
    CHECK_FALSE(suspicion.on_drop({}, true));
    CHECK_FALSE(suspicion.on_drop({1, 2, 3}, true));
    CHECK_FALSE(suspicion.one_at_a_time());
  }
  SECTION("two in a row") {
    CHECK_FALSE(suspicion.on_drop({2, 3}, true));
    CHECK(suspicion.one_at_a_time());
    suspicion.on_answer(2);
    CHECK(suspicion.one_at_a_time());
    suspicion.on_answer(3);
    CHECK_FALSE(suspicion.undecided());
  }
  SECTION("and a link that lasts clears them") {
    CHECK_FALSE(suspicion.on_drop({2, 3}, true));
    CHECK(suspicion.on_lasting(true).empty());
    CHECK_FALSE(suspicion.undecided());
  }
}

TEST_CASE("A row that was alone twice when the link went is guilty if its last chance fails too",
          "[suspicion]") {
  Suspicion suspicion;
  for (int i = 0; i < 4; ++i) CHECK_FALSE(suspicion.on_drop({7}, true));
  CHECK(suspicion.held(7));
  CHECK(suspicion.one_at_a_time());
  const bool another_was_answered = GENERATE(true, false);
  if (another_was_answered) {
    CHECK(suspicion.on_answer(8) == Rows{7});
  } else {  // the link has lasted
    CHECK(suspicion.on_lasting(false).empty());
    CHECK(suspicion.on_lasting(true) == Rows{7});
  }
  CHECK_FALSE(suspicion.held(7));
  CHECK(suspicion.one_at_a_time());
  SECTION("it fails") {
    const bool soon = GENERATE(true, false);
    CHECK(suspicion.on_drop({7}, soon) == 7);
    CHECK_FALSE(suspicion.undecided());
  }
  SECTION("it comes through") {
    suspicion.on_answer(7);
    CHECK_FALSE(suspicion.undecided());
    CHECK_FALSE(suspicion.on_drop({7}, true));
  }
  SECTION("it has left the outbox") {
    suspicion.forget([](std::int64_t row) { return row == 7; });
    CHECK_FALSE(suspicion.undecided());
  }
}

TEST_CASE("A row whose PUBACK never comes is held back, and others go on beside it", "[suspicion]") {
  Suspicion suspicion;
  for (int i = 0; i < 3; ++i) CHECK_FALSE(suspicion.on_stuck(7));
  CHECK(suspicion.held(7));
  CHECK_FALSE(suspicion.one_at_a_time());
  CHECK(suspicion.on_answer(8) == Rows{7});
  CHECK(suspicion.on_stuck(7));
  CHECK_FALSE(suspicion.undecided());
}

TEST_CASE("A PUBACK that comes in between clears the row", "[suspicion]") {
  Suspicion suspicion;
  suspicion.on_stuck(7);
  suspicion.on_stuck(7);
  suspicion.on_answer(7);
  suspicion.on_stuck(7);
  suspicion.on_stuck(7);
  CHECK_FALSE(suspicion.held(7));
}

TEST_CASE("Three rows held back at a time are the link's fault", "[suspicion]") {
  Suspicion suspicion;
  for (const std::int64_t row : {1, 2, 3}) {
    for (int i = 0; i < 3; ++i) CHECK_FALSE(suspicion.on_stuck(row));
    CHECK(suspicion.held(row) == (row != 3));
  }
  CHECK_FALSE(suspicion.undecided());
  CHECK(suspicion.on_answer(9).empty());
}
