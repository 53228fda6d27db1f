// What a configuration would change: when people are asked about, and how it reads.

#include "daemon/app/config_preview.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "daemon/cli/change_words.hpp"
#include "daemon/host/zone_database.hpp"

namespace gatehouse {
namespace {

std::string words_of(const char* document) {
  return change_words(boost::json::parse(document), 0);
}

}  // namespace

TEST_CASE("D-7: people are asked about now and on the next working morning", "[config][check]") {
  const auto zone = load_zone("Europe/London");
  REQUIRE(zone);
  const auto next = [&](const char* now) {
    const auto moments = preview_moments(*parse_rfc3339(now), **zone);
    REQUIRE(moments.size() == 2);
    CHECK(format_utc(moments[0]) == now);
    return format_utc(moments[1]);
  };
  CHECK(next("2026-06-01T22:00:00Z") == "2026-06-02T09:30:00Z");  // a Monday evening, in summer
  CHECK(next("2026-06-05T10:00:00Z") == "2026-06-08T09:30:00Z");  // over the weekend
  CHECK(next("2026-06-07T10:00:00Z") == "2026-06-08T09:30:00Z");
  CHECK(next("2026-12-01T23:30:00Z") == "2026-12-02T10:30:00Z");  // in winter
  CHECK(next("2026-06-01T23:30:00Z") == "2026-06-03T09:30:00Z");  // it is Tuesday already in London
}

TEST_CASE("D-7: what would change reads from the keys to the people", "[config][check][cli]") {
  CHECK(words_of(R"({"same":true,"keys":[]})") == "It is what is in force: nothing would change.\n");
  const auto words = words_of(R"({"same":false,"revision":"sha256:1","needs_restart":["gateway.id"],
    "keys":[{"key":"gateway.id","before":"hq-01","after":"hq-02"},{"key":"doors","before":null,"after":"net2-hq/3"},
            {"key":"doors","before":"net2-hq/1","after":null},{"key":"cloud.proxy","before":null,"after":"x"}],
    "sync":[{"integration":"net2-hq","what":"mapping","records":20,"text":"a mapping change"}],
    "people":{"looked_at":20,"at":["2026-06-01T09:30:00Z"],"let_in":{},"kept_out":{"employee":2,"member":1},
      "examples":[{"person":"01","name":"Ada\u001b[31m Lovelace","person_type":"employee","effect":"kept_out",
                   "access_point":"reception"}]},
    "decisions":{"looked_at":3,"changed":0,"newly_allowed":0,"newly_denied":0,"other_doors":0,"other_reason":0,
                 "decisions":[]}})");
  for (const auto* line :
       {"  gateway.id: hq-01 → hq-02\n", "  doors: new: net2-hq/3\n", "  doors: net2-hq/1 is gone\n",
        "  cloud.proxy: not given → x\n", "! gateway.id cannot change by a reload",
        "  net2-hq, 20 records: a mapping change\n",
        "  3 people would be kept out where they are let in now (2 employee, 1 member)\n",
        "Decided again: 3 sign-ins; 0 would end otherwise"}) {
    INFO(words << "\nmisses " << line);
    CHECK(words.find(line) != std::string::npos);
  }
  CHECK(words.find("let in where they are not now") == std::string::npos);
  CHECK(words.find('\033') == std::string::npos);
}

}  // namespace gatehouse
