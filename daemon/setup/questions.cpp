#include "daemon/setup/questions.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "daemon/settings/nearest.hpp"
#include "daemon/setup/hidden_characters.hpp"

namespace gatehouse::setup {
namespace {

std::string trimmed(const std::string& text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::optional<std::size_t> number_in(std::string_view text, std::size_t count) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1 || number > count)
    return std::nullopt;
  return number;
}

}  // namespace

std::string Questions::line(const std::string& question, const std::string& by_default) {
  auto answer = dialogue_.ask(question + (by_default.empty() ? "" : " [" + shown(by_default) + "]") + ": ");
  if (!answer) throw Stopped{};
  const std::string text = trimmed(*answer);
  return text.empty() ? by_default : text;
}

std::string Questions::text(const std::string& question, const std::string& by_default, const Judge& judge) {
  for (;;) {
    std::string answer = line(question, by_default);
    const std::string wrong = judge ? judge(answer) : "";
    if (wrong.empty()) return answer;
    say("  " + wrong);
  }
}

std::string Questions::hidden(const std::string& question) {
  for (;;) {
    auto answer = dialogue_.ask_hidden(question + " (nothing is shown while you type): ");
    if (!answer) throw Stopped{};
    if (!answer->empty()) return std::move(*answer);
    say("  It must not be empty.");
  }
}

bool Questions::yes(const std::string& question, bool by_default) {
  for (;;) {
    const std::string answer = lower(line(question + " (yes/no)", by_default ? "yes" : "no"));
    if (answer == "yes" || answer == "y") return true;
    if (answer == "no" || answer == "n") return false;
    say("  Please answer yes or no.");
  }
}

std::string Questions::one_of(const std::string& question, const std::vector<std::string>& words,
                              const std::string& by_default) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : "/") + word;
  return text(question + " (" + all + ")", by_default, [&](const std::string& answer) {
    if (std::find(words.begin(), words.end(), answer) != words.end()) return std::string();
    return "Please answer one of " + all + config::did_you_mean(answer, words) + ".";
  });
}

std::vector<std::size_t> Questions::some_of(const std::string& question, std::size_t count,
                                            const std::vector<std::size_t>& by_default) {
  for (;;) {
    const auto chosen = parse_choice(line(question, choice_text(by_default)), count);
    if (chosen) return *chosen;
    say("  Please answer numbers of the list, such as 1,3-5; or all; or none. The list goes from 1 to " +
        std::to_string(count) + ".");
  }
}

std::optional<std::vector<std::size_t>> parse_choice(const std::string& text, std::size_t count) {
  const std::string words = lower(trimmed(text));
  std::set<std::size_t> chosen;
  if (words == "none" || words == "-") return std::vector<std::size_t>{};
  if (words == "all") {
    for (std::size_t i = 0; i < count; ++i) chosen.insert(i);
    return std::vector<std::size_t>(chosen.begin(), chosen.end());
  }
  std::string parts = words;
  std::replace(parts.begin(), parts.end(), ',', ' ');
  std::istringstream in(parts);
  for (std::string part; in >> part;) {
    const auto dash = part.find('-');
    const auto first = number_in(std::string_view(part).substr(0, dash), count);
    const auto last =
        dash == std::string::npos ? first : number_in(std::string_view(part).substr(dash + 1), count);
    if (!first || !last || *last < *first) return std::nullopt;
    for (std::size_t i = *first; i <= *last; ++i) chosen.insert(i - 1);
  }
  if (chosen.empty()) return std::nullopt;
  return std::vector<std::size_t>(chosen.begin(), chosen.end());
}

std::string choice_text(const std::vector<std::size_t>& chosen) {
  if (chosen.empty()) return "none";
  std::string out;
  for (std::size_t i = 0; i < chosen.size();) {
    std::size_t end = i;
    while (end + 1 < chosen.size() && chosen[end + 1] == chosen[end] + 1) ++end;
    out += (out.empty() ? "" : ",") + std::to_string(chosen[i] + 1);
    if (end != i) out += "-" + std::to_string(chosen[end] + 1);
    i = end + 1;
  }
  return out;
}

std::string shown(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto hidden = hidden_at(text, i);
    out += hidden.bytes == 0 ? text[i] : '?';
    if (hidden.bytes > 0) i += hidden.bytes - 1;
  }
  return out;
}

}  // namespace gatehouse::setup
