#pragma once
// The real broker: Debian's mosquitto as a child process, on a free loopback port, with TLS and client
// certificates.

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "tests/unit/test_certificates.hpp"

namespace gatehouse::test {

class RealMosquitto {
 public:
  /// Started at once; it listens a moment later. `more`: further lines for its configuration.
  explicit RealMosquitto(TestAuthority& authority, const std::string& more = {});
  RealMosquitto(const RealMosquitto&) = delete;
  RealMosquitto& operator=(const RealMosquitto&) = delete;
  ~RealMosquitto();

  std::uint16_t port() const { return port_; }
  void kill();     ///< at once, as in a power cut
  void restart();  ///< on the same port

 private:
  std::string config_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace gatehouse::test
