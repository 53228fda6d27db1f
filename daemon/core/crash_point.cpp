#include "daemon/core/crash_point.hpp"

#ifdef GATEHOUSE_CRASH_POINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace gatehouse {
namespace {

struct Plan {
  std::string label;
  std::atomic<long> passes_left{0};

  Plan() {
    const char* wanted = std::getenv("GATEHOUSE_CRASH_AT");
    if (wanted == nullptr) return;
    label = wanted;
    long pass = 1;
    if (const auto colon = label.find(':'); colon != std::string::npos) {
      pass = std::strtol(label.c_str() + colon + 1, nullptr, 10);
      label.resize(colon);
    }
    passes_left = pass;
  }
};

}  // namespace

void crash_point(std::string_view label) {
  static Plan plan;
  if (plan.label.empty() || plan.label != label) return;
  if (--plan.passes_left == 0) std::raise(SIGKILL);
}

}  // namespace gatehouse

#endif
