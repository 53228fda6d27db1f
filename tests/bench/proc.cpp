#include "tests/bench/proc.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <time.h>
#include <unistd.h>

namespace gatehouse::bench {
namespace {

/// The number behind `name` in a file of lines "Name:   123 kB"; 0 where there is none.
double value_of(const std::string& path, const std::string& name) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":")) return std::strtod(line.c_str() + name.size() + 1, nullptr);
  }
  return 0;
}

double seconds_of(const timespec& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::string folder(pid_t pid) {
  return "/proc/" + std::to_string(pid);
}

}  // namespace

double cpu_seconds(pid_t pid) {
  clockid_t clock = 0;
  timespec now{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &now) != 0)
    throw std::runtime_error("process " + std::to_string(pid) + " is gone");
  return seconds_of(now);
}

double thread_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return seconds_of(now);
}

Memory memory_of(pid_t pid) {
  constexpr double mb_of_kb = 1024.0 / 1e6;
  const auto rollup = folder(pid) + "/smaps_rollup";
  return {.rss = value_of(rollup, "Rss") * mb_of_kb,
          .peak = value_of(folder(pid) + "/status", "VmHWM") * mb_of_kb,
          .pss = value_of(rollup, "Pss") * mb_of_kb,
          .anonymous = value_of(rollup, "Anonymous") * mb_of_kb};
}

std::uint64_t written_bytes(pid_t pid) {
  return static_cast<std::uint64_t>(value_of(folder(pid) + "/io", "write_bytes"));
}

std::uint64_t voluntary_switches(pid_t pid) {
  double sum = 0;
  for (const auto& thread : std::filesystem::directory_iterator(folder(pid) + "/task"))
    sum += value_of(thread.path().string() + "/status", "voluntary_ctxt_switches");
  return static_cast<std::uint64_t>(sum);
}

pid_t child_with(const std::string& word) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0 || value_of(folder(pid) + "/status", "PPid") != getpid()) continue;
    std::ifstream in(folder(pid) + "/cmdline");
    const std::string line{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (line.find(word) != std::string::npos) return pid;
  }
  return 0;
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace gatehouse::bench
