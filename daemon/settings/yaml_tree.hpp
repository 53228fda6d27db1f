#pragma once
// A YAML document as a tree that remembers where everything stood. Stricter than YAML: one document, no tags,
// and a key once. Types are not guessed here: a scalar is its text, and whether it was quoted. An alias is
// the value of its anchor once more; it stands where the alias does, and what is inside it where the anchor
// has it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

struct Place {
  std::size_t file = 0;  ///< index into the files read
  int line = 1;
  int column = 1;
};

struct Member;

struct TreeNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< a quoted scalar is text, whatever it looks like
  Place place;
  std::vector<TreeNode> items;  ///< of a list
  std::vector<Member> members;  ///< of a map, in the file's order, no key twice

  /// The value of a key of a map; nullptr where there is none.
  const TreeNode* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Place place;  ///< of the key
  TreeNode value;
};

struct TreeFault {
  Place place;
  std::string message;
};

struct Tree {
  TreeNode root;
  std::vector<TreeFault> faults;
  bool syntax_error = false;  ///< the one fault is all that can be said; root is empty
};

/// Reads one file's bytes. An empty document is a null root. Never throws.
Tree parse_yaml(const std::string& bytes, std::size_t file);

}  // namespace gatehouse::config
