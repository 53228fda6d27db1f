#include "daemon/settings/reading.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "daemon/settings/nearest.hpp"

namespace gatehouse::config {

namespace {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::site:
      return "site";
    case Kind::integration:
      return "integration";
    case Kind::net2_server:
      return "integration of kind net2";
    case Kind::feed:
      return "integration of kind feed";
    case Kind::schedule:
      return "schedule";
    case Kind::scope:
      return "scope";
    case Kind::door:
      return "door";
    case Kind::scoped_door:
      return "door of a scope";
    case Kind::access_point:
      return "access point";
    case Kind::lan_client:
      return "LAN client";
    case Kind::policy_test:
      return "test";
  }
  return "thing";
}

/// Short, on one line, whatever the file holds.
std::string shown(const std::string& text) {
  constexpr std::size_t longest = 60;
  std::string out;
  for (const char c : text) {
    if (out.size() >= longest && (static_cast<unsigned char>(c) & 0xC0) != 0x80) return out + "…";
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return out;
}

bool looks_like_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-eE_") == std::string::npos &&
         text.find_first_of("0123456789") != std::string::npos;
}

}  // namespace

std::string describe(const TreeNode& node) {
  switch (node.kind) {
    case TreeNode::Kind::null:
      return "nothing";
    case TreeNode::Kind::list:
      return "a list";
    case TreeNode::Kind::map:
      return "a mapping";
    case TreeNode::Kind::scalar:
      break;
  }
  if (node.quoted) return "the text \"" + shown(node.text) + "\"";
  if (looks_like_number(node.text)) return "the number " + shown(node.text);
  return "'" + shown(node.text) + "'";
}

void Reading::fault(const Place& at, std::string message) {
  faults_.push_back({at, std::move(message)});
}

void Reading::wrong(const TreeNode& node, std::string_view expected) {
  fault(node.place, "expected " + std::string(expected) + ", found " + describe(node));
}

void Reading::define(Kind kind, const std::string& id, const Place& at) {
  const auto [known, is_new] = defined_[kind].try_emplace(id, at);
  if (is_new) return;
  const Place& first = known->second;
  if (first.file == at.file && first.line == at.line && first.column == at.column) {
    fault(at, "an alias gives this " + std::string(name_of(kind)) + " '" + shown(id) + "' a second time");
    return;
  }
  if (kind == Kind::scoped_door) {
    fault(at, "door '" + shown(id) + "' is already in a scope, at " + where(known->second) +
                  "; a door is in one scope at most");
    return;
  }
  fault(at, "duplicate " + std::string(name_of(kind)) + " '" + shown(id) + "', first given at " +
                where(known->second));
}

void Reading::refer(Kind kind, const std::string& id, const Place& at) {
  references_.push_back({kind, id, at});
}

bool Reading::is_defined(Kind kind, const std::string& id) const {
  const auto all = defined_.find(kind);
  return all != defined_.end() && all->second.contains(id);
}

void Reading::resolve() {
  for (const Reference& reference : references_) {
    if (is_defined(reference.kind, reference.id)) continue;
    std::string message;
    if (is_defined(Kind::integration, reference.id)) {
      message = "'" + shown(reference.id) + "' is not an " + std::string(name_of(reference.kind));
    } else {
      std::vector<std::string> known;
      for (const auto& [id, place] : defined_[reference.kind]) known.push_back(id);
      message = "no " + std::string(name_of(reference.kind)) + " '" + shown(reference.id) + "' is defined" +
                did_you_mean(reference.id, known);
    }
    fault(reference.place, std::move(message));
  }
  references_.clear();
}

std::string Reading::path_from(const Place& at, const std::string& path) const {
  const std::filesystem::path given(path);
  if (given.is_absolute()) return path;
  std::error_code
      ignored;  // a current directory that is gone leaves the path as it is; opening it will say so
  const auto file = std::filesystem::absolute(files_.at(at.file), ignored);
  return (file.parent_path() / given).lexically_normal().string();
}

std::string Reading::where(const Place& at) const {
  return files_.at(at.file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::vector<Fault> Reading::take_faults() {
  std::sort(faults_.begin(), faults_.end(), [](const Located& a, const Located& b) {
    return std::tie(a.place.file, a.place.line, a.place.column, a.message) <
           std::tie(b.place.file, b.place.line, b.place.column, b.message);
  });
  // What an anchor holds is read once more for each alias of it.
  const auto same = [](const Located& a, const Located& b) {
    return std::tie(a.place.file, a.place.line, a.place.column, a.message) ==
           std::tie(b.place.file, b.place.line, b.place.column, b.message);
  };
  faults_.erase(std::unique(faults_.begin(), faults_.end(), same), faults_.end());
  std::vector<Fault> out;
  out.reserve(faults_.size());
  for (Located& fault : faults_)
    out.push_back(
        {files_.at(fault.place.file), fault.place.line, fault.place.column, std::move(fault.message)});
  faults_.clear();
  return out;
}

}  // namespace gatehouse::config
