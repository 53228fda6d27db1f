// gatehouse: the command line.

#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/cli/command_line.hpp"
#include "daemon/cli/run_command.hpp"

namespace {

std::size_t screen_width() {
  if (isatty(STDOUT_FILENO) == 0) return 0;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const auto line = gatehouse::read_command_line(argc, argv);
  std::cout << line.out;
  std::cerr << line.err;
  auto status = line.status;
  if (line.command) {
    gatehouse::Terminal terminal{.out = std::cout,
                                 .err = std::cerr,
                                 .width = screen_width(),
                                 .progress = isatty(STDERR_FILENO) != 0 && isatty(STDOUT_FILENO) == 0,
                                 .err_is_screen = isatty(STDERR_FILENO) != 0};
    status = gatehouse::run_command(*line.command, terminal);
  }
  if (!std::cout.flush()) {
    std::cerr << "gatehouse: the answer could not be written\n";
    return static_cast<int>(gatehouse::ExitStatus::failed);
  }
  return static_cast<int>(status);
}
