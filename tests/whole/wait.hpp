#pragma once
// Waiting for something to become true, never for time to pass.

#include <chrono>
#include <thread>

namespace gatehouse::whole {

using Clock = std::chrono::steady_clock;
using Millis = std::chrono::milliseconds;
using namespace std::chrono_literals;

/// How much longer than usual things may take here: GATEHOUSE_TEST_PATIENCE, for sanitizers and slow
/// machines.
double patience();

/// `usual` from now, stretched by patience().
Clock::time_point deadline(Millis usual);

/// Asks until the answer is yes. False: it never was, within `usual` (stretched by patience()). `between` two
/// questions: longer where asking is work that is being measured.
template <typename Holds>
bool eventually(Millis usual, Holds&& holds, Millis between = 10ms) {
  const auto end = deadline(usual);
  while (!holds()) {
    if (Clock::now() >= end) return holds();
    std::this_thread::sleep_for(between);
  }
  return true;
}

}  // namespace gatehouse::whole
