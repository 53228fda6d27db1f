#include "daemon/setup/terminal_dialogue.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace gatehouse::setup {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void note_interrupt(int) {
  interrupted = true;
}

/// No echo on standard input while it lives.
class NoEcho {
 public:
  NoEcho() {
    changed_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!changed_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;  // Enter still goes to the next line
    // What was typed ahead stays: it may be the answer.
    tcsetattr(STDIN_FILENO, TCSADRAIN, &silent);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

/// Waits for input, and comes back for a signal that arrives at any moment of it.
bool wait_for_input() {
  sigset_t ours;
  sigset_t before;
  sigemptyset(&ours);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ours, number);
  sigprocmask(SIG_BLOCK, &ours, &before);
  bool ready = false;
  while (!interrupted && !ready) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    ready = ppoll(&input, 1, nullptr, &before) > 0;
    if (!ready && errno != EINTR) break;
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return ready && !interrupted;
}

}  // namespace

InterruptWatch::InterruptWatch() {
  interrupted = false;
  struct sigaction noting{};
  noting.sa_handler = &note_interrupt;
  sigemptyset(&noting.sa_mask);
  sigaction(SIGINT, &noting, &interrupt_);
  sigaction(SIGTERM, &noting, &terminate_);
  sigaction(SIGHUP, &noting, &hang_up_);
}

InterruptWatch::~InterruptWatch() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
  sigaction(SIGHUP, &hang_up_, nullptr);
}

const std::atomic<bool>& InterruptWatch::stop() const {
  return interrupted;
}

void TerminalDialogue::say(const std::string& text) {
  screen_ << text << '\n' << std::flush;
}

Result<std::string> TerminalDialogue::read_line() {
  for (;;) {
    const auto end = rest_.find('\n');
    if (end != std::string::npos) {
      std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> part{};
    const ssize_t got = wait_for_input() ? read(STDIN_FILENO, part.data(), part.size()) : 0;
    if (got < 0 && errno == EINTR && !watch_.stop()) continue;
    if (got <= 0) return Error{Errc::cancelled, "stopped"};
    rest_.append(part.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> TerminalDialogue::ask(const std::string& prompt) {
  screen_ << prompt << std::flush;
  return read_line();
}

Result<std::string> TerminalDialogue::ask_hidden(const std::string& prompt) {
  const NoEcho silent;
  screen_ << prompt << std::flush;
  return read_line();
}

}  // namespace gatehouse::setup
