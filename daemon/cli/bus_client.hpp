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

 private:
  struct Connection;
  template <typename Read>
  Answer call(const char* interface, const char* method, const std::vector<Argument>& arguments,
              std::chrono::seconds patience, Read read);

  Bus bus_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace gatehouse
