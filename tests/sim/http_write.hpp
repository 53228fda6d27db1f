#pragma once
// An answer as bytes, and how a fault spoils it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/faults.hpp"
#include "tests/sim/message.hpp"

namespace gatehouse::sim {

std::string_view reason_phrase(int status);

/// The answer that takes the place of the handler's, where the fault says so; nullopt: ask the handler.
std::optional<Response> answer_of(const FaultRule& rule);
/// Changes a handler's answer as the fault says.
void spoil(Response& response, const FaultRule& rule);

/// The head carries this moment in place of the machine's: nginx runs on the Net2 PC and shows its clock.
void stamp(Response& response, std::int64_t utc_ms);

std::string response_head(const Response& response, bool keep_alive, bool chunked);

}  // namespace gatehouse::sim
