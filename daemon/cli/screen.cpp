#include "daemon/cli/screen.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gatehouse {
namespace {

// ECMA-48, and xterm's second screen, which every terminal of today has.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view clear_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";

constexpr char ctrl_c = 3;
constexpr char ctrl_l = 12;

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) sigaddset(&set, number);
  return set;
}

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return false;
    } else if (errno == EAGAIN) {
      pollfd slow{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      ::poll(&slow, 1, 1000);
    }
  }
  return true;
}

bool readable(int descriptor) {
  pollfd now{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&now, 1, 0) > 0 && now.revents != 0;
}

}  // namespace

bool Screen::is_there() {
  return ::isatty(STDOUT_FILENO) != 0;
}

Screen::Screen() {
  const auto set = watched_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  watched_ = ::epoll_create1(EPOLL_CLOEXEC);
  for (const int descriptor : {signals_, STDIN_FILENO}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(watched_, EPOLL_CTL_ADD, descriptor,
                &event);  // a file as standard input has no keys: refused
  }
  termios raw{};
  if (::tcgetattr(STDIN_FILENO, &raw) == 0) {
    before_ = raw;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // Ctrl-Z would leave the terminal to the shell as it is now
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  }
  write_all(enter);
}

Screen::~Screen() {
  write_all(leave);
  if (before_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*before_);
  if (watched_ >= 0) ::close(watched_);
  if (signals_ >= 0) ::close(signals_);
  const auto set = watched_signals();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

ScreenSize Screen::size() const {
  winsize now{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) != 0 || now.ws_col == 0 || now.ws_row == 0) return {};
  return {.width = now.ws_col, .height = now.ws_row};
}

bool Screen::show(const std::vector<std::string>& lines) {
  std::string out(home);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != 0) out += "\r\n";
    out += lines[i];
    out += clear_line;
  }
  out += clear_below;
  return write_all(out);
}

Screen::Want Screen::take() {
  auto want = Want::nothing;
  signalfd_siginfo signal{};
  while (::read(signals_, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal))
    want = std::max(want, signal.ssi_signo == SIGWINCH ? Want::redraw : Want::quit);
  std::array<char, 64> keys{};
  while (readable(STDIN_FILENO)) {
    const auto got = ::read(STDIN_FILENO, keys.data(), keys.size());
    if (got <= 0) {  // no more keys will come
      ::epoll_ctl(watched_, EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
      break;
    }
    for (const char key : std::string_view(keys.data(), static_cast<std::size_t>(got))) {
      if (key == 'q' || key == 'Q' || key == ctrl_c) want = Want::quit;
      if (key == ctrl_l) want = std::max(want, Want::redraw);
    }
  }
  return want;
}

}  // namespace gatehouse
