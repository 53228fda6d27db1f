#include "connectors/mqtt/name_lookup.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

namespace gatehouse {

Result<std::vector<std::string>> look_up(const std::string& host, const char* setting) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0) {
    if (code == EAI_NONAME) {
      return Error{Errc::unreachable,
                   fmt::format("the name '{}' is not known: check {} and the DNS server", host, setting)};
    }
    return Error{Errc::unreachable,
                 fmt::format("cannot look up '{}' ({}): check the network and its DNS server", host,
                             gai_strerror(code))};
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
      continue;
    if (std::find(addresses.begin(), addresses.end(), text) == addresses.end()) addresses.emplace_back(text);
  }
  if (addresses.empty()) return Error{Errc::unreachable, fmt::format("'{}' has no address", host)};
  return addresses;
}

}  // namespace gatehouse
