#pragma once
// What the kernel knows of a running process (proc(5)).

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace gatehouse::bench {

/// Processor time of all its threads so far, ended ones included; seconds.
double cpu_seconds(pid_t pid);

/// Of the calling thread.
double thread_cpu_seconds();

struct Memory {
  double rss = 0;        ///< MB (10^6 bytes), as all below
  double peak = 0;       ///< the highest rss since its start
  double pss = 0;        ///< file pages shared with others counted by their share
  double anonymous = 0;  ///< what it allocated itself
};
Memory memory_of(pid_t pid);

/// Bytes handed to the block layer so far.
std::uint64_t written_bytes(pid_t pid);

/// How often its threads that live now went to sleep by themselves.
std::uint64_t voluntary_switches(pid_t pid);

/// The child of this process whose command line has that word in it; 0: none.
pid_t child_with(const std::string& word);

/// Of the last minute.
double load_average();

}  // namespace gatehouse::bench
