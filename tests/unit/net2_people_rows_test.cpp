#include <catch2/catch.hpp>

#include "connectors/net2/people_rows.hpp"

namespace gatehouse {
namespace {

/// Of the rows of a test one after another.
ValidityReader london() {
  static const auto zone = *ServerZone::load("Europe/London");
  return ValidityReader(zone);
}

const std::vector<NamedId> names{{1, "Address 1"}, {9, " Email"}, {13, "Notes"}, {14, "Personnel number"}};

Cell text(const char* value) {
  return {.present = true, .null = false, .text = value};
}
const Cell null{.present = true, .null = true, .text = {}};

std::vector<FieldPlace> places(const std::vector<SourceField>& fields) {
  auto placed = place_fields({.fields = fields}, names);
  REQUIRE(placed);
  return *placed;
}

}  // namespace

TEST_CASE("Only the columns that are mapped are asked for", "[net2][people]") {
  CHECK(people_sql(places({"firstName", "lastName", "custom:email", "custom:Notes", "department"}), true) ==
        "SELECT UserID, ActivateDate, ExpiryDate, DepartmentName, DepartmentID, FirstName, Surname, "
        "Field9_50, Field13_Memo, "
        "AccessLevelName FROM sdk.UsersEx WHERE Active=1 ORDER BY UserID");
  CHECK(people_sql({}, false) ==
        "SELECT UserID, ActivateDate, ExpiryDate, DepartmentName, DepartmentID FROM sdk.UsersEx WHERE "
        "Active=1 ORDER BY UserID");
}

TEST_CASE("A custom field is found by its name, trimmed and without case", "[net2][people]") {
  for (const auto* field : {"custom:Email", "custom: EMAIL ", "Custom:email"})
    CHECK(places({field})[0].custom == 9);
  const auto unknown = place_fields({.fields = {"custom:E-mail"}}, names);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::invalid);
  CHECK_THAT(unknown.error().detail, Catch::Contains("E-mail") && Catch::Contains("Personnel number"));
  const auto twice = place_fields({.fields = {"custom:Email"}}, {{8, "Email"}, {9, "email "}});
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Errc::invalid);
}

TEST_CASE("A PIN or a card number cannot be asked for", "[net2][people]") {
  for (const auto* field : {"pin", "PIN", "cardNo", "tokenValue"}) {
    CHECK_FALSE(place_fields({.fields = {field}}, names));
  }
}

TEST_CASE("A row of querydb becomes a record", "[net2][people]") {
  auto dates = london();
  const auto fields = places({"lastName", "custom:Email", "department"});
  std::vector<Cell> row{text("8"),
                        text("2026-03-01T00:00:00"),
                        text("2026-07-01T00:00:00"),
                        text(" Year 7 "),
                        text("3"),
                        text(" Doe "),
                        null,
                        text("Individual: x")};
  const auto person = querydb_row(row, fields, true, dates);
  CHECK(person.complete);
  CHECK_FALSE(person.fault);
  CHECK(person.record.number == 8);
  CHECK(person.record.department == "Year 7");
  CHECK(person.record.values == std::vector<std::string>{"Doe", "", "Year 7"});
  CHECK(person.record.valid_from == parse_rfc3339("2026-03-01T00:00:00Z"));
  CHECK(person.record.valid_until == parse_rfc3339("2026-06-30T23:00:00Z"));
  CHECK(person.access_level == "Individual: x");
  auto rootless = row;
  rootless[4].text = "0";
  CHECK(querydb_row(rootless, fields, true, dates).record.department.empty());
  row[5].present = false;
  CHECK_FALSE(querydb_row(row, fields, true, dates).complete);
}

TEST_CASE("A user object becomes a record", "[net2][people]") {
  auto dates = london();
  const auto fields = places({"custom:Personnel number", "firstName", "department", "custom:Email"});
  const auto shape = users_shape(fields);
  CHECK(shape.members == std::vector<std::string>{"id", "activateDate", "expiryDate", "firstName"});
  CHECK(shape.list_ids == std::vector<std::int64_t>{14, 9});
  const std::vector<Cell> row{text("8"),    null,        text("2026-07-01T00:00:00+02:00"),
                              text("Jane"), text("E-1"), text("j@example.org")};
  auto person = users_row(row, fields, dates);
  CHECK(person.record.values == std::vector<std::string>{"E-1", "Jane", "", "j@example.org"});
  CHECK(person.record.valid_until == parse_rfc3339("2026-06-30T22:00:00Z"));
  set_department(person.record, fields, "Staff");
  CHECK(person.record.values[2] == "Staff");
}

TEST_CASE("Net2's ways to say never are no dates, and a date that cannot be read never opens",
          "[net2][people]") {
  auto dates = london();
  const auto expiry = [&](const Cell& cell) {
    return querydb_row({text("8"), null, cell, null, null}, {}, false, dates).record.valid_until;
  };
  CHECK_FALSE(expiry(null));
  CHECK_FALSE(expiry(text("")));
  CHECK_FALSE(expiry(text("1753-01-01T00:00:00")));
  CHECK_FALSE(expiry(text("0001-01-01T00:00:00")));
  CHECK(expiry(text("31/03/2026")) == Instant{});
  CHECK(expiry(text("2026-02-30T00:00:00")) == Instant{});
  CHECK(querydb_row({text("8"), text("soon"), null, null, null}, {}, false, dates).record.valid_until ==
        Instant{});
}

TEST_CASE("Each row has its own dates, whatever those before it had", "[net2][people]") {
  auto dates = london();
  const auto valid = [&](const char* from, const char* until) {
    const auto record =
        querydb_row({text("8"), text(from), text(until), null, null}, {}, false, dates).record;
    return std::pair(record.valid_from, record.valid_until);
  };
  const auto march = parse_rfc3339("2026-03-01T00:00:00Z");
  const auto april = parse_rfc3339("2026-03-31T23:00:00Z");
  for (int i = 0; i < 2; ++i) {
    CHECK(valid("2026-03-01T00:00:00", "") == std::pair(march, std::optional<Instant>()));
    CHECK(valid("2026-03-01T00:00:00", "2026-04-01T00:00:00") == std::pair(march, april));
    CHECK(valid(" 2026-03-01T00:00:00 ", "2026-04-01T00:00:00") == std::pair(march, april));
    CHECK(valid("", "2026-04-01T00:00:00") == std::pair(std::optional<Instant>(), april));
    CHECK(valid("soon", "2026-04-01T00:00:00") ==
          std::pair(std::optional<Instant>(), std::optional(Instant{})));
    CHECK(valid("1753-01-01T00:00:00", "1753-01-01T00:00:00") ==
          std::pair(std::optional<Instant>(), std::optional<Instant>()));
  }
}

TEST_CASE("A row without a usable id is a fault of the whole list", "[net2][people]") {
  auto dates = london();
  for (const Cell& id : {null, text(""), text("x"), text("0"), text("-3"), Cell{}}) {
    CHECK(users_row({id, null, null}, {}, dates).fault);
  }
}

}  // namespace gatehouse
