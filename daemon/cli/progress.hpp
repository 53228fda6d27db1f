#pragma once
// Shows how far long work is, while it is waited for.

#include <functional>
#include <string>

#include <boost/json/value.hpp>

#include "daemon/cli/bus_client.hpp"
#include "daemon/cli/terminal.hpp"

namespace gatehouse {

/// "net2-hq: applying, 1,200 of 5,000", from {"progress":[…]}; empty where nothing is under way.
std::string progress_words(const boost::json::value& document);

/// Makes the call on a thread of its own, over `client`, and meanwhile asks for the progress twice a second
/// over another connection. The line is gone from `err` when it returns.
Answer with_progress(BusClient& client, const Bus& bus, Terminal& terminal,
                     const std::function<Answer(BusClient&)>& call);

}  // namespace gatehouse
