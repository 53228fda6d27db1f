#pragma once
// A section of the file as a table of its keys. Reading, showing, the list of known keys and the hints for
// misspelt ones all come from the same table, so they cannot disagree.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/settings/nearest.hpp"
#include "daemon/settings/reading.hpp"
#include "daemon/settings/yaml_tree.hpp"

namespace gatehouse::config {

/// One key of the grammar: "integrations[].poll.people".
struct KeyInfo {
  std::string path;
  std::string type;  ///< in words: "duration, 1s to 1d"
  bool required = false;
};

/// How one kind of value is read from the file and written back.
template <typename V>
struct Codec {
  /// Puts the value in place, or says what is wrong with the node and leaves the default.
  std::function<void(const TreeNode&, Reading&, V&)> read;
  /// nullopt: the key is left out.
  std::function<std::optional<TreeNode>(const V&)> show;
  std::string type;
  /// The keys inside a value, each with the path of the value before it; empty for a value without keys.
  std::function<void(const std::string& path, std::vector<KeyInfo>&)> list = {};
};

template <typename T>
class Table {
 public:
  /// `access` is a member pointer, or a generic lambda that takes T and gives a reference.
  template <typename Access, typename V>
  [[gnu::noinline]] Table& key(std::string_view name, Access access, const Codec<V>& codec) {
    Key& key = keys_.emplace_back();
    key.name = name;
    key.type = codec.type;
    key.read = [access, read = codec.read](const TreeNode& node, Reading& reading, T& into) {
      read(node, reading, std::invoke(access, into));
    };
    key.show = [access, show = codec.show](const T& from) { return show(std::invoke(access, from)); };
    key.list = codec.list;
    return *this;
  }

  /// The key declared last must be given.
  Table& required() {
    keys_.back().required = true;
    return *this;
  }
  /// The key declared last has a meaning only where this holds; elsewhere it is a fault with these words.
  Table& only_if(std::function<bool(const T&)> holds, std::string otherwise) {
    keys_.back().holds = std::move(holds);
    keys_.back().otherwise = std::move(otherwise);
    return *this;
  }
  /// A key people expect here that stands elsewhere.
  Table& misplaced(std::string name, const std::string& where) {
    std::string message = "'" + name + "' " + where;
    misplaced_.emplace_back(std::move(name), std::move(message));
    return *this;
  }
  /// What must hold between the keys, and defaults that depend on others; called once the keys are read.
  Table& after(std::function<void(const TreeNode&, Reading&, T&)> check) {
    after_ = std::move(check);
    return *this;
  }

  void read(const TreeNode& node, Reading& reading, T& into) const {
    if (node.kind != TreeNode::Kind::map) {
      reading.wrong(node, "a mapping (key: value)");
      return;
    }
    // A misspelt key is read as the one that was meant: one slip then gives one fault, not a trail of them.
    std::set<std::string> given;
    std::vector<std::pair<const Key*, const Member*>> known;
    for (const Member& member : node.members)
      if (find(member.key)) given.insert(member.key);
    for (const Member& member : node.members) {
      const Key* key = find(member.key);
      if (!key) key = refuse_unknown(member, reading, given);
      if (!key) continue;
      known.emplace_back(key, &member);
    }
    for (const Key& key : keys_)
      for (const auto& [meant, member] : known)
        if (meant == &key) key.read(member->value, reading, into);
    for (const auto& [key, member] : known)
      if (key->holds && !key->holds(into))
        reading.fault(member->place, "'" + key->name + "' " + key->otherwise);
    for (const Key& key : keys_)
      if (key.required && !given.contains(key.name) && (!key.holds || key.holds(into)))
        reading.fault(node.place, "the key '" + key.name + "' is missing here");
    if (after_) after_(node, reading, into);
  }

  TreeNode show(const T& from) const {
    TreeNode node;
    node.kind = TreeNode::Kind::map;
    for (const Key& key : keys_) {
      if (key.holds && !key.holds(from)) continue;
      if (auto value = key.show(from)) node.members.push_back({key.name, {}, std::move(*value)});
    }
    return node;
  }

  void list(const std::string& path, std::vector<KeyInfo>& into) const {
    for (const Key& key : keys_) {
      std::string full = path;
      if (!full.empty()) full += '.';
      full += key.name;
      into.push_back({full, key.type, key.required});
      if (key.list) key.list(full, into);
    }
  }

