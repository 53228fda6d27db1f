#pragma once
// What a test, a trainer or a scenario can make happen: one verb and a JSON object (README.md lists them).

#include <string>
#include <string_view>

#include "tests/sim/json_input.hpp"
#include "tests/sim/message.hpp"
#include "tests/sim/simulator.hpp"

namespace gatehouse::sim {

/// The answer as JSON, or why not. Invalid: no such verb or a wrong value; then nothing was done.
Result<std::string> do_verb(Simulator& sim, std::string_view verb, const json::object& in);

bool is_verb(std::string_view name);

/// A request of the control interface: POST /VERB with an object, GET /state, GET /switches.
Response handle_control(Simulator& sim, const Request& request);

Result<std::string> do_people(Simulator& sim, const json::object& in);
Result<std::string> do_swipe(Simulator& sim, const json::object& in);
Result<std::string> do_events(Simulator& sim, const json::object& in);
Result<std::string> do_event(Simulator& sim, const json::object& in);
Result<std::string> do_malformed(Simulator& sim, const json::object& in);
Result<std::string> do_doors(Simulator& sim, const json::object& in);
Result<std::string> do_fault(Simulator& sim, const json::object& in);
Result<std::string> do_scenario(Simulator& sim, const json::object& in);  ///< scenario.cpp

std::string state_json(const Simulator& sim);

}  // namespace gatehouse::sim
