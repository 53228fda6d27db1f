#pragma once
// A real dbus-daemon of the test's own, on a socket in a folder of its own.

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::test {

/// What a program said and how it ended.
struct Ran {
  int status = -1;  ///< exit status; 128 + signal where it was killed
  std::string out;
  std::string err;
};

inline std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto got = ::read(descriptor, buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return text;
}

/// Runs a program to its end, its stderr kept in a file. `user`: as this user and group, where it is not 0.
inline Ran run_program(const std::vector<std::string>& arguments, uid_t user = 0) {
  std::array<int, 2> out{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  std::string err_name = (std::filesystem::temp_directory_path() / "gatehouse-err-XXXXXX").string();
  const int err = ::mkostemp(err_name.data(), O_CLOEXEC);
  ::unlink(err_name.c_str());

  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    const bool became = user == 0 || (::setgid(user) == 0 && ::setuid(user) == 0);
    if (became) ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(out[1]);
  Ran ran;
  ran.out = read_all(out[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ::lseek(err, 0, SEEK_SET);
  ran.err = read_all(err);
  return ran;
}

class PrivateBus {
 public:
  static constexpr char open_policy[] = R"(<policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="false"/>
    <allow receive_sender="*"/>
  </policy>
)";

  /// `policy`: XML; what the bus lets whom do.
  explicit PrivateBus(const std::string& policy = open_policy) {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-bus-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = name;
    ::chmod(folder_.c_str(), 0755);  // other users come to be refused
    std::ofstream(folder_ / "bus.conf") << R"(<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>)" << address() << R"(</listen>
  <auth>EXTERNAL</auth>
)" << policy << "</busconfig>\n";
  }

  ~PrivateBus() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  std::string address() const { return "unix:path=" + (folder_ / "socket").string(); }
  const std::filesystem::path& folder() const { return folder_; }

  /// Returns when the bus listens.
  void start() {
    std::array<int, 2> ready{};
    if (::pipe2(ready.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    const std::string config = "--config-file=" + (folder_ / "bus.conf").string();
    const std::string log = (folder_ / "bus.log").string();
    const std::string print = "--print-address=" + std::to_string(STDOUT_FILENO);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(ready[1], STDOUT_FILENO);
      ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
      ::execlp("dbus-daemon", "dbus-daemon", config.c_str(), "--nofork", "--nopidfile", print.c_str(),
               nullptr);
      ::_exit(127);
    }
    ::close(ready[1]);
    char first = 0;
    const auto got = ::read(ready[0], &first, 1);  // it tells its address once it listens
    ::close(ready[0]);
    if (got != 1) throw std::runtime_error("dbus-daemon did not start");
  }

  void stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
    std::error_code ignored;
    std::filesystem::remove(folder_ / "socket", ignored);
  }

 private:
  std::filesystem::path folder_;
  pid_t pid_ = -1;
};

}  // namespace gatehouse::test
