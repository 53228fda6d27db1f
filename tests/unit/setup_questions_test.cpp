// The questions of a set-up: defaults, bad answers that are explained and asked again, lists to choose from.

#include <deque>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "daemon/setup/questions.hpp"

using namespace gatehouse;
using namespace gatehouse::setup;

namespace {

/// Types what it was given, and stops when that is used up.
class Typist final : public Dialogue {
 public:
  explicit Typist(std::deque<std::string> lines) : lines_(std::move(lines)) {}
  void say(const std::string& text) override { said += text + "\n"; }
  Result<std::string> ask(const std::string& prompt) override {
    said += prompt;
    if (lines_.empty()) return Error{Errc::cancelled, "stopped"};
    auto line = lines_.front();
    lines_.pop_front();
    return line;
  }
  Result<std::string> ask_hidden(const std::string& prompt) override { return ask(prompt); }
  bool all_typed() const { return lines_.empty(); }

  std::string said;

 private:
  std::deque<std::string> lines_;
};

}  // namespace

TEST_CASE("Enter takes the default, which stands in brackets", "[setup]") {
  Typist typist({"", "  hq  "});
  Questions questions(typist);
  CHECK(questions.text("Site", "main", {}) == "main");
  CHECK(questions.text("Site", "main", {}) == "hq");
  CHECK_THAT(typist.said, Catch::StartsWith("Site [main]: "));
}

TEST_CASE("A bad answer is explained and asked again", "[setup]") {
  Typist typist({"", "maybe", "Y", "7", "0", "1-", "2,1-2", "timd", "timed", "", "secret "});
  Questions questions(typist);
  const auto not_empty = [](const std::string& text) { return text.empty() ? "It must not be empty." : ""; };
  CHECK(questions.text("Name", "", not_empty) == "maybe");
  CHECK(questions.yes("Write", false));
  CHECK(questions.some_of("Which", 3, {}) == std::vector<std::size_t>{0, 1});
  CHECK(questions.one_of("Kind", {"timed", "momentary"}, "timed") == "timed");
  CHECK(questions.hidden("Password") == "secret ");  // a blank may belong to it
  CHECK(typist.all_typed());
  CHECK_THAT(typist.said, Catch::Contains("It must not be empty.") && Catch::Contains("from 1 to 3") &&
                              Catch::Contains("did you mean 'timed'?"));
}

TEST_CASE("Whoever stops is asked nothing more", "[setup]") {
  Typist typist({});
  Questions questions(typist);
  CHECK_THROWS_AS(questions.yes("Write", true), Stopped);
  CHECK_THROWS_AS(questions.hidden("Password"), Stopped);
  CHECK_THROWS_AS(questions.some_of("Which", 3, {}), Stopped);
}

TEST_CASE("What was chosen from a list is shown as it may be typed", "[setup]") {
  CHECK(rc::check("choice_text and parse_choice", [] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 120);
    const auto picked = *rc::gen::unique<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, count));
    std::vector<std::size_t> chosen(picked);
    std::sort(chosen.begin(), chosen.end());
    RC_ASSERT(parse_choice(choice_text(chosen), count) == chosen);
  }));
  CHECK(parse_choice(" All ", 3) == std::vector<std::size_t>{0, 1, 2});
  CHECK(parse_choice("1 3", 3) == std::vector<std::size_t>{0, 2});
  CHECK(parse_choice("-", 3) == std::vector<std::size_t>{});
  for (const auto* wrong : {"", "4", "0", "3-1", "1,x", "1-4", "-1", "99999999999999999999"})
    CHECK_FALSE(parse_choice(wrong, 3));
}

TEST_CASE("A name from Net2 cannot move the cursor or turn the writing round", "[setup]") {
  CHECK(shown("a\x1b[2Jb\r\n\x7f") == "a?[2Jb???");
  CHECK(shown("x\xC2\x9By") == "x?y");
  CHECK(shown("x\xE2\x80\xAEy\xE2\x81\xA9") == "x?y?");
  CHECK(shown("Grüße 日本") == "Grüße 日本");
}
