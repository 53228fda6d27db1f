#pragma once
// One test case of this program in a process of its own, which dies where it is told to.

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::test {

struct CrashCase {
  std::string name;       ///< of the test case
  std::string directory;  ///< the variable that says where it works
};

/// True if it was killed at the crash point "label[:n]".
inline bool killed_at(const std::string& label, const CrashCase& work, const std::filesystem::path& where) {
  std::vector<std::string> words{"unit_tests", work.name};
  std::vector<char*> arguments{words[0].data(), words[1].data(), nullptr};
  std::vector<std::string> variables{"GATEHOUSE_CRASH_AT=" + label, work.directory + "=" + where.string()};
  std::vector<char*> environment{variables[0].data(), variables[1].data(), nullptr};
  const pid_t child = ::fork();
  if (child == 0) {
    ::execve("/proc/self/exe", arguments.data(), environment.data());
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace gatehouse::test
