#include "tests/whole/process.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/whole/temp_dir.hpp"

extern char** environ;

namespace gatehouse::whole {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment(const Env& more) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string line = *entry;
    const auto name = line.substr(0, line.find('='));
    bool replaced = false;
    for (const auto& [key, value] : more) replaced = replaced || key == name;
    if (!replaced) out.push_back(line);
  }
  for (const auto& [key, value] : more) out.emplace_back(key).append("=").append(value);
  return out;
}

int open_log(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error("cannot write " + path);
  return fd;
}

/// Between fork and exec nothing may allocate: other threads of the test may hold the heap's lock.
pid_t spawn(Argv argv, const Env& more_env, int out, int err) {
  auto env = environment(more_env);
  auto arg_pointers = pointers(argv);
  auto env_pointers = pointers(env);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  execvpe(arg_pointers[0], arg_pointers.data(), env_pointers.data());
  _exit(127);
}

}  // namespace

Process::Process(Argv argv, std::string log, const Env& more_env) : log_(std::move(log)) {
  const int fd = open_log(log_);
  pid_ = spawn(std::move(argv), more_env, fd, fd);
  close(fd);
}

Process::~Process() {
  kill();
}

bool Process::reap(bool wait) {
  if (status_) return true;
  int status = 0;
  const pid_t done = waitpid(pid_, &status, wait ? 0 : WNOHANG);
  if (done != pid_) return false;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool Process::running() {
  return !reap(false);
}

void Process::signal(int number) {
  if (running()) ::kill(pid_, number);
}

std::optional<int> Process::exit_status(Millis within) {
  if (!eventually(within, [&] { return reap(false); })) return std::nullopt;
  return status_;
}

void Process::kill() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  reap(true);
}

std::string Process::said() const {
  return read_file(log_);
}

Outcome run(const Argv& argv, const Env& more_env, Millis within) {
  const TempDir dir;
  const int out = open_log(dir / "out");
  const int err = open_log(dir / "err");
  const pid_t pid = spawn(argv, more_env, out, err);
  close(out);
  close(err);
  Outcome outcome;
  int status = 0;
  const auto done = [&] { return waitpid(pid, &status, WNOHANG) == pid; };
  if (eventually(within, done)) {
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  } else {
    ::kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
  }
  outcome.out = read_file(dir / "out");
  outcome.err = read_file(dir / "err");
  return outcome;
}

namespace {

int any_free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool ok = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) close(fd);
  if (!ok) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

}  // namespace

int free_port() {
  static std::set<int> given;  // the kernel may offer one twice before anybody listens on it
  for (;;) {
    const int port = any_free_port();
    if (given.insert(port).second) return port;
  }
}

std::string program(const std::string& name) {
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto path = here / name;
  if (!std::filesystem::exists(path)) throw std::runtime_error(path.string() + " is not built");
  return path.string();
}

}  // namespace gatehouse::whole
