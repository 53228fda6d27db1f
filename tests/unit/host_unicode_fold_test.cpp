#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/host/unicode_fold.hpp"

namespace gatehouse {
namespace {

std::string fold(std::string_view text) {
  return UnicodeFold().fold(text);
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string random_text() {
  const auto part = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::weightedOneOf<std::uint32_t>({
      {4, rc::gen::inRange<std::uint32_t>(0, 0x80)},
      {4, rc::gen::inRange<std::uint32_t>(0x80, 0x600)},
      {3, rc::gen::inRange<std::uint32_t>(0x300, 0x370)},  // marks
      {3, rc::gen::inRange<std::uint32_t>(0x1e00, 0x2070)},
      {2, rc::gen::inRange<std::uint32_t>(0x0600, 0xd800)},
      {1, rc::gen::inRange<std::uint32_t>(0xe000, 0x110000)},
  }));
  std::string text;
  for (const auto code : part) append_utf8(text, code);
  return text;
}

}  // namespace

TEST_CASE("Text folds to one spelling, whatever its case, blanks and composition") {
  CHECK(fold("") == "");
  CHECK(fold(" \t\r\n") == "");
  CHECK(fold("  Ada \t  LOVELACE\n") == "ada lovelace");
  CHECK(fold("Zoë@Example.COM") == "zoë@example.com");
  CHECK(fold("RENE\u0301E") == "ren\u00e9e");
  CHECK(fold("REN\u00c9E") == "ren\u00e9e");
  CHECK(fold("Straße") == fold("STRASSE"));
  CHECK(fold("\u1e9e") == "ss");
  CHECK(fold("ΣΊΣΥΦΟΣ") == fold("σίσυφος"));
  CHECK(fold("ς") == "σ");
  CHECK(fold("İ") == "i\u0307");
  CHECK(fold("I") == "i");
  CHECK(fold("ı") == "ı");
}

TEST_CASE("Folding takes nothing apart but what case folding itself does") {
  CHECK(fold("Œuvre Ægir ĳ") == "œuvre ægir ĳ");
  CHECK(fold("m² ①") == "m² ①");
  CHECK(fold("\ufb01n") == "fin");
}

TEST_CASE("Every Unicode blank is a blank") {
  CHECK(fold("\u00a0Ada\u00a0\u2003 Byron\u3000") == "ada byron");
  CHECK(fold("\u2028\u0085") == "");
  CHECK(fold("a\u200bb") == "a\u200bb");  // ZERO WIDTH SPACE is no White_Space
}

TEST_CASE("Marks are equal in whatever order they were typed") {
  CHECK(fold("a\u0323\u0307") == fold("a\u0307\u0323"));
  CHECK(fold("\u03b1\u0345\u0301") == fold("\u03b1\u0301\u0345"));
  CHECK(fold("\u1fb4") == fold("\u03b1\u0345\u0301"));
}

TEST_CASE("What is not UTF-8 is folded as ASCII") {
  CHECK(fold("  REN\xc9 \t X ") == "ren\xc9 x");
  CHECK(fold("A\xed\xa0\x80 B") == "a\xed\xa0\x80 b");  // a surrogate
  CHECK(fold("A\xc0\x80") == "a\xc0\x80");              // an overlong form
  CHECK(fold("É\xff") == "É\xff");
  CHECK(fold(std::string_view("A\0B", 3)) == std::string_view("a\0b", 3));
}

TEST_CASE("Long text is folded whole") {
  std::string text;
  std::string folded;
  for (int i = 0; i < 10'000; ++i) {
    text += i % 2 == 0 ? "É" : "A";
    folded += i % 2 == 0 ? "é" : "a";
  }
  CHECK(fold(text) == folded);
}

TEST_CASE("Folding what is folded changes nothing") {
  CHECK(rc::check("of UTF-8", [] {
    const auto once = fold(random_text());
    RC_ASSERT(fold(once) == once);
  }));
  CHECK(rc::check("of any bytes", [](const std::string& bytes) {
    const auto once = fold(bytes);
    RC_ASSERT(fold(once) == once);
  }));
  for (std::uint32_t code = 0; code < 0x30000; ++code) {  // beyond, nothing folds
    if (code >= 0xd800 && code < 0xe000) continue;
    std::string text;
    append_utf8(text, code);
    const auto once = fold(text);
    if (fold(once) != once) FAIL("U+" << std::hex << code);
  }
}

TEST_CASE("Folding is safe from several threads") {
  std::vector<std::string> folded(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : folded) {
      threads.emplace_back([&mine] {
        for (int i = 0; i < 1000; ++i) mine = fold("  ÅSA \u00a0 STRAßE ");
      });
    }
  }
  for (const auto& mine : folded) CHECK(mine == "åsa strasse");
}

}  // namespace gatehouse
