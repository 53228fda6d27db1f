#include "daemon/settings/yaml_tree.hpp"

#include <algorithm>
#include <exception>
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

/// The commonest slip, for which yaml-cpp has no words of its own.
bool tab_indents(const std::string& bytes, int line) {
  std::size_t start = 0;
  for (int i = 1; i < line && start != std::string::npos; ++i) {
    start = bytes.find('\n', start);
    if (start != std::string::npos) ++start;
  }
  if (start == std::string::npos) return false;
  const auto first = bytes.find_first_not_of(' ', start);
  return first != std::string::npos && bytes[first] == '\t';
}

/// Builds the tree from yaml-cpp's events: its own nodes keep the last of two equal keys and say nothing.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::size_t file, Tree& tree) : file_(file), tree_(tree) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(TreeNode{TreeNode::Kind::null, "", false, place(mark), {}, {}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    fault(mark, "aliases (*name) are not used in this file; write the value out");
    add(TreeNode{TreeNode::Kind::null, "", false, place(mark), {}, {}});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    add(TreeNode{TreeNode::Kind::scalar, value, tag == "!", place(mark), {}, {}});
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
    std::optional<Member> pending;  ///< a map's key whose value has not come yet
  };

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  void fault(const YAML::Mark& mark, std::string message) {
    tree_.faults.push_back({place(mark), std::move(message)});
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) fault(mark, "anchors (&name) are not used in this file; write the value out");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") fault(mark, "tags (!name) are not used in this file");
  }

  void open(TreeNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open_.push_back({TreeNode{kind, "", false, place(mark), {}, {}}, std::nullopt});
  }

  void close() {
    TreeNode done = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(done));
  }

  void add(TreeNode node) {
    if (open_.empty()) {
      tree_.root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == TreeNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.pending) {
      begin_member(parent, std::move(node));
    } else {
      finish_member(parent, std::move(node));
    }
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
  Tree& tree_;
  std::vector<Open> open_;
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
  Tree tree;
  try {
    std::istringstream in(bytes);
    YAML::Parser parser(in);
    Builder builder(file, tree);
    if (!parser.HandleNextDocument(builder)) return tree;
    Tree rest;
    Builder ignored(file, rest);
    if (parser.HandleNextDocument(ignored))
      tree.faults.push_back(
          {rest.root.place, "only one YAML document is read; a second one (---) begins here"});
  } catch (const YAML::Exception& e) {
    const Place place{file, std::max(e.mark.line, 0) + 1, std::max(e.mark.column, 0) + 1};
    const std::string hint =
        tab_indents(bytes, place.line) ? " (a tab is no indentation in YAML; use blanks)" : "";
    return syntax_error(place, "YAML syntax: " + e.msg + hint);
  } catch (const std::exception& e) {
    return syntax_error({file, 1, 1}, std::string("YAML syntax: ") + e.what());
  }
  return tree;
}

}  // namespace gatehouse::config
