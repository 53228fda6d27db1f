// gatehouse: the command line.

#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/cli/command_line.hpp"
#include "daemon/cli/run_command.hpp"

namespace {

/// ws_col 0: it is no screen.
winsize screen_size() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0) return size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size.ws_col = 80;
  if (size.ws_row == 0) size.ws_row = 24;
  return size;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const auto line = gatehouse::read_command_line(argc, argv);
  std::cout << line.out;
  std::cerr << line.err;
  auto status = line.status;
  if (line.command) {
    const auto screen = screen_size();
    gatehouse::Terminal terminal{.out = std::cout,
                                 .err = std::cerr,
                                 .width = screen.ws_col,
                                 .height = screen.ws_row,
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
