#include "daemon/settings/yaml_tree.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace gatehouse::config {

namespace {

/// Offset of the first byte that is not UTF-8 (or is NUL); nullopt where all is well.
std::optional<std::size_t> bad_utf8(const std::string& bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned char lead = byte(i);
    if (lead == 0) return i;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + length > bytes.size()) return i;
    for (std::size_t k = 1; k < length; ++k)
      if ((byte(i + k) & 0xC0) != 0x80) return i;
    const unsigned char second = byte(i + 1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    if (overlong || surrogate || (lead == 0xF4 && second > 0x8F)) return i;
    i += length;
  }
  return std::nullopt;
}

Place place_of_offset(const std::string& bytes, std::size_t offset, std::size_t file) {
  Place place{file, 1, 1};
  for (std::size_t i = 0; i < offset; ++i) {
    if (bytes[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
  }
  return place;
}

/// The text by lines, to look again at what yaml-cpp says too little of.
class Lines {
 public:
  explicit Lines(const std::string& bytes) : bytes_(bytes) {
    for (std::size_t at = 0; at != std::string::npos && at <= bytes.size();) {
      starts_.push_back(at);
      at = bytes.find('\n', at);
      if (at != std::string::npos) ++at;
    }
  }

  std::string_view line(int number) const {
    const auto index = static_cast<std::size_t>(number - 1);
    if (number < 1 || index >= starts_.size()) return {};
    const auto end = index + 1 < starts_.size() ? starts_[index + 1] : bytes_.size();
    return std::string_view(bytes_).substr(starts_[index], end - starts_[index]);
  }

  /// All from a place on.
  std::string_view from(const Place& place) const {
    const auto index = static_cast<std::size_t>(place.line - 1);
    if (place.line < 1 || index >= starts_.size()) return {};
    return std::string_view(bytes_).substr(
        std::min(starts_[index] + static_cast<std::size_t>(place.column - 1), bytes_.size()));
  }

 private:
  const std::string& bytes_;
  std::vector<std::size_t> starts_;
};

/// The commonest slip, for which yaml-cpp has no words of its own.
bool tab_indents(const Lines& lines, int number) {
  const auto line = lines.line(number);
  const auto first = line.find_first_not_of(' ');
  return first != std::string_view::npos && line[first] == '\t';
}

/// yaml-cpp lets a text go on to the end of the file where its closing quote is missing.
bool is_closed(std::string_view quoted) {
  while (quoted.starts_with('&') || quoted.starts_with('!')) {  // an anchor or a tag before it
    quoted.remove_prefix(std::min(quoted.find_first_of(" \t\r\n"), quoted.size()));
    quoted.remove_prefix(std::min(quoted.find_first_not_of(" \t\r\n"), quoted.size()));
  }
  const char quote = quoted.empty() ? '\0' : quoted.front();
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t i = 1; i < quoted.size(); ++i) {
    if (quoted[i] == '\\' && quote == '"') {
      ++i;
    } else if (quoted[i] == quote) {
      if (quote == '"' || i + 1 == quoted.size() || quoted[i + 1] != quote) return true;
      ++i;
    }
  }
  return false;
}

/// The dash of an empty item, for yaml-cpp marks the token after it: the last one before `next` in the column
/// of the list's dashes. In a list in brackets there is none.
std::optional<Place> dash_of_empty_item(const Lines& lines, const Place& list, const Place& next) {
  const auto column = static_cast<std::size_t>(list.column - 1);
  for (int number = next.line; number >= list.line; --number) {
    if (number == next.line && next.column <= list.column) continue;
    const auto line = lines.line(number);
    if (line.size() <= column || line[column] != '-') continue;
    const bool alone =
        column + 1 == line.size() || std::string_view(" \t\r\n").find(line[column + 1]) != std::string::npos;
    if (alone && (number == list.line || line.find_first_not_of(" -") >= column))
      return Place{list.file, number, list.column};
  }
  return std::nullopt;
}

/// What aliases may add to a file, so that a few lines cannot become millions of values.
constexpr std::size_t most_repeated = 100'000;

std::size_t count_of(const TreeNode& node) {
  std::size_t count = 1;
  for (const TreeNode& item : node.items) count += count_of(item);
  for (const Member& member : node.members) count += count_of(member.value);
  return count;
}

/// Builds the tree from yaml-cpp's events: its own nodes keep the last of two equal keys and say nothing.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::size_t file, const Lines& lines, Tree& tree) : file_(file), lines_(lines), tree_(tree) {}

  /// Of the text in quotes that came last.
  const std::optional<Place>& last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(TreeNode{TreeNode::Kind::null, "", false, place(mark), {}, {}}, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchored_.find(anchor);
    if (known == anchored_.end()) {
      fault(mark, "this alias (*name) stands within its own anchor (&name)");
      add(TreeNode{TreeNode::Kind::null, "", false, place(mark), {}, {}}, 0);
    } else if (may_repeat(known->second, place(mark))) {
      TreeNode again = known->second;
      again.place = place(mark);
      add(std::move(again), 0);
    } else {
      add(TreeNode{TreeNode::Kind::null, "", false, place(mark), {}, {}}, 0);
    }
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    if (tag == "!") last_quoted_ = place(mark);
    add(TreeNode{TreeNode::Kind::scalar, value, tag == "!", place(mark), {}, {}}, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(TreeNode::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(TreeNode::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    TreeNode node;
    YAML::anchor_t anchor = 0;
    std::optional<Member> pending{};  ///< a map's key whose value has not come yet
  };

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  void fault(const YAML::Mark& mark, std::string message) {
    tree_.faults.push_back({place(mark), std::move(message)});
  }
  /// Counts it, too: an anchor within an anchor is kept twice.
  bool may_repeat(const TreeNode& node, const Place& at) {
    const bool was_too_many = repeated_ > most_repeated;
    if (!was_too_many) repeated_ += count_of(node);
    if (repeated_ <= most_repeated) return true;
    if (!was_too_many)
      tree_.faults.push_back({at, "anchors and aliases (&name, *name) make more than " +
                                      std::to_string(most_repeated) + " values of this file"});
    return false;
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") fault(mark, "tags (!name) are not used in this file");
  }

  void open(TreeNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    open_.push_back({TreeNode{kind, "", false, place(mark), {}, {}}, anchor});
  }

  void close() {
    TreeNode done = std::move(open_.back().node);
    const auto anchor = open_.back().anchor;
    open_.pop_back();
    add(std::move(done), anchor);
  }

  void add(TreeNode node, YAML::anchor_t anchor) {
    if (anchor != 0) keep(node, anchor);
    if (open_.empty()) {
      tree_.root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == TreeNode::Kind::list) {
      if (node.kind == TreeNode::Kind::null)
        node.place = dash_of_empty_item(lines_, parent.node.place, node.place).value_or(node.place);
      parent.node.items.push_back(std::move(node));
    } else if (!parent.pending) {
      begin_member(parent, std::move(node));
    } else {
      finish_member(parent, std::move(node));
    }
  }

  void keep(const TreeNode& node, YAML::anchor_t anchor) {
    anchored_.insert_or_assign(anchor, may_repeat(node, node.place) ? node : TreeNode{});
  }

  void begin_member(Open& parent, TreeNode key) {
    if (key.kind != TreeNode::Kind::scalar)
      tree_.faults.push_back({key.place, "a key must be a word, not a list, a mapping or nothing"});
    parent.pending = Member{std::move(key.text), key.place, {}};
  }

  void finish_member(Open& parent, TreeNode value) {
    Member member = std::move(*parent.pending);
    parent.pending.reset();
    // An empty value has no text of its own, and yaml-cpp marks the token after it.
    if (value.kind == TreeNode::Kind::null) value.place = member.place;
    const auto same = std::find_if(parent.node.members.begin(), parent.node.members.end(),
                                   [&](const Member& known) { return known.key == member.key; });
    if (same != parent.node.members.end()) {
      tree_.faults.push_back({member.place, "duplicate key '" + member.key + "', first given in line " +
                                                std::to_string(same->place.line)});
      return;
    }
    member.value = std::move(value);
    parent.node.members.push_back(std::move(member));
  }

  std::size_t file_;
  const Lines& lines_;
  Tree& tree_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, TreeNode> anchored_;
  std::size_t repeated_ = 0;  ///< values that are kept or were put in for aliases
  std::optional<Place> last_quoted_;
};

Tree syntax_error(Place place, std::string message) {
  Tree tree;
  tree.syntax_error = true;
  tree.faults.push_back({place, std::move(message)});
  return tree;
}

}  // namespace

const TreeNode* TreeNode::find(std::string_view key) const {
  for (const Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

Tree parse_yaml(const std::string& bytes, std::size_t file) {
  if (const auto offset = bad_utf8(bytes))
    return syntax_error(place_of_offset(bytes, *offset, file), "this is not UTF-8 text");
  const Lines lines(bytes);
  Tree tree;
  try {
    std::istringstream in(bytes);
    YAML::Parser parser(in);
    Builder builder(file, lines, tree);
    if (!parser.HandleNextDocument(builder)) return tree;
    if (const auto& last = builder.last_quoted(); last && !is_closed(lines.from(*last)))
      return syntax_error(*last, "YAML syntax: the closing quote of this text is missing");
    Tree rest;
    Builder ignored(file, lines, rest);
    if (parser.HandleNextDocument(ignored))
      tree.faults.push_back(
          {rest.root.place, "only one YAML document is read; a second one (---) begins here"});
  } catch (const YAML::Exception& e) {
    const Place place{file, std::max(e.mark.line, 0) + 1, std::max(e.mark.column, 0) + 1};
    const std::string hint =
        tab_indents(lines, place.line) ? " (a tab is no indentation in YAML; use blanks)" : "";
    return syntax_error(place, "YAML syntax: " + e.msg + hint);
  } catch (const std::exception& e) {
    return syntax_error({file, 1, 1}, std::string("YAML syntax: ") + e.what());
  }
  return tree;
}

}  // namespace gatehouse::config
