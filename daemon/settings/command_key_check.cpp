#include "daemon/settings/command_key_check.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse {
namespace {

constexpr std::uintmax_t largest_key_file = 1u << 20;

Result<void> look_through(const std::string& path, const KeyParser& parse) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return {};
  if (!std::filesystem::is_regular_file(status)) return Error{Errc::invalid, "this is no plain file"};
  if (std::filesystem::file_size(path, error) > largest_key_file)
    return Error{Errc::invalid, "the file is larger than 1 MiB"};
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return {};
  std::ostringstream text;
  if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  return parse(text.str());
}

}  // namespace

void check_command_keys(Loaded& loaded, const KeyParser& parse) {
  if (!loaded.settings || !loaded.settings->cloud) return;
  const std::string path = loaded.settings->cloud->command_keys;
  const auto looked = look_through(path, parse);
  if (looked) return;
  loaded.faults.push_back({path, 0, 0, looked.error().detail});
  loaded.settings.reset();
}

}  // namespace gatehouse
