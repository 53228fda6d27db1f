#include "daemon/cli/state_directory.hpp"

#include <cstdlib>

namespace gatehouse {

std::string state_directory(const std::string& given, const std::optional<Settings>& settings) {
  if (!given.empty()) return given;
  if (settings && settings->gateway.state_dir) return *settings->gateway.state_dir;
  if (const char* directory = std::getenv("STATE_DIRECTORY"); directory != nullptr && *directory != '\0')
    return directory;
  return "/var/lib/gatehouse";
}

}  // namespace gatehouse
