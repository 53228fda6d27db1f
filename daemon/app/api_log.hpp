#pragma once
// What was asked of Net2 lately, for people who look (features.md S1-36). In memory: polling writes no disk.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/ids.hpp"
#include "daemon/core/instant.hpp"

namespace gatehouse {

struct ApiCall {
  Instant at{};
  IntegrationId integration;
  std::string verb;
  std::string path;  ///< a template, without ids, values and bodies: "/api/v1/users/{id}"
  int status = 0;    ///< of HTTP; 0: no answer
  Duration took{0};
  std::uint64_t bytes = 0;  ///< of the answer's body
  std::string error;        ///< what went wrong; empty where nothing did
};

/// The newest calls of all integrations. On the io thread.
class ApiLog {
 public:
  void note(ApiCall call) {
    constexpr std::size_t kept = 2000;
    calls_.push_back(std::move(call));
    if (calls_.size() > kept) calls_.pop_front();
  }
  /// Oldest first.
  std::vector<ApiCall> since(std::optional<Instant> moment) const {
    std::vector<ApiCall> list;
    for (const auto& call : calls_) {
      if (!moment || call.at >= *moment) list.push_back(call);
    }
    return list;
  }

 private:
  std::deque<ApiCall> calls_;
};

}  // namespace gatehouse
