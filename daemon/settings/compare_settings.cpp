#include "daemon/settings/compare_settings.hpp"

#include <algorithm>

#include "daemon/settings/tables.hpp"

namespace gatehouse {

using config::Member;
using config::TreeNode;

namespace {

std::string value_text(const TreeNode& node);

std::string members_text(const TreeNode& node) {
  std::string text;
  for (const Member& member : node.members) {
    text += (text.empty() ? "" : ", ") + member.key;
    text += ": " + value_text(member.value);
  }
  return "{" + text + "}";
}

/// As one line of YAML.
std::string value_text(const TreeNode& node) {
  if (node.kind == TreeNode::Kind::scalar) return node.text;
  if (node.kind == TreeNode::Kind::map) return members_text(node);
  std::string text;
  for (const TreeNode& item : node.items) text += (text.empty() ? "" : ", ") + value_text(item);
  return "[" + text + "]";
}

/// What names an item of a list; empty where nothing does.
std::string name_of(const TreeNode& item) {
  for (const char* key : {"id", "name"}) {
    const TreeNode* name = item.find(key);
    if (name != nullptr && name->kind == TreeNode::Kind::scalar) return name->text;
  }
  return {};
}

/// Every item has a name, and none has that of another.
bool has_names(const TreeNode& list) {
  std::vector<std::string> names;
  for (const TreeNode& item : list.items) {
    auto name = item.kind == TreeNode::Kind::map ? name_of(item) : std::string();
    if (name.empty() || std::ranges::find(names, name) != names.end()) return false;
    names.push_back(std::move(name));
  }
  return true;
}

const TreeNode* find_item(const TreeNode* list, const std::string& name) {
  if (list == nullptr) return nullptr;
  const auto found = std::ranges::find(list->items, name, name_of);
  return found == list->items.end() ? nullptr : &*found;
}

class Comparison {
 public:
  std::vector<ChangedKey> take() { return std::move(changes_); }

  /// At least one of the two is there.
  void compare(const std::string& path, const TreeNode* before, const TreeNode* after) {
    const auto is = [](const TreeNode* node, TreeNode::Kind kind) {
      return node == nullptr || node->kind == kind;
    };
    if (is(before, TreeNode::Kind::map) && is(after, TreeNode::Kind::map)) {
      compare_maps(path, before, after);
    } else if (is(before, TreeNode::Kind::list) && is(after, TreeNode::Kind::list) &&
               (before == nullptr || has_names(*before)) && (after == nullptr || has_names(*after))) {
      compare_lists(path, before, after);
    } else {
      auto was = before == nullptr ? std::string() : value_text(*before);
      auto is_now = after == nullptr ? std::string() : value_text(*after);
      if (was == is_now && (before == nullptr) == (after == nullptr)) return;
      if (path.ends_with("token_sha256")) {  // nothing that a secret could be told by
        was = "a token";
        is_now = "another token";
      }
      changes_.push_back({path, std::move(was), std::move(is_now)});
    }
  }

 private:
  void compare_maps(const std::string& path, const TreeNode* before, const TreeNode* after) {
    const auto dot = path.empty() ? "" : path + '.';
    if (before != nullptr) {
      for (const Member& member : before->members)
        compare(dot + member.key, &member.value, after == nullptr ? nullptr : after->find(member.key));
    }
    if (after == nullptr) return;
    for (const Member& member : after->members) {
      if (before == nullptr || before->find(member.key) == nullptr)
        compare(dot + member.key, nullptr, &member.value);
    }
  }

  void compare_lists(const std::string& path, const TreeNode* before, const TreeNode* after) {
    if (before != nullptr) {
      for (const TreeNode& item : before->items) {
        const auto name = name_of(item);
        const TreeNode* other = find_item(after, name);
        if (other != nullptr) {
          compare(path + '[' + name + ']', &item, other);
        } else {
          changes_.push_back({path, name, ""});
        }
      }
    }
    if (after == nullptr) return;
    for (const TreeNode& item : after->items) {
      const auto name = name_of(item);
      if (find_item(before, name) == nullptr) changes_.push_back({path, "", name});
    }
    compare_order(path, before, *after);
  }

  /// Doors are decided, and rules tried, in their order.
  void compare_order(const std::string& path, const TreeNode* before, const TreeNode& after) {
    if (before == nullptr) return;
    std::string was;
    std::string is;
    for (const TreeNode& item : before->items) {
      if (find_item(&after, name_of(item)) != nullptr) was += (was.empty() ? "" : ", ") + name_of(item);
    }
    for (const TreeNode& item : after.items) {
      if (find_item(before, name_of(item)) != nullptr) is += (is.empty() ? "" : ", ") + name_of(item);
    }
    if (was != is) changes_.push_back({path + " (order)", was, is});
  }

  std::vector<ChangedKey> changes_;
};

}  // namespace

std::vector<ChangedKey> compare_settings(const Settings& before, const Settings& after) {
  const auto was = config::settings_table().show(before);
  const auto is = config::settings_table().show(after);
  Comparison comparison;
  comparison.compare("", &was, &is);
  return comparison.take();
}

std::vector<std::string> needs_restart(const Settings& before, const Settings& after) {
  std::vector<std::string> keys;
  if (before.gateway.id != after.gateway.id) keys.emplace_back("gateway.id");
  if (before.gateway.tenant != after.gateway.tenant) keys.emplace_back("gateway.tenant");
  if (before.gateway.state_dir != after.gateway.state_dir) keys.emplace_back("gateway.state_dir");
  if (before.gateway.bus != after.gateway.bus) keys.emplace_back("gateway.bus");
  return keys;
}

}  // namespace gatehouse
