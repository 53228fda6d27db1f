#include "daemon/support_side.hpp"

#include <utility>

namespace gatehouse {

SupportSide::SupportSide(Parts parts)
    : parts_(std::move(parts)), loops_(parts_.executor, parts_.clock, parts_.log) {}

std::vector<Method> SupportSide::methods() {
  std::vector<Method> methods;
  return methods;
}

void SupportSide::start() {}

void SupportSide::use() {}

Task<void> SupportSide::stop() {
  co_await loops_.stop();
}

std::vector<std::string> SupportSide::late() const {
  return loops_.late();
}

}  // namespace gatehouse
