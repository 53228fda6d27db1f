#pragma once
// One connection of a client on the LAN: HTTP/1.1 over TLS, seen from the server, one request at a time.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "daemon/app/task.hpp"
#include "daemon/core/instant.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

struct LanPatience {
  Duration handshake{5'000};
  Duration idle{15'000};   ///< for the first byte of a request
  Duration head{5'000};    ///< from there to the end of its head
  Duration piece{5'000};   ///< between two pieces of a body
  Duration body{10'000};   ///< for a small body
  Duration feed{600'000};  ///< for a snapshot, however lively
  Duration write{10'000};  ///< for an answer
  Duration farewell{500};
};

/// What the head of a request says. Everything is as it came, and nothing of it is believed.
struct LanHead {
  std::string method;
  std::string path;
  std::string query;                         ///< behind the '?'
  std::vector<std::string> authorization{};  ///< each field of this name
  std::vector<std::string> keys{};           ///< Idempotency-Key
  bool encoded = false;                      ///< it has a Content-Encoding
  std::optional<std::uint64_t> length;
  bool chunked = false;
  bool keep_alive = false;

  bool has_body() const { return chunked || length.value_or(0) != 0; }
};

struct LanAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// A request, or the status to refuse it with, or neither: the client is gone, or said nothing in time.
struct LanAsked {
  std::optional<LanHead> head;
  int refuse = 0;
};

/// Use from one thread. Each call sets `throw_if_cancelled(false)` for the coroutine that awaits it.
class LanWire {
 public:
  virtual ~LanWire() = default;
  /// False where the client is no TLS client of ours, or too slow.
  virtual Task<bool> shake_hands() = 0;
  virtual Task<LanAsked> read_head() = 0;
  /// Before the first piece of a body: how long all of it may take. Says "100 Continue" where that is waited
  /// for.
  virtual Task<Result<void>> begin_body(Duration whole) = 0;
  /// The next bytes of the body, at most 64 KiB; empty at its end. Errc::malformed, timeout, unreachable.
  virtual Task<Result<std::string>> read_piece() = 0;
  /// True where the body, if any, was read to its end.
  virtual bool at_end() const = 0;
  /// `last`: the connection ends with this answer.
  virtual Task<bool> write(LanAnswer answer, bool last) = 0;
  /// Takes a little of what is still coming, so that the answer gets there, then says farewell.
  virtual Task<void> close() = 0;
  /// Ends whatever waits on it.
  virtual void cut() = 0;
};

std::unique_ptr<LanWire> make_lan_wire(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls,
                                       LanPatience patience);

/// More than this of a body makes any request a refused one, whatever it is for.
inline constexpr std::uint64_t most_of_a_body = std::uint64_t{64} * 1024 * 1024;

}  // namespace gatehouse
