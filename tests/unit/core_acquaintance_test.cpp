// Whether a snapshot is of the people that we know.

#include <catch2/catch.hpp>

#include "daemon/core/acquaintance.hpp"

using namespace gatehouse;

TEST_CASE("S1-8: strangers are known by who is missing and by who goes under known ids", "[mapping]") {
  struct Row {
    const char* when;
    Met met;
    bool strangers;
    bool same;
  };
  // records, of these back, people, of these back, renamed, with another e-mail too
  const auto row =
      GENERATE(Row{"nothing is known", {0, 0, 0, 0, 0, 0}, false, false},
               Row{"one is known and is gone", {1, 0, 1, 0, 0, 0}, false, false},
               Row{"one id has somebody else", {1, 1, 1, 1, 1, 1}, false, false},
               Row{"one is there", {1, 1, 1, 1, 0, 0}, false, true},
               Row{"of two nobody is there", {2, 0, 2, 0, 0, 0}, true, false},
               Row{"of two one is there", {2, 1, 2, 1, 0, 0}, false, false},
               Row{"of two one has left, and the other is somebody else", {2, 1, 2, 1, 1, 1}, true, false},
               Row{"of two one is somebody else", {2, 2, 2, 2, 1, 1}, false, false},
               Row{"of four nobody is there", {4, 0, 4, 0, 0, 0}, true, false},
               Row{"of four two are there, as others", {4, 2, 4, 2, 2, 2}, true, false},
               Row{"of four all are there, as others", {4, 4, 4, 4, 4, 4}, true, false},
               Row{"of four all have other names, and their own e-mails", {4, 4, 4, 4, 4, 0}, false, false},
               Row{"of four two have married", {4, 4, 4, 4, 2, 0}, false, false},
               Row{"of a few nobody has a person here", {4, 0, 0, 0, 0, 0}, true, false},
               Row{"the few people are gone, other records are there", {30, 27, 3, 0, 0, 0}, false, false},
               Row{"the few people are others, and so may be the rest", {30, 30, 3, 3, 3, 3}, true, false},
               Row{"of many most have other names", {30, 30, 30, 30, 16, 0}, true, false},
               Row{"of many some have other names", {30, 30, 30, 30, 15, 0}, false, false},
               Row{"of many nearly all are there", {100, 95, 100, 95, 5, 0}, false, true},
               Row{"of many a tenth and one are gone", {100, 89, 100, 89, 0, 0}, false, false});
  INFO(row.when);
  CHECK(are_strangers(row.met) == row.strangers);
  CHECK(are_the_same(row.met) == row.same);
}
