#pragma once
// The gateway in figures, for programs that watch it (gatehouse-metrics(7)): OpenMetrics text, and a word on
// its health. No person's name, id or door is in them.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/gateway_state.hpp"
#include "daemon/core/sync_issue.hpp"
#include "daemon/core/tallies.hpp"

namespace gatehouse {

/// What is shown beside GatewayState.
struct Figures {
  struct OfIntegration {
    std::string id;
    std::optional<Duration> read_age;             ///< since the copy was last proved current
    std::map<std::string, std::uint64_t> issues;  ///< open ones by kind: error, duplicate, match
  };
  struct Process {
    std::uint64_t resident = 0;  ///< bytes
    std::uint64_t descriptors = 0;
    double processor_s = 0;
  };
  std::vector<OfIntegration> integrations;
  std::map<std::string, std::uint64_t> present;  ///< people on site, by site
  std::map<std::string, std::uint64_t> alerts;   ///< raised ones, by kind
  std::vector<std::string> sites;                ///< as configured
  std::optional<std::uint64_t> store_bytes;      ///< the file and its log
  std::optional<std::uint64_t> store_free;       ///< on its file system, for us
  std::optional<Process> process;
};

std::string figures_text(const GatewayState& state, const Figures& figures, const Tallies& tallies);

/// {"healthy","ready","uptime_s","version","store","late_loops":[…]}
std::string health_json(const GatewayState& state);

}  // namespace gatehouse
