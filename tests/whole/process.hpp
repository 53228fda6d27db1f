#pragma once
// A program started by a test: what it says goes to a file, and it never outlives the test.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "tests/whole/wait.hpp"

namespace gatehouse::whole {

using Argv = std::vector<std::string>;
using Env = std::vector<std::pair<std::string, std::string>>;

class Process {
 public:
  /// Both outputs are appended to `log`. Throws if it cannot be started.
  Process(Argv argv, std::string log, const Env& more_env = {});
  ~Process();  ///< kill -9
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  /// The exit status, or 128 + the signal's number; none if it still runs after that time.
  std::optional<int> exit_status(Millis within);
  /// kill -9, and gone when this returns.
  void kill();
  /// All it has said so far (and earlier processes with the same log).
  std::string said() const;

 private:
  bool reap(bool wait);

  std::string log_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

struct Outcome {
  int status = -1;  ///< as Process::exit_status; -1: it had to be killed
  std::string out;
  std::string err;
};

/// Runs a program to its end, at most for `within`.
Outcome run(const Argv& argv, const Env& more_env = {}, Millis within = 30s);

/// A TCP port of 127.0.0.1 that was free a moment ago; each time another.
int free_port();

/// Where the programs of this build are: the folder of the running test.
std::string program(const std::string& name);

}  // namespace gatehouse::whole
