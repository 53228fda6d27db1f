#include "daemon/core/crash_point.hpp"

#ifdef GATEHOUSE_CRASH_POINTS

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace gatehouse {
namespace {

struct Plan {
  std::string label;
  std::atomic<long> passes_left{0};

  explicit Plan(const char* variable) {
    const char* wanted = std::getenv(variable);
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
  static Plan plan("GATEHOUSE_CRASH_AT");
  if (plan.label.empty() || plan.label != label) return;
  if (--plan.passes_left == 0) std::raise(SIGKILL);
}

bool freezes_at(std::string_view label) {
  static Plan plan("GATEHOUSE_FREEZE_AT");
  if (plan.label.empty() || plan.label != label) return false;
  const auto left = --plan.passes_left;
  if (left == 0) std::fprintf(stderr, "frozen: %s\n", plan.label.c_str());  // for who watches the time
  return left <= 0;
}

}  // namespace gatehouse

#endif