 private:
  struct Key {
    std::string name;
    std::string type;
    bool required = false;
    std::function<void(const TreeNode&, Reading&, T&)> read;
    std::function<std::optional<TreeNode>(const T&)> show;
    std::function<void(const std::string&, std::vector<KeyInfo>&)> list;
    std::function<bool(const T&)> holds;
    std::string otherwise;
  };

  const Key* find(std::string_view name) const {
    for (const Key& key : keys_)
      if (key.name == name) return &key;
    return nullptr;
  }

  /// The key that was meant, where one is near and not given itself.
  const Key* refuse_unknown(const Member& member, Reading& reading, std::set<std::string>& given) const {
    for (const auto& [name, message] : misplaced_) {
      if (member.key != name) continue;
      reading.fault(member.place, message);
      return nullptr;
    }
    std::vector<std::string> candidates;
    for (const Key& key : keys_)
      if (!given.contains(key.name)) candidates.push_back(key.name);
    for (const Key& key : keys_)
      if (given.contains(key.name)) candidates.push_back(key.name);
    reading.fault(member.place, "unknown key '" + member.key + "'" + did_you_mean(member.key, candidates));
    const auto meant = nearest(member.key, candidates);
    if (!meant || !given.insert(*meant).second) return nullptr;
    return find(*meant);
  }

  std::vector<Key> keys_;
  std::vector<std::pair<std::string, std::string>> misplaced_;
  std::function<void(const TreeNode&, Reading&, T&)> after_;
};

/// A value that is a section of its own. The table must outlive the codec (they are function-local statics).
template <typename T>
Codec<T> section(const Table<T>& table) {
  return {[&table](const TreeNode& node, Reading& reading, T& into) { table.read(node, reading, into); },
          [&table](const T& from) { return std::optional<TreeNode>(table.show(from)); }, "section",
          [&table](const std::string& path, std::vector<KeyInfo>& into) { table.list(path, into); }};
}

/// A value that may be left out, and is then left out of what is shown, too.
template <typename V>
Codec<std::optional<V>> maybe(const Codec<V>& codec) {
  return {[read = codec.read](const TreeNode& node, Reading& reading, std::optional<V>& into) {
            read(node, reading, into.emplace());
          },
          [show = codec.show](const std::optional<V>& from) { return from ? show(*from) : std::nullopt; },
          codec.type, codec.list};
}

/// Every item of a list gets its place in the vector, faulty or not, so that both stay aligned.
template <typename V>
Codec<std::vector<V>> list_of(const Codec<V>& codec) {
  Codec<std::vector<V>> list;
  list.read = [read = codec.read](const TreeNode& node, Reading& reading, std::vector<V>& into) {
    if (node.kind == TreeNode::Kind::null) {
      reading.fault(node.place, "expected a list, found nothing (leave the key out, or write [])");
    } else if (node.kind != TreeNode::Kind::list) {
      reading.wrong(node, "a list");
    } else {
      for (const TreeNode& item : node.items) read(item, reading, into.emplace_back());
    }
  };
  list.show = [show = codec.show](const std::vector<V>& from) {
    TreeNode node;
    node.kind = TreeNode::Kind::list;
    for (const V& item : from)
      if (auto shown = show(item)) node.items.push_back(std::move(*shown));
    return std::optional<TreeNode>(std::move(node));
  };
  list.type = "list of " + codec.type;
  if (codec.list)
    list.list = [inner = codec.list](const std::string& path, std::vector<KeyInfo>& into) {
      inner(path + "[]", into);
    };
  return list;
}

/// A list in which nothing may be given twice.
template <typename V>
Codec<std::vector<V>> set_of(const Codec<V>& codec) {
  Codec<std::vector<V>> list = list_of(codec);
  list.read = [read = list.read](const TreeNode& node, Reading& reading, std::vector<V>& into) {
    read(node, reading, into);
    for (std::size_t i = 0; i < into.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if (into[i] == into[k] && into[i] != V{} && i < node.items.size())
          reading.fault(node.items[i].place, describe(node.items[i]) + " is given twice in this list");
  };
  return list;
}

/// Where a key of a section stands; the section itself where it is not given.
inline Place place_of(const TreeNode& node, std::string_view key) {
  const TreeNode* value = node.find(key);
  return value ? value->place : node.place;
}

}  // namespace gatehouse::config
