#include "daemon/cli/saved_views.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "daemon/core/json_writer.hpp"
#include "daemon/settings/nearest.hpp"
#include "daemon/settings/yaml_tree.hpp"

namespace gatehouse {
namespace {

namespace fs = std::filesystem;
using config::TreeNode;

const std::map<std::string, std::vector<std::string>>& filters_of_lists() {
  static const std::map<std::string, std::vector<std::string>> filters{
      {"activity", {"outcome", "reason", "integration", "search", "since"}},
      {"log_api", {"since", "integration", "search", "failed"}}};
  return filters;
}

std::vector<std::string> list_names() {
  std::vector<std::string> names;
  for (const auto& [list, filters] : filters_of_lists()) names.push_back(list);
  return names;
}

/// Reads the tree; the first thing that is not as it should be is kept.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  SavedViews views(const TreeNode& root) {
    SavedViews views;
    for (const auto& list : members(root, "a mapping of lists")) {
      if (!known(list, list_names())) continue;
      for (const auto& one : members(list.value, "a mapping of views"))
        views[list.key].emplace(one.key, view(one.value, filters_of_lists().at(list.key)));
    }
    return views;
  }

  void fault(const config::Place& place, const std::string& message) {
    if (!error_.empty()) return;
    error_ = file_ + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + message;
  }

  const std::string& error() const { return error_; }

 private:
  SavedView view(const TreeNode& node, const std::vector<std::string>& filters) {
    SavedView view;
    for (const auto& member : members(node, "a view with columns and filter")) {
      if (!known(member, {"columns", "filter"})) continue;
      if (member.key == "columns") {
        if (member.value.kind != TreeNode::Kind::list)
          fault(member.value.place, "a list of columns is wanted");
        for (const auto& column : member.value.items) view.columns.push_back(text(column));
      } else {
        for (const auto& one : members(member.value, "a mapping of filters")) {
          if (known(one, filters)) view.filter.emplace(one.key, text(one.value));
        }
      }
    }
    return view;
  }

  const std::vector<config::Member>& members(const TreeNode& node, const char* wanted) {
    if (node.kind != TreeNode::Kind::map && node.kind != TreeNode::Kind::null)
      fault(node.place, std::string(wanted) + " is wanted");
    return node.members;
  }

  bool known(const config::Member& member, const std::vector<std::string>& names) {
    if (std::ranges::find(names, member.key) != names.end()) return true;
    fault(member.place, "unknown key '" + member.key + "'" + config::did_you_mean(member.key, names));
    return false;
  }

  std::string text(const TreeNode& node) {
    if (node.kind != TreeNode::Kind::scalar) fault(node.place, "a text is wanted");
    return node.text;
  }

  std::string file_;
  std::string error_;
};

std::string yaml_of(const SavedViews& views) {
  std::string out =
      "# Views of `gatehouse activity` and `gatehouse log api`; --save-view writes this file anew.\n";
  // A JSON string is a double-quoted scalar of YAML as well.
  for (const auto& [list, named] : views) {
    out += list + ":\n";
    for (const auto& [name, view] : named) {
      out += "  ";
      append_json_string(out, name);
      out += ":\n    columns: [";
      for (std::size_t i = 0; i < view.columns.size(); ++i) {
        out += i > 0 ? ", " : "";
        append_json_string(out, view.columns[i]);
      }
      out += "]\n    filter: {";
      bool first = true;
      for (const auto& [key, value] : view.filter) {
        out += first ? "" : ", ";
        first = false;
        out += key + ": ";
        append_json_string(out, value);
      }
      out += "}\n";
    }
  }
  return out;
}

Error trouble(const std::string& doing, int code) {
  return {Errc::storage, doing + ": " + std::strerror(code)};
}

// The old file stays whole until the new one is.
Result<void> replace_file(const fs::path& file, const std::string& text) {
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  if (failed) return trouble("make " + file.parent_path().string(), failed.value());
  std::string part = file.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(part.data(), O_CLOEXEC);
  if (descriptor < 0) return trouble("write " + file.string(), errno);
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(descriptor) == 0;
  const int code = errno;
  ::close(descriptor);
  if (written && std::rename(part.c_str(), file.c_str()) == 0) return {};
  const auto error = trouble("write " + file.string(), written ? errno : code);
  ::unlink(part.c_str());
  return error;
}

}  // namespace

std::optional<fs::path> views_file() {
  // Relative ones are to be ignored (XDG Base Directory Specification).
  const auto folder = [](const char* name) -> std::optional<fs::path> {
    const char* value = std::getenv(name);
    if (value == nullptr || *value != '/') return std::nullopt;
    return fs::path(value);
  };
  if (const auto config = folder("XDG_CONFIG_HOME")) return *config / "gatehouse" / "views.yaml";
  if (const auto home = folder("HOME")) return *home / ".config" / "gatehouse" / "views.yaml";
  return std::nullopt;
}

Result<SavedViews> load_views(const fs::path& file) {
  std::error_code failed;
  const auto kind = fs::status(file, failed).type();
  if (kind == fs::file_type::not_found) return SavedViews{};
  std::ifstream in(file);
  std::ostringstream bytes;
  if (!in || kind != fs::file_type::regular || !(bytes << in.rdbuf()))
    return Error{Errc::storage, file.string() + " cannot be read"};
  const auto tree = config::parse_yaml(bytes.str(), 0);
  Reader reader(file.string());
  if (!tree.faults.empty()) {
    reader.fault(tree.faults.front().place, tree.faults.front().message);
    return Error{Errc::invalid, reader.error()};
  }
  auto views = reader.views(tree.root);
  if (!reader.error().empty()) return Error{Errc::invalid, reader.error()};
  return views;
}

Result<void> save_view(const fs::path& file, const std::string& list, const std::string& name,
                       const SavedView& view) {
  auto views = load_views(file);
  if (!views) return views.error();
  (*views)[list].insert_or_assign(name, view);
  return replace_file(file, yaml_of(*views));
}

const std::map<std::string, SavedView>& built_in_views(std::string_view list) {
  static const std::map<std::string, SavedView> activity{
      {"default", {}},
      {"problems",
       {{"time", "integration", "external_id", "name", "outcome", "reason", "hint"},
        {{"outcome", "skipped,failed"}}}}};
  static const std::map<std::string, SavedView> log_api{{"default", {}},
                                                        {"problems", {{}, {{"failed", "true"}}}}};
  return list == "activity" ? activity : log_api;
}

Result<SavedView> find_view(const SavedViews& saved, const std::string& list, const std::string& name) {
  auto known = built_in_views(list);
  const auto own = saved.find(list);
  if (own != saved.end()) known.insert(own->second.begin(), own->second.end());
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  std::vector<std::string> names;
  std::string all;
  for (const auto& [one, view] : known) {
    names.push_back(one);
    all += (all.empty() ? "" : ", ") + one;
  }
  return Error{Errc::invalid,
               "there is no view '" + name + "'" + config::did_you_mean(name, names) + "\nViews: " + all};
}

}  // namespace gatehouse
