#pragma once
// HTTP/1.1 over TLS or plain: accepts, reads requests, writes answers, and spoils them as told.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "daemon/core/result.hpp"
#include "tests/sim/faults.hpp"
#include "tests/sim/message.hpp"
#include "tests/sim/signalr_hub.hpp"

namespace gatehouse::sim {

/// What a server answers with. `take_fault` and `hub` may be empty.
struct HttpService {
  std::function<Response(const Request&)> handle;
  std::function<std::optional<FaultRule>(const Request&)> take_fault{};
  SignalrHub* hub = nullptr;
  const Switches* switches = nullptr;
};

class HttpServer {
 public:
  /// `tls` null: plain HTTP. Everything given outlives the server.
  HttpServer(boost::asio::io_context& io, boost::asio::ssl::context* tls, HttpService service);
  ~HttpServer();

  /// "ADDR:PORT", port 0: any. Returns the port.
  Result<std::uint16_t> listen(const std::string& where);
  void stop_listening();  ///< connections are refused from now on; those open are closed
  void resume();          ///< listens again on the same port
  void black_hole(bool on) { black_hole_ = on; }  ///< accepts and never says a word
  void close_connections();
  std::size_t connections() const;

 private:
  struct Inside;
  std::shared_ptr<Inside> inside_;
  bool black_hole_ = false;
  friend struct Inside;
};

}  // namespace gatehouse::sim
