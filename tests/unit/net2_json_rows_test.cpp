#include <catch2/catch.hpp>

#include "connectors/net2/json_rows.hpp"

namespace gatehouse {
namespace {

using Texts = std::vector<std::vector<std::string>>;

RowShape shape() {
  return {.members = {"id", "firstName", "expiryDate"}, .list = "customFields", .list_ids = {9, 14}};
}

struct Read {
  Texts rows;
  Result<std::uint64_t> count = std::uint64_t{0};
};

/// Feeds the text in pieces of `size`; each cell as its text, "-" where absent, "0" in front of null.
Read read(const std::string& text, std::size_t size, RowShape wanted = shape()) {
  Read read;
  JsonRows rows(std::move(wanted), [&](std::vector<Cell>& row) {
    auto& texts = read.rows.emplace_back();
    for (const auto& cell : row) texts.push_back(!cell.present ? "-" : cell.null ? "null" : cell.text);
    return true;
  });
  for (std::size_t at = 0; at < text.size(); at += size) {
    const auto fed = rows.feed(std::string_view(text).substr(at, size));
    if (!fed) {
      read.count = fed.error();
      return read;
    }
  }
  read.count = rows.finish();
  return read;
}

const std::string people =
    "\xEF\xBB\xBF [ {\"ID\": 8, \"firstName\": \"J\\u00e4ne \\\"x\\\"\", \"pin\": \"4711\", "
    "\"expiryDate\": null, \"customFields\": [{\"id\": 9, \"value\": \"j@example.org\"}, "
    "{\"value\": \"E-1\", \"id\": \"14\"}, {\"id\": 3, \"value\": \"no\"}], "
    "\"doorAccessPermissionSet\": {\"accessLevels\": [1], \"id\": 99, \"firstName\": \"no\"}},\n"
    "{\"firstName\": \"Bo\", \"id\": \"9\", \"customFields\": null}, 7, {} ] \r\n";

}  // namespace

TEST_CASE("A list reads the same wherever it is cut", "[net2][json]") {
  const Texts expected{{"8", "J\xC3\xA4ne \"x\"", "null", "j@example.org", "E-1"},
                       {"9", "Bo", "-", "-", "-"},
                       {"-", "-", "-", "-", "-"},
                       {"-", "-", "-", "-", "-"}};
  for (std::size_t size = 1; size <= people.size(); ++size) {
    const auto got = read(people, size);
    REQUIRE(got.count);
    CHECK(*got.count == 4);
    CHECK(got.rows == expected);
  }
}

TEST_CASE("A list that stops anywhere is incomplete, never a shorter list", "[net2][json]") {
  const auto end = people.rfind(']');
  for (std::size_t size = people.find('[') + 1; size <= end; ++size) {
    const auto got = read(people.substr(0, size), 7);
    REQUIRE_FALSE(got.count);
    CHECK(got.count.error().code == Errc::incomplete);
  }
}

TEST_CASE("Nothing at all is an empty list", "[net2][json]") {
  const std::string text = GENERATE(as<std::string>(), "", "\xEF\xBB\xBF", " \r\n", "[]", "\xEF\xBB\xBF[ ]",
                                    "null", "\xEF\xBB\xBF null\n");
  const auto got = read(text, 1);
  REQUIRE(got.count);
  CHECK(*got.count == 0);
}

TEST_CASE("What is no list of rows is malformed", "[net2][json]") {
  const std::string text = GENERATE(as<std::string>(), "nul", "nullx", "null []", "{\"message\":\"no\"}",
                                    "[1]x", "[1][2]", "[{]", "[{\"id\":}]", "\"text\"");
  const auto got = read(text, 1);
  REQUIRE_FALSE(got.count);
  CHECK(got.count.error().code == Errc::malformed);
}

TEST_CASE("HTML for JSON is named", "[net2][json]") {
  const auto got = read("\r\n<!doctype html>", 100);
  REQUIRE_FALSE(got.count);
  CHECK(got.count.error().code == Errc::unreachable);  // whoever answers, it is not Net2
  CHECK_THAT(got.count.error().detail, Catch::Contains("HTML") && Catch::Contains("API port"));
}

TEST_CASE("Names that are not UTF-8 do not lose the row", "[net2][json]") {
  const auto got = read("[{\"id\":1,\"firstName\":\"\xFF\xC3(\"}]", 3);
  REQUIRE(got.count);
  CHECK(got.rows[0][1] == "\xFF\xC3(");
}

TEST_CASE("A name of four megabytes is cut between two characters", "[net2][json]") {
  std::string name;
  while (name.size() < 4'194'304) name += "\xC3\xA4";
  const auto got = read("[{\"id\":1,\"firstName\":\"x" + name + "\"}]", 65'536);
  REQUIRE(got.count);
  CHECK(got.rows[0][1].size() == 4095);
  CHECK(got.rows[0][1].ends_with("\xC3\xA4"));
}

TEST_CASE("Text is cut at a character's border", "[net2][json]") {
  CHECK(cut_text("abc", 3) == "abc");
  CHECK(cut_text("ab\xC3\xA4", 3) == "ab");
  CHECK(cut_text("\xF0\x9F\x98\x80z", 3).empty());
  CHECK(cut_text("\xF0\x9F\x98\x80z", 4) == "\xF0\x9F\x98\x80");
  CHECK(cut_text("\x80\x80\x80\x80\x80\x80", 5).size() == 5);
}

TEST_CASE("Numbers are read from numbers and from text", "[net2][json]") {
  const auto number = [](std::string text) {
    return Cell{.present = true, .null = false, .text = std::move(text)}.integer();
  };
  CHECK(number("12") == 12);
  CHECK(number(" 12 ") == 12);
  CHECK(number("-1") == -1);
  CHECK_FALSE(number("12x"));
  CHECK_FALSE(number(""));
  CHECK_FALSE(number("99999999999999999999"));
  const auto got = read("[{\"id\":12.0},{\"id\":1e3},{\"id\":18446744073709551615}]", 2);
  REQUIRE(got.count);
  CHECK(got.rows[0][0] == "12");
  CHECK(got.rows[1][0] == "1000");
}

TEST_CASE("A document that nests without end is refused", "[net2][json]") {
  const auto got = read("[{\"x\":" + std::string(100'000, '['), 4096);
  REQUIRE_FALSE(got.count);
  CHECK(got.count.error().code == Errc::malformed);
}

}  // namespace gatehouse
