#include "daemon/setup/drop_in.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::setup {
namespace {

constexpr std::string_view load = "LoadCredential=";
constexpr std::string_view section = "[Service]";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool loads(const std::string& line, const std::string& name) {
  return line.starts_with(std::string(load) + name + ":");
}

}  // namespace

std::string with_credentials(std::string text, const std::vector<LoadedCredential>& credentials) {
  if (text.empty())
    text = "# Written by gatehouse setup: the secrets that /etc/gatehouse/gatehouse.yaml names.\n";
  auto lines = lines_of(text);
  for (const LoadedCredential& credential : credentials) {
    const std::string line = std::string(load) + credential.name + ":" + credential.path;
    const auto known = std::find_if(lines.begin(), lines.end(),
                                    [&](const std::string& each) { return loads(each, credential.name); });
    if (known != lines.end()) {
      *known = line;
      continue;
    }
    const auto last = std::find_if(lines.rbegin(), lines.rend(),
                                   [](const std::string& each) { return each.starts_with('['); });
    if (last == lines.rend() || *last != section) lines.emplace_back(section);
    lines.push_back(line);
  }
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::optional<std::string> path_of_credential(const std::string& text, const std::string& name) {
  for (const std::string& line : lines_of(text))
    if (loads(line, name)) return line.substr(load.size() + name.size() + 1);
  return std::nullopt;
}

std::string read_drop_in(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in.is_open() && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  return text.str();
}

Result<void> check_other_sources(const std::string& drop_in, const std::string& name) {
  std::error_code missing;
  const std::filesystem::path ours(drop_in);
  std::filesystem::directory_iterator entry(ours.parent_path(), missing);
  for (; !missing && entry != std::filesystem::directory_iterator(); entry.increment(missing)) {
    const auto& file = entry->path();
    if (file.extension() != ".conf") continue;
    for (const std::string& line : lines_of(read_drop_in(file.string()))) {
      const std::string sealed = "LoadCredentialEncrypted=" + name;  // with a path behind it, or without
      const bool encrypted = line == sealed || line.starts_with(sealed + ":");
      const bool set = line.starts_with("SetCredential=" + name + ":") ||
                       line.starts_with("SetCredentialEncrypted=" + name + ":");
      const bool loaded = file != ours && loads(line, name);
      if (!encrypted && !set && !loaded) continue;
      return Error{Errc::refused,
                   "the credential " + name + " is set by " + file.string() +
                       (encrypted ? ": make it anew with systemd-creds encrypt, or take that line out"
                                  : ": change it there, or take that line out")};
    }
  }
  return {};
}

}  // namespace gatehouse::setup
