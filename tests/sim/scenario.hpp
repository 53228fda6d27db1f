#pragma once
// A story in steps: one JSON object a line, {"at":"2s","do":"swipe",…}, with the verbs of the control
// interface. {"every":"1s","times":5} repeats a step; blank lines and lines that begin with # are skipped.

#include <string_view>

#include "tests/sim/simulator.hpp"

namespace gatehouse::sim {

/// Reads all of it before anything is started; then the clock of the story starts. Invalid: names the line.
/// Returns the number of steps.
Result<std::size_t> start_scenario(Simulator& sim, std::string_view lines);
Result<std::size_t> start_scenario_file(Simulator& sim, const std::string& path);

}  // namespace gatehouse::sim
