#pragma once
// Asks the running daemon.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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
using Argument = std::variant<std::string, bool, std::uint32_t, std::uint64_t, Filter>;

/// Enough for a reload, which tests the policy first, or a list from a slow disk.
inline constexpr std::chrono::seconds patience_with_questions{75};
/// For what reads a whole directory or carries out a plan. A daemon that dies is noticed at once all the
/// same.
inline constexpr std::chrono::seconds patience_with_work{24 * 3600};

/// Blocking calls over a connection of its own, one at a time.
class BusClient {
 public:
  explicit BusClient(Bus bus);
  ~BusClient();
  BusClient(const BusClient&) = delete;
  BusClient& operator=(const BusClient&) = delete;

  /// Connects now instead of at the first question; nullopt where that went well. Not on two threads at once.
  std::optional<Answer> connect();

  Answer ask(const char* interface, const char* method, const std::vector<Argument>& arguments = {},
             std::chrono::seconds patience = patience_with_questions);

  /// For methods that answer with a file, since a message has a greatest length.
  Answer ask_for_file(const char* interface, const char* method, const std::vector<Argument>& arguments,
                      std::chrono::seconds patience = patience_with_questions);

  /// Likewise, of any size: into `to`, a descriptor for writing. The document is empty.
  Answer ask_for_copy(const char* interface, const char* method, const std::vector<Argument>& arguments,
                      int to, std::chrono::seconds patience);

  /// From now on the daemon's changes are heard, and whether it comes or goes: for wait(). Connects where
  /// that was not done; nullopt where it went well.
  std::optional<Answer> listen();

  enum class Heard {
    change,   ///< the daemon has something new, or has come or gone: read again
    other,    ///< `other` can be read
    nothing,  ///< the time has passed, or a signal handler has run
    lost,     ///< the bus has gone; listen() again
  };
  /// Until one of these. What came between listen() and here counts. `other`: a file descriptor; -1: none.
  Heard wait(std::chrono::milliseconds limit, int other = -1);

 private:
  struct Connection;
  template <typename Read>
  Answer call(const char* interface, const char* method, const std::vector<Argument>& arguments,
              std::chrono::seconds patience, Read read);

  Bus bus_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace gatehouse
