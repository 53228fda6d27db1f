#pragma once
// What the people's list costs before anybody looks at it: the same bytes over TLS by the same client, into
// a sink that drops them.

#include <cstdint>
#include <string>

namespace gatehouse::bench {

struct Transfer {
  double cpu = 0;  ///< seconds, of this thread: sign-in and handshake included
  std::uint64_t bytes = 0;
};

/// Asks the simulator at that port as the daemon does. Throws where it is refused.
Transfer fetch_people(int port, const std::string& certificates);

}  // namespace gatehouse::bench
