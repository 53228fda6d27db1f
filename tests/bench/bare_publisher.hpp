#pragma once
// The drain's baseline: libmosquitto and nothing else, sending from memory.

#include <string>
#include <vector>

#include "tests/bench/tap.hpp"

namespace gatehouse::bench {

/// Publishes all of it with QoS 1 over TLS, at most `window` unacknowledged at a time, each with the content
/// type that the gateway gives. Returns when the last is acknowledged, with the processor time it took.
/// Throws where that takes longer than two minutes.
double publish_all(const std::vector<Parcel>& parcels, int port, const std::string& certificates,
                   std::size_t window);

}  // namespace gatehouse::bench
