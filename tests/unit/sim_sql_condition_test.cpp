#include <catch2/catch.hpp>

#include "tests/sim/sql_condition.hpp"
#include "tests/sim/sql_select.hpp"

using namespace gatehouse::sim;

namespace {

constexpr Column columns[] = {{"EventID", ColumnKind::number},
                              {"EventTime", ColumnKind::date},
                              {"EventDescription", ColumnKind::text},
                              {"CardNo", ColumnKind::number},
                              {"Active", ColumnKind::flag}};

LocalMs at(const char* text) {
  return parse_time(text)->local;
}

/// Event 7, at six in the morning, with no card.
Cell row_seven(int column) {
  switch (column) {
    case 0:
      return std::int64_t{7};
    case 1:
      return SqlDate{at("2026-01-05T06:00:00")};
    case 2:
      return std::string("Door opened");
    case 4:
      return true;
    default:
      return Cell();
  }
}

bool holds(std::string_view text) {
  const auto condition = parse_condition(text, columns);
  INFO((condition ? std::string() : condition.error().detail));
  REQUIRE(condition.ok());
  return condition->holds(row_seven);
}

}  // namespace

TEST_CASE("A where condition is judged as SQL Server would judge it", "[sim][sql]") {
  struct Row {
    const char* text;
    bool holds;
  };
  const auto row = GENERATE(values<Row>({
      {"", true},
      {"eventId=7", true},
      {"EVENTID <> 7", false},
      {"EventID > 6 AND EventID <= 7", true},
      {"eventid=1 OR eventid=2 AND eventid=7", false},
      {"(eventid=1 OR eventid=7) AND eventid<8", true},
      {"eventTime>='2026-01-05T06:00:00'", true},
      {"eventTime > '2026-01-05 06:00:00.001'", false},
      {"EventDescription='door OPENED '", true},
      {"EventDescription LIKE 'Door%'", true},
      {"EventDescription LIKE '_oor [a-o]%'", true},
      {"EventDescription NOT LIKE '%closed%'", true},
      {"eventId IN (1, 2, 7)", true},
      {"eventId NOT IN (1,2)", true},
      {"CardNo IS NULL", true},
      {"CardNo IS NOT NULL", false},
      {"CardNo = 0", false},
      {"CardNo <> 5", false},
      {"[EventID]='7'", true},
      {"Active=1", true},
      {"1=1", true},
      {"EventDescription = N'O''Brien'", false},
  }));
  DYNAMIC_SECTION(row.text) {
    CHECK(holds(row.text) == row.holds);
  }
}

TEST_CASE("Bad SQL is refused and says why", "[sim][sql]") {
  const auto* text =
      GENERATE("eventId=", "eventId>>3", "foo=1", "eventId='x'", "eventTime>='2026-01-05T06:00:00Z'",
               "eventTime>'soon'", "EventDescription='open", "(eventId=1", "eventId=1)", "eventId IN ()",
               "eventId=1; DROP TABLE users", "eventId NOT 4", "EventDescription LIKE 4");
  DYNAMIC_SECTION(text) {
    const auto condition = parse_condition(text, columns);
    REQUIRE_FALSE(condition.ok());
    CHECK_FALSE(condition.error().detail.empty());
  }
}

TEST_CASE("Nesting without end is refused, not followed", "[sim][sql]") {
  CHECK_FALSE(parse_condition(std::string(100'000, '(') + "eventId=1", columns).ok());
}

TEST_CASE("A lower bound is taken only from what must hold", "[sim][sql]") {
  const auto bound = [](std::string_view text) {
    const auto condition = parse_condition(text, columns);
    REQUIRE(condition.ok());
    return condition->at_least(0);
  };
  CHECK(bound("eventId>5 AND CardNo=1") == Cell(std::int64_t{5}));
  CHECK(bound("eventId>5 AND (eventId>=9 AND CardNo=1)") == Cell(std::int64_t{9}));
  CHECK_FALSE(bound("eventId>5 OR CardNo=1").has_value());
  CHECK_FALSE(bound("eventId<5").has_value());
}

TEST_CASE("SELECT takes the subset and nothing else", "[sim][sql]") {
  const View view{"t", columns, 1, [](std::size_t, int column) { return row_seven(column); }};
  const auto run = [&](std::string_view text) {
    const auto selection = parse_select(text, columns);
    return selection ? run_select(*selection, view) : "refused";
  };
  CHECK(
      run("SELECT TOP 5 EventID, EventDescription AS what FROM sdk.T WHERE Active=1 ORDER BY EventID DESC") ==
      R"([{"EventID":7,"what":"Door opened"}])");
  CHECK(run("select count(*) as n from t") == R"([{"n":1}])");
  CHECK(run("SELECT EventTime, CardNo FROM t") == R"([{"EventTime":"2026-01-05T06:00:00","CardNo":null}])");
  CHECK(run("SELECT EventID FROM t WHERE EventID=8") == "[]");
  CHECK(run("DELETE FROM t") == "refused");
  CHECK(run("SELECT EventID FROM t GROUP BY EventID") == "refused");
  CHECK(run("SELECT EventID FROM t, u") == "refused");
  CHECK(run("SELECT Nothing FROM t") == "refused");
  CHECK(run("SELECT EventID FROM master.T") == "refused");
  CHECK(*view_of("SELECT EventID FROM sdk.UsersEx WHERE 1=1") == "usersex");
}
