#pragma once
// What has happened since the start, counted by kinds that are few. For figures alone: nothing is decided by
// it. The kinds come from the program's own lists or from the configuration, never from a message, so that
// their number is bounded.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/core/lane.hpp"

namespace gatehouse {

/// On the io thread. They only grow.
struct Tallies {
  using Pair = std::pair<std::string, std::string>;

  std::array<std::uint64_t, lane_count> published{};      ///< acknowledged by the broker
  std::array<std::uint64_t, lane_count> refused{};        ///< answers of the broker that were refusals
  std::array<std::uint64_t, lane_count> parked{};         ///< became dead letters
  std::map<Pair, std::uint64_t> runs;                     ///< by integration and outcome
  std::map<Pair, std::uint64_t> decisions;                ///< by outcome and reason
  std::map<Pair, std::uint64_t> door_commands;            ///< by action and outcome, as first answered
  std::map<std::string, std::uint64_t> command_refusals;  ///< by the code of the reply
  std::uint64_t reloads = 0;
  std::uint64_t reloads_refused = 0;
};

/// Where nobody wants to know, `tallies` is nullptr.
inline void count(Tallies* tallies, std::map<Tallies::Pair, std::uint64_t> Tallies::* which,
                  std::string_view first, std::string_view second) {
  if (tallies != nullptr) ++(tallies->*which)[{std::string(first), std::string(second)}];
}
inline void count(Tallies* tallies, std::array<std::uint64_t, lane_count> Tallies::* which, Lane lane) {
  if (tallies != nullptr) ++(tallies->*which)[index_of(lane)];
}

}  // namespace gatehouse
