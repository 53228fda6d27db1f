#include <catch2/catch.hpp>
#include <stdlib.h>
#include <time.h>

#include "daemon/cli/table.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"

using namespace gatehouse;

TEST_CASE("The width of a text is what the terminal gives it", "[cli]") {
  CHECK(display_width("Ada") == 3);
  CHECK(display_width("Zoë") == 3);
  CHECK(display_width("e\u0301") == 1);  // a combining accent
  CHECK(display_width("山田") == 4);
  CHECK(display_width("") == 0);
}

TEST_CASE("A name cannot move the cursor or paint the screen", "[cli]") {
  CHECK(harmless("Ada\x1b[31m") == "Ada\uFFFD[31m");
  CHECK(harmless("a\nb\tc") == "a b c");
  CHECK(harmless(std::string_view("a\0b", 3)) == "a\uFFFDb");
  CHECK(harmless("\u202Eevil") == "\uFFFDevil");  // right-to-left override
  CHECK(harmless("\u009B31m") == "\uFFFD31m");    // the one-character escape
  CHECK(harmless("\xff\xc0\xaf") == "\uFFFD\uFFFD\uFFFD");
  CHECK(harmless("\xed\xa0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate
  CHECK(harmless("Zoë 山") == "Zoë 山");
}

TEST_CASE("A text is cut at a character, never inside one", "[cli]") {
  CHECK(cut_to_width("Lovelace", 8) == "Lovelace");
  CHECK(cut_to_width("Lovelace", 4) == "Lov…");
  CHECK(cut_to_width("山田太郎", 4) == "山…");
  CHECK(cut_to_width("Zoë", 0) == "");
}

TEST_CASE("Columns stay aligned, whatever alphabet stands in them", "[cli]") {
  Table table({"NAME", "N", "ID"}, {false, true, false}, 0);
  CHECK(table.lines({{"Zoë", "7", "a"}, {"山田", "12", "b"}}) ==
        "NAME   N  ID\n"
        "Zoë    7  a\n"
        "山田  12  b\n");
  CHECK(table.lines({{"x", "1", "c"}}) == "x      1  c\n");  // the next part keeps the widths
}

TEST_CASE("Lines are cut where the screen ends, and nowhere else", "[cli]") {
  Table narrow({"A", "B"}, {}, 6);
  CHECK(narrow.lines({{"1234", "5678"}}) == "A    …\n1234 …\n");
  Table endless({"A", "B"}, {}, 0);
  CHECK(endless.lines({{"1234", "5678"}}) == "A     B\n1234  5678\n");
}

TEST_CASE("Times are shown in the local zone", "[cli]") {
  const char* before = ::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TZ", "Europe/Paris", 1);
  ::tzset();
  CHECK(local_time("2026-06-01T09:00:00Z") == "2026-06-01 11:00:00");
  CHECK(local_time("2026-01-01T23:30:00.5Z") == "2026-01-02 00:30:00");
  CHECK(local_time("soon") == "soon");
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST_CASE("Figures are said in words", "[cli]") {
  CHECK(duration_words(45) == "45 s");
  CHECK(duration_words(12 * 60) == "12 min");
  CHECK(duration_words(3 * 3600 + 12 * 60 + 5) == "3 h 12 min");
  CHECK(duration_words(5 * 86400 + 4 * 3600) == "5 d 4 h");
  CHECK(duration_words(-1) == "0 s");
  CHECK(count_words(1, "person", "people") == "1 person");
  CHECK(count_words(1234567, "person", "people") == "1,234,567 people");
  CHECK(count_words(100, "person", "people") == "100 people");
  CHECK(size_words(512) == "512 B");
  CHECK(size_words(1536) == "1.5 KiB");
  CHECK(size_words(3ull << 30) == "3.0 GiB");
}
