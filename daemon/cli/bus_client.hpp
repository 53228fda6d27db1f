#pragma once
// Asks the running daemon.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/exit_status.hpp"
#include "daemon/core/result.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

/// One JSON document, or why there is none.
struct Answer {
  std::optional<std::string> document;
  ExitStatus status = ExitStatus::done;
  std::optional<Errc> code;  ///< where the daemon itself said no
  std::string why;           ///< for a person; may have several lines, the last ones say what to do
};

using Filter = std::map<std::string, std::string>;

/// Blocking calls; each waits for its answer for about a minute at most.
class BusClient {
 public:
  explicit BusClient(Bus bus);
  ~BusClient();
  BusClient(const BusClient&) = delete;
  BusClient& operator=(const BusClient&) = delete;

  Answer ask(const char* interface, const char* method);
  Answer ask(const char* interface, const char* method, const std::string& argument);
  Answer ask(const char* interface, const char* method, const Filter& filter, const std::string& after,
             std::uint32_t limit);

 private:
  struct Connection;
  template <typename... Arguments>
  Answer call(const char* interface, const char* method, const Arguments&... arguments);

  Bus bus_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace gatehouse
