#include "daemon/settings/show_settings.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "daemon/settings/tables.hpp"

namespace gatehouse {

using config::Member;
using config::TreeNode;

namespace {

/// As JSON has it, which YAML reads in double quotes, too.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escaped.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// Words that no YAML reader takes for anything but text.
bool plain_is_safe(const std::string& text) {
  const std::array<std::string_view, 9> meant_otherwise{"true", "false", "null", "yes", "no",
                                                        "on",   "off",   "y",    "n"};
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower.empty() ||
      std::find(meant_otherwise.begin(), meant_otherwise.end(), lower) != meant_otherwise.end())
    return false;
  const bool letter_first = (lower[0] >= 'a' && lower[0] <= 'z') || lower[0] == '/';
  if (letter_first)
    return lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-./") == std::string::npos;
  // "30s", "1GiB", "20/s": digits and then a unit are no number either ("1e5" would be one).
  const auto unit = lower.find_first_not_of("0123456789");
  return unit != 0 && unit != std::string::npos &&
         lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz/", unit) == std::string::npos;
}

std::string scalar(const TreeNode& node) {
  return !node.quoted || plain_is_safe(node.text) ? node.text : quoted(node.text);
}

bool is_flow(const TreeNode& node) {
  if (node.kind == TreeNode::Kind::map) return node.members.empty();
  return std::all_of(node.items.begin(), node.items.end(),
                     [](const TreeNode& item) { return item.kind == TreeNode::Kind::scalar; });
}

std::string flow(const TreeNode& node) {
  if (node.kind == TreeNode::Kind::map) return "{}";
  std::string out;
  for (const TreeNode& item : node.items) out += (out.empty() ? "" : ", ") + scalar(item);
  return "[" + out + "]";
}

void write_map(const TreeNode& node, std::size_t indent, std::string first, std::string& out);

void write_value(const TreeNode& node, std::size_t indent, std::string& out) {
  if (node.kind == TreeNode::Kind::scalar) {
    out += " " + scalar(node) + "\n";
  } else if (is_flow(node)) {
    out += " " + flow(node) + "\n";
  } else if (node.kind == TreeNode::Kind::map) {
    out += "\n";
    write_map(node, indent + 2, std::string(indent + 2, ' '), out);
  } else {
    out += "\n";
    for (const TreeNode& item : node.items) {
      if (item.kind == TreeNode::Kind::map && !item.members.empty())
        write_map(item, indent + 4, std::string(indent + 2, ' ') + "- ", out);
      else
        out += std::string(indent + 2, ' ') + "- " +
               (item.kind == TreeNode::Kind::scalar ? scalar(item) : flow(item)) + "\n";
    }
  }
}

/// `first` stands before the first key: the indent, or the dash of a list's item.
void write_map(const TreeNode& node, std::size_t indent, std::string first, std::string& out) {
  for (const Member& member : node.members) {
    out += first + (plain_is_safe(member.key) ? member.key : quoted(member.key)) + ":";
    write_value(member.value, indent, out);
    first = std::string(indent, ' ');
  }
}

void write_json(const TreeNode& node, std::string& out) {
  if (node.kind == TreeNode::Kind::scalar) {
    out += node.quoted ? quoted(node.text) : node.text;
  } else if (node.kind == TreeNode::Kind::list) {
    out += '[';
    for (const TreeNode& item : node.items) {
      if (&item != &node.items.front()) out += ',';
      write_json(item, out);
    }
    out += ']';
  } else {
    out += '{';
    for (const Member& member : node.members) {
      if (&member != &node.members.front()) out += ',';
      out += quoted(member.key) + ":";
      write_json(member.value, out);
    }
    out += '}';
  }
}

}  // namespace

std::string effective_yaml(const Settings& settings) {
  std::string out;
  write_map(config::settings_table().show(settings), 0, "", out);
  return out;
}

std::string effective_json(const Settings& settings) {
  std::string out;
  write_json(config::settings_table().show(settings), out);
  return out;
}

}  // namespace gatehouse
