// A misspelt key never goes unnoticed: every key of the sample, misspelt by one character in every way there
// is.

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/nearest.hpp"
#include "daemon/settings/yaml_tree.hpp"

using namespace gatehouse;

namespace {

std::string sample_text() {
  std::ifstream in(GATEHOUSE_SOURCE_DIR "/config/gatehouse.yaml", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Key {
  std::string name;
  std::string parent;       ///< path of the section, for the words that are known there
  std::size_t section = 0;  ///< keys of one section have the same number
  std::size_t among = 0;    ///< place among the keys of its section
  std::size_t offset = 0;   ///< of the first character in the text
  int line = 0;
};

/// All keys of the sample but the installer's own names (groups and schedules).
class Keys {
 public:
  explicit Keys(const std::string& text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
    walk(config::parse_yaml(text, 0).root, "");
  }
  const std::vector<Key>& all() const { return all_; }

 private:
  void walk(const config::TreeNode& node, const std::string& path) {
    const std::size_t section = ++sections_;
    const bool own_names = path == "schedules" || path == "integrations[].sync.groups";
    std::size_t among = 0;
    for (const config::Member& member : node.members) {
      const std::size_t offset = starts_.at(static_cast<std::size_t>(member.place.line) - 1) +
                                 static_cast<std::size_t>(member.place.column) - 1;
      const std::size_t quote = text_[offset] == '"' ? 1 : 0;
      if (!own_names) all_.push_back({member.key, path, section, among++, offset + quote, member.place.line});
      walk(member.value, path.empty() ? member.key : path + "." + member.key);
    }
    for (const config::TreeNode& item : node.items) walk(item, path + "[]");
  }

  const std::string& text_;
  std::vector<std::size_t> starts_;
  std::vector<Key> all_;
  std::size_t sections_ = 0;
};

/// One character left out, put twice, exchanged for another, or swapped with its neighbour.
std::vector<std::string> misspelt(const std::string& word, const std::vector<std::size_t>& positions) {
  std::set<std::string> out;
  for (const std::size_t at : positions) {
    std::string dropped = word, doubled = word, replaced = word, swapped = word;
    dropped.erase(at, 1);
    doubled.insert(at, 1, word[at]);
    replaced[at] = word[at] == 'x' ? 'q' : 'x';
    if (at + 1 < word.size()) std::swap(swapped[at], swapped[at + 1]);
    out.insert({dropped, doubled, replaced, swapped});
  }
  out.erase(word);
  out.erase("");
  return {out.begin(), out.end()};
}

/// Mutations that make another word of the same section are no typos.
bool is_a_word_there(const std::string& word, const Key& key, const std::set<std::string>& known) {
  std::string parent = key.parent;
  for (const std::string prefix : {"scopes[].policy", "doors[].policy"})
    if (parent.starts_with(prefix)) parent = "policy" + parent.substr(prefix.size());
  return known.contains(parent.empty() ? word : parent + "." + word);
}

std::set<std::string> known_paths() {
  std::set<std::string> out;
  for (const SettingsKey& key : settings_keys()) out.insert(key.path);
  return out;
}

struct Typo {
  const Key* key;
  std::string word;
};

std::string with_typos(const std::string& text, std::vector<Typo> typos) {
  std::sort(typos.begin(), typos.end(),
            [](const Typo& a, const Typo& b) { return a.key->offset > b.key->offset; });
  std::string out = text;
  for (const Typo& typo : typos) out.replace(typo.key->offset, typo.key->name.size(), typo.word);
  return out;
}

void require_refused(const Loaded& loaded, const Typo& typo) {
  INFO("'" << typo.word << "' in place of '" << typo.key->name << "' in line " << typo.key->line);
  CHECK_FALSE(loaded.settings);
  const std::string hint = "did you mean '" + typo.key->name + "'?";
  const bool told = std::any_of(loaded.faults.begin(), loaded.faults.end(), [&](const Fault& fault) {
    return fault.line == typo.key->line && fault.message.find("'" + typo.word + "'") != std::string::npos &&
           fault.message.find(hint) != std::string::npos;
  });
  if (told) {
    SUCCEED();
    return;
  }
  std::string all;
  for (const Fault& fault : loaded.faults) all += to_string(fault) + "\n";
  FAIL_CHECK("not told; the faults are:\n" << all);
}

std::vector<std::size_t> some_positions(const std::string& word) {
  return {0, word.size() / 2, word.size() - 1};
}

std::vector<std::size_t> all_positions(const std::string& word) {
  std::vector<std::size_t> out(word.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = i;
  return out;
}

}  // namespace

TEST_CASE(
    "A single-character typo in each key of the sample is refused with its line and the right suggestion",
    "[settings]") {
  const std::string text = sample_text();
  const Keys keys(text);
  const auto known = known_paths();
  REQUIRE(keys.all().size() > 230);
  // All faults come in one go, so that many typos fit into one file, as long as few of them are in one
  // section.
  constexpr std::size_t apart = 4;
  std::map<std::size_t, std::vector<Typo>> files;
  for (const Key& key : keys.all()) {
    std::size_t number = 0;
    for (const std::string& word : misspelt(key.name, some_positions(key.name)))
      if (!is_a_word_there(word, key, known))
        files[number++ * apart + key.among % apart].push_back({&key, word});
  }
  for (const auto& [number, typos] : files) {
    const Loaded loaded = load_settings_text(with_typos(text, typos), "gatehouse.yaml");
    for (const Typo& typo : typos) require_refused(loaded, typo);
  }
}

TEST_CASE("A misspelt key gives one fault, not a trail of them", "[settings]") {
  const std::string text = sample_text();
  const Keys keys(text);
  std::size_t number = 0;
  for (const Key& key : keys.all()) {
    if (++number % 4 != 0) continue;
    std::string word = key.name;
    word.insert(word.size() / 2, 1, 'x');
    const Loaded loaded = load_settings_text(with_typos(text, {{&key, word}}), "gatehouse.yaml");
    INFO(word << " in line " << key.line);
    for (const Fault& fault : loaded.faults) UNSCOPED_INFO(to_string(fault));
    CHECK(loaded.faults.size() == 1);
  }
}

TEST_CASE("Every single-character typo at every position is refused, one at a time",
          "[.thorough][settings]") {
  const std::string text = sample_text();
  const Keys keys(text);
  const auto known = known_paths();
  for (const Key& key : keys.all())
    for (const std::string& word : misspelt(key.name, all_positions(key.name))) {
      if (is_a_word_there(word, key, known)) continue;
      const Loaded loaded = load_settings_text(with_typos(text, {{&key, word}}), "gatehouse.yaml");
      require_refused(loaded, {&key, word});
    }
}

TEST_CASE("The distance of two words counts inserted, missing, replaced and swapped characters",
          "[settings]") {
  using config::edit_distance;
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("poll", "poll") == 0);
  CHECK(edit_distance("pol", "poll") == 1);
  CHECK(edit_distance("plol", "poll") == 1);
  CHECK(edit_distance("pxll", "poll") == 1);
  CHECK(edit_distance("password", "username") == edit_distance("username", "password"));
}

TEST_CASE("No suggestion is made for a word that is near to nothing", "[settings]") {
  CHECK_FALSE(config::nearest("banana", {"id", "name", "timezone"}));
  CHECK_FALSE(config::nearest("x", {"at", "on"}));
  CHECK(config::nearest("timezon", {"id", "name", "timezone"}) == "timezone");
  CHECK_FALSE(config::nearest(std::string(100'000, 'a'), {"id"}));
}
