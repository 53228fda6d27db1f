#include "daemon/cli/change_words.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "daemon/cli/decision_words.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

constexpr std::size_t most_keys = 60;
constexpr std::size_t most_examples = 10;

std::uint64_t count_at(const value& document, std::string_view path) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number_field(document, path).value_or(0), 0));
}

/// A list with an id for each item: what came, or went, is one of them.
bool is_whole(const std::string& key) {
  return key == "integrations" || key == "doors" || key == "access_points" || key == "scopes" ||
         key == "tests" || key.ends_with(".clients") || key.ends_with(".rules") || key.ends_with(".sites");
}

std::string key_words(const value& change) {
  const auto key = text_field(change, "key");
  const auto* before = find_field(change, "before");
  const auto* after = find_field(change, "after");
  if (before == nullptr && after != nullptr)
    return key + (is_whole(key) ? ": new: " : ": not given → ") + text_field(change, "after");
  if (after == nullptr && before != nullptr)
    return key + ": " + text_field(change, "before") + (is_whole(key) ? " is gone" : " → not given");
  return key + ": " + text_field(change, "before") + " → " + text_field(change, "after");
}

std::string by_type(const value& people, const char* effect, const char* words) {
  const auto* counts = find_field(people, effect);
  if (counts == nullptr || !counts->is_object() || counts->get_object().empty()) return {};
  std::string types;
  std::uint64_t all = 0;
  for (const auto& [type, count] : counts->get_object()) {
    const auto number = count_at(*counts, type);
    all += number;
    types += (types.empty() ? "" : ", ") + number_words(static_cast<std::int64_t>(number)) + ' ' +
             std::string(type);
  }
  return "  " + count_words(all, "person", "people") + ' ' + words + " (" + types + ")\n";
}

std::string people_words(const value& people) {
  auto effects = by_type(people, "let_in", "would be let in where they are not now") +
                 by_type(people, "kept_out", "would be kept out where they are let in now");
  std::string moments;
  for (const auto& at : list_field(people, "at")) {
    if (at.is_string())
      moments += (moments.empty() ? "" : " and ") + local_time(std::string_view(at.get_string()));
  }
  std::string out = "\nPeople (" + count_words(count_at(people, "looked_at"), "person", "people") + ", at " +
                    moments + ")\n";
  if (effects.empty()) return out + "  nobody is let in or kept out otherwise\n";
  out += effects;
  std::size_t shown = 0;
  for (const auto& one : list_field(people, "examples")) {
    if (shown++ == most_examples) break;
    out += "    " + harmless(text_field(one, "name")) + ", " + harmless(text_field(one, "person_type")) +
           (text_field(one, "effect") == "let_in" ? ": in at " : ": out at ") +
           harmless(text_field(one, "access_point")) + '\n';
  }
  return out;
}

}  // namespace

std::string change_words(const value& document, std::size_t width) {
  const auto& keys = list_field(document, "keys");
  if (keys.empty()) return "It is what is in force: nothing would change.\n";
  std::string out = "\nWhat would change\n";
  const auto add = [&](const std::string& line) {
    const auto safe = harmless(line);
    out += (width > 0 ? cut_to_width(safe, width) : safe) + '\n';
  };
  for (std::size_t i = 0; i < std::min(keys.size(), most_keys); ++i) add("  " + key_words(keys[i]));
  if (keys.size() > most_keys)
    add("  and " + std::to_string(keys.size() - most_keys) + " more keys (--json)");
  std::string restart;
  for (const auto& key : list_field(document, "needs_restart")) {
    if (key.is_string()) restart += (restart.empty() ? "" : ", ") + std::string(key.get_string());
  }
  if (!restart.empty())
    add("! " + restart + " cannot change by a reload: systemctl restart gatehouse puts it in force");
  const auto& sync = list_field(document, "sync");
  if (!sync.empty()) out += "\nSources\n";
  for (const auto& one : sync) {
    add("  " + text_field(one, "integration") + ", " +
        count_words(count_at(one, "records"), "record", "records") + ": " + text_field(one, "text"));
  }
  if (const auto* people = find_field(document, "people")) out += people_words(*people);
  if (const auto* decisions = find_field(document, "decisions"))
    out += "\nThe last week\n" + replay_words(*decisions, width);
  return out;
}

}  // namespace gatehouse
