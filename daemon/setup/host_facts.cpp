#include "daemon/setup/host_facts.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/settings/scalars.hpp"

extern char** environ;

namespace gatehouse::setup {

std::string system_timezone() {
  std::error_code missing;
  const auto target = std::filesystem::read_symlink("/etc/localtime", missing).string();
  constexpr std::string_view folder = "zoneinfo/";
  const auto at = target.find(folder);
  if (!missing && at != std::string::npos) {
    const std::string name = target.substr(at + folder.size());
    if (config::is_timezone(name)) return name;
  }
  std::ifstream file("/etc/timezone");
  std::string name;
  if (std::getline(file, name) && config::is_timezone(name)) return name;
  return "UTC";
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 16> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &local);
  return text.data();
}

std::string host_id() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "gateway-01";
  std::string id;
  for (const char c : std::string(name.data())) {
    if (c == '.') break;
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool good = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (good || (!id.empty() && id.back() != '-')) id += good ? lower : '-';
  }
  id = id.substr(0, 32);
  while (!id.empty() && id.back() == '-') id.pop_back();
  return config::is_identifier(id) && id != "localhost" ? id : "gateway-01";
}

bool systemd_runs() {
  return access("/run/systemd/system", F_OK) == 0;
}

bool is_root() {
  return geteuid() == 0;
}

std::optional<FileOwner> gateway_account() {
  const passwd* user = getpwnam("gatehouse");
  if (user == nullptr) return std::nullopt;
  const uid_t id = user->pw_uid;
  const group* its_group = getgrnam("gatehouse");
  if (its_group == nullptr) return std::nullopt;
  return FileOwner{id, its_group->gr_gid};
}

bool reload_units() {
  std::array<std::string, 2> words{"systemctl", "daemon-reload"};
  std::array<char*, 3> argv{words[0].data(), words[1].data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const bool started = posix_spawnp(&child, argv[0], &quiet, nullptr, argv.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&quiet);
  if (!started) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace gatehouse::setup
