#include "daemon/host/process_figures.hpp"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace gatehouse {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

std::optional<Figures::Process> process_figures() {
  Figures::Process figures;
  // proc(5): sizes in pages; the second is the resident one.
  std::ifstream sizes("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (!(sizes >> all >> resident)) return std::nullopt;
  figures.resident = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::error_code failed;
  for (std::filesystem::directory_iterator at("/proc/self/fd", failed), end; !failed && at != end;
       at.increment(failed))
    ++figures.descriptors;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0)
    figures.processor_s = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  return figures;
}

}  // namespace gatehouse
