#pragma once
// Host names to addresses, without holding up anybody else.

#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// The addresses of a host in the order of the system's resolver (RFC 6724); at least one.
///
/// getaddrinfo(3) blocks, for minutes where a name server is silent, and nobody can end it. Asio puts all of
/// a process's look-ups behind one another in one thread; here each name has a thread of its own for as long
/// as its question is open. Whoever asks for the same name meanwhile waits for that answer.
///
/// Errors: unreachable, timeout (the question stays open), cancelled.
Task<Result<std::vector<boost::asio::ip::address>>> look_up_host(std::string host, Duration limit);

}  // namespace gatehouse
