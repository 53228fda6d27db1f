#include "daemon/settings/load_settings.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <openssl/evp.h>

#include "daemon/settings/tables.hpp"

namespace gatehouse {

using config::Member;
using config::Reading;
using config::Tree;
using config::TreeNode;

namespace {

struct Source {
  std::string name;
  std::string bytes;
};

constexpr std::uintmax_t largest_file = 16u << 20;

/// The bytes of a regular file, or a fault.
std::optional<std::string> read_file(const std::string& path, std::vector<Fault>& faults) {
  const auto refuse = [&](std::string why) {
    faults.push_back({path, 0, 0, std::move(why)});
    return std::nullopt;
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return refuse("there is no such file");
  if (std::filesystem::is_directory(status)) return refuse("this is a directory, not a file");
  if (!std::filesystem::is_regular_file(status)) return refuse("this is not a regular file");
  if (std::filesystem::file_size(path, error) > largest_file) return refuse("the file is larger than 16 MiB");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  if (in.peek() != std::ifstream::traits_type::eof()) bytes << in.rdbuf();
  if (!in.is_open() || in.bad() || bytes.bad())
    return refuse(std::string("cannot be read: ") + std::strerror(errno != 0 ? errno : EIO));
  return bytes.str();
}

/// conf.d/*.yaml beside the file, by name; hidden files are left alone.
std::vector<std::string> parts_beside(const std::string& path, std::vector<Fault>& faults) {
  const auto directory = std::filesystem::path(path).parent_path() / "conf.d";
  std::vector<std::string> parts;
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) return parts;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto& part = entry->path();
    if (part.extension() == ".yaml" && part.filename().string().front() != '.')
      parts.push_back(part.string());
  }
  if (error) faults.push_back({directory.string(), 0, 0, "cannot be read: " + error.message()});
  std::sort(parts.begin(), parts.end());
  return parts;
}

std::string revision_of(const std::vector<Source>& sources) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  bool good = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
  for (const Source& source : sources)
    good = good && EVP_DigestUpdate(digest.get(), source.bytes.data(), source.bytes.size()) == 1;
  if (!good || EVP_DigestFinal_ex(digest.get(), hash.data(), &size) != 1) return "";
  std::string out = "sha256:";
  for (unsigned int i = 0; i < size; ++i) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", static_cast<unsigned>(hash.at(i)));
    out += hex.data();
  }
  return out;
}

/// Adds a file's top-level keys to those before it: lists append, schedules gather, anything else stands in
/// one file only.
void merge(TreeNode& root, TreeNode part, Reading& reading) {
  const std::array<std::string_view, 5> lists{"integrations", "scopes", "doors", "access_points", "tests"};
  for (Member& member : part.members) {
    const auto known = std::find_if(root.members.begin(), root.members.end(),
                                    [&](const Member& other) { return other.key == member.key; });
    const bool is_list = std::find(lists.begin(), lists.end(), member.key) != lists.end();
    if (known == root.members.end()) {
      root.members.push_back(std::move(member));
    } else if (is_list && member.value.kind == TreeNode::Kind::list &&
               known->value.kind == TreeNode::Kind::list) {
      std::move(member.value.items.begin(), member.value.items.end(), std::back_inserter(known->value.items));
    } else if (is_list) {
      reading.wrong(known->value.kind == TreeNode::Kind::list ? member.value : known->value, "a list");
    } else if (member.key == "schedules" && member.value.kind == TreeNode::Kind::map &&
               known->value.kind == TreeNode::Kind::map) {
      std::move(member.value.members.begin(), member.value.members.end(),
                std::back_inserter(known->value.members));
    } else {
      reading.fault(member.place, "'" + member.key + "' is already given at " + reading.where(known->place) +
                                      "; only lists and schedules continue in conf.d");
    }
  }
}

/// The trees of all files as one; nullopt after a syntax error.
std::optional<TreeNode> parse_all(const std::vector<Source>& sources, Reading& reading) {
  std::vector<Tree> trees;
  bool syntax_error = false;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    trees.push_back(config::parse_yaml(sources[i].bytes, i));
    syntax_error = syntax_error || trees.back().syntax_error;
  }
  TreeNode root;
  root.kind = TreeNode::Kind::map;
  for (Tree& tree : trees) {
    if (syntax_error && !tree.syntax_error) continue;
    for (auto& fault : tree.faults) reading.fault(fault.place, std::move(fault.message));
    if (tree.root.kind == TreeNode::Kind::map)
      merge(root, std::move(tree.root), reading);
    else if (tree.root.kind != TreeNode::Kind::null)
      reading.wrong(tree.root, "a mapping (key: value)");
  }
  if (syntax_error) return std::nullopt;
  return root;
}

void read_sources(const std::vector<Source>& sources, Loaded& loaded) {
  for (const Source& source : sources) loaded.files.push_back(source.name);
  loaded.revision = revision_of(sources);
  Reading reading(loaded.files);
  const auto root = parse_all(sources, reading);
  Settings settings;
  if (root) config::settings_table().read(*root, reading, settings);
  for (Fault& fault : reading.take_faults()) loaded.faults.push_back(std::move(fault));
  if (!loaded.faults.empty()) return;
  loaded.settings = std::move(settings);
  for (const Member& member : root->members) {
    if (member.key != "tests") continue;
    for (const TreeNode& test : member.value.items)
      loaded.test_places.push_back(
          {loaded.files.at(test.place.file), test.place.line, test.place.column, ""});
  }
}

}  // namespace

std::string to_string(const Fault& fault) {
  if (fault.line == 0) return fault.file + ": " + fault.message;
  return fault.file + ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column) + ": " +
         fault.message;
}

Loaded load_settings(const std::string& path) {
  Loaded loaded;
  std::vector<Source> sources;
  std::vector<std::string> paths = parts_beside(path, loaded.faults);
  paths.insert(paths.begin(), path);
  for (const std::string& each : paths)
    if (auto bytes = read_file(each, loaded.faults)) sources.push_back({each, std::move(*bytes)});
  if (!loaded.faults.empty()) return loaded;  // with a file missing, the rest would only seem undefined
  read_sources(sources, loaded);
  return loaded;
}

Loaded load_settings_text(const std::string& text, const std::string& name) {
  Loaded loaded;
  read_sources({{name, text}}, loaded);
  return loaded;
}

std::vector<SettingsKey> settings_keys() {
  std::vector<config::KeyInfo> all;
  config::settings_table().list("", all);
  std::vector<SettingsKey> keys;
  keys.reserve(all.size());
  for (config::KeyInfo& key : all) keys.push_back({std::move(key.path), std::move(key.type), key.required});
  return keys;
}

}  // namespace gatehouse
