// gatehoused: reads its arguments and its configuration, and lets the Daemon live.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

#include <getopt.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "connectors/jose/command_keys.hpp"
#include "daemon/gateway.hpp"
#include "daemon/host/resident_pages.hpp"
#include "daemon/host/zone_database.hpp"
#include "daemon/settings/command_key_check.hpp"
#include "daemon/settings/held_config.hpp"
#include "daemon/settings/policy_check.hpp"
#include "daemon/version.hpp"

namespace {

using namespace gatehouse;

/// What live() would return: 75 asks systemd for a new start, and must not become a clean end.
volatile std::sig_atomic_t end_status = 0;

constexpr int exit_usage = 2;
constexpr int exit_config = 78;  ///< EX_CONFIG (sysexits.h)
constexpr int exit_state = 1;

constexpr std::string_view help = R"(gatehoused: the Gatehouse gateway beside a Net2 server

  gatehoused --config FILE [--state-dir DIR] [--log-level debug|info|warning|error]
  gatehoused --config FILE --check     say what is wrong with the configuration; exit 0 or 78
  gatehoused --version

It stays in the foreground, logs to the journal (or to standard error), and ends on SIGTERM.
SIGHUP reads the configuration again. What it keeps is in DIR, in gateway.state_dir of the
configuration, or in $STATE_DIRECTORY, in this order.
)";

struct Arguments {
  std::string config;
  std::optional<std::string> state_dir;
  Level log_level = Level::info;
  bool check = false;
};

int usage(std::string_view what) {
  std::cerr << "gatehoused: " << what << " (gatehoused --help)\n";
  return exit_usage;
}

/// nullopt and an exit status where the program is to end at once.
std::optional<Arguments> read_arguments(int argc, char** argv, int& status) {
  const option options[] = {{"config", required_argument, nullptr, 'c'},
                            {"state-dir", required_argument, nullptr, 's'},
                            {"log-level", required_argument, nullptr, 'l'},
                            {"check", no_argument, nullptr, 'k'},
                            {"version", no_argument, nullptr, 'v'},
                            {"help", no_argument, nullptr, 'h'},
                            {nullptr, 0, nullptr, 0}};
  Arguments arguments;
  status = 0;
  for (int letter = 0; (letter = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    switch (letter) {
      case 'c':
        arguments.config = optarg;
        break;
      case 's':
        arguments.state_dir = optarg;
        break;
      case 'k':
        arguments.check = true;
        break;
      case 'l': {
        const auto level = parse_level(optarg);
        if (!level) {
          status = usage("--log-level takes debug, info, warning or error");
          return std::nullopt;
        }
        arguments.log_level = *level;
        break;
      }
      case 'v':
        std::cout << "gatehoused " << version << '\n';
        return std::nullopt;
      case 'h':
        std::cout << help;
        return std::nullopt;
      default:
        status = exit_usage;
        return std::nullopt;
    }
  }
  if (optind < argc) {
    status = usage(std::string("what is \"") + argv[optind] + "\"?");
    return std::nullopt;
  }
  if (arguments.config.empty()) {
    status = usage("--config FILE is missing");
    return std::nullopt;
  }
  return arguments;
}

std::optional<std::string> state_directory(const Arguments& arguments, const Settings& settings) {
  if (arguments.state_dir) return arguments.state_dir;
  if (settings.gateway.state_dir) return settings.gateway.state_dir;
  // systemd.exec(5): several directories would be separated by colons; we are given one.
  if (const char* directory = std::getenv("STATE_DIRECTORY")) return std::string(directory);
  return std::nullopt;
}

bool make_directory(const std::string& path) {
  std::error_code failed;
  return std::filesystem::is_directory(path, failed) ||
         (std::filesystem::create_directories(path, failed) && !failed);
}

int live(const Arguments& arguments, Loaded loaded) {
  const auto directory = state_directory(arguments, *loaded.settings);
  if (!directory) {
    std::cerr << "gatehoused: where is the state to be kept? Set gateway.state_dir, or give --state-dir\n";
    return exit_config;
  }
  if (!make_directory(*directory)) {
    std::cerr << "gatehoused: the state directory " << *directory << " cannot be made\n";
    return exit_state;
  }
  const HeldConfigFile held_file(*directory);
  auto start = choose_config(std::move(loaded), held_file);
  for (const auto& fault : start.loaded.faults) std::cerr << to_string(fault) << '\n';
  if (!start.loaded.settings) {
    std::cerr
        << "gatehoused: the configuration in the files was never confirmed, and the one before it cannot "
           "be put in force; nothing was started\n";
    return exit_config;
  }
  if (start.forgotten) static_cast<void>(held_file.remove().ok());  // it names its files: it can do no harm
  auto gateway = Daemon::open({.config_path = arguments.config,
                               .settings = std::move(*start.loaded.settings),
                               .revision = start.loaded.revision,
                               .state_dir = *directory,
                               .held = std::move(start.held),
                               .log_level = arguments.log_level});
  if (!gateway) {
    std::cerr << "gatehoused: " << gateway.error().detail << '\n';
    return exit_state;
  }
  const int status = (*gateway)->run();
  // Everything is closed and said. A look-up in a dead DNS may still hold a thread that cannot be cancelled,
  // and the contract gives three seconds.
  end_status = status;
  std::signal(SIGALRM, [](int) { _exit(end_status); });
  const itimerval soon{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = 300'000}};
  setitimer(ITIMER_REAL, &soon, nullptr);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  int status = 0;
  const auto arguments = read_arguments(argc, argv, status);
  if (!arguments) return status;
  std::signal(SIGPIPE, SIG_IGN);
  umask(0077);  // nobody but us may look into what we make, the copies of SQLite among it: it names people
  use_one_heap();
  auto loaded = load_settings(arguments->config);
  check_policy(loaded, load_zone);
  // A start goes on without them (`gatehouse doctor` tells): the doors have other uses than the cloud's
  // commands.
  if (arguments->check) check_command_keys(loaded, check_command_keys_text);
  for (const auto& fault : loaded.faults) std::cerr << to_string(fault) << '\n';
  if (!loaded.settings) {
    std::cerr << "gatehoused: " << loaded.faults.size() << " fault" << (loaded.faults.size() == 1 ? "" : "s")
              << " in the configuration; nothing was started\n";
    return exit_config;
  }
  if (arguments->check) {
    std::cout << arguments->config << ": the configuration is good (" << loaded.revision << ")\n";
    return 0;
  }
  release_file_pages();
  return live(*arguments, std::move(loaded));
}
