#pragma once
// Host names to addresses. It blocks, which is one reason for the mqtt thread.

#include <string>
#include <vector>

#include "daemon/core/result.hpp"

namespace gatehouse {

/// The addresses of a host in the order of the resolver (RFC 6724), as literals; at least one. `setting` is
/// the key that holds the name, for the words. libmosquitto would only ever try the first that is routed, so
/// that a dead IPv6 path would keep a gateway offline for ever: the caller takes the next one at each
/// attempt.
Result<std::vector<std::string>> look_up(const std::string& host, const char* setting);

}  // namespace gatehouse
