#pragma once
// Pages for programs on this machine that watch the gateway: plain HTTP/1.1, GET and HEAD, one request for
// each connection.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "daemon/app/ports.hpp"
#include "daemon/app/task.hpp"
#include "daemon/app/wakeup.hpp"
#include "daemon/core/settings.hpp"

namespace gatehouse {

struct MetricsPage {
  int status = 200;
  std::string content_type;
  std::string body;
};

struct MetricsTuning {
  std::size_t connections = 8;  ///< at a time; one more is closed at once
  Duration request{5'000};      ///< from the connection to the end of the request's head
  Duration answer{10'000};      ///< for the whole answer to be taken
};

/// Listens on the loopback interface and nowhere else. On the io thread. Destroy it only after stop() has
/// returned, or never started.
class MetricsServer {
 public:
  /// The page at a path; nullopt: there is none (404). Must not throw.
  using Pages = std::function<std::optional<MetricsPage>(std::string_view path)>;

  /// Listens; serves nobody before start(). Errc::invalid: no address, or not a loopback one;
  /// Errc::unreachable: it is in use.
  static Result<std::unique_ptr<MetricsServer>> open(const Endpoint& where,
                                                     boost::asio::any_io_executor executor, Pages pages,
                                                     MetricsTuning tuning = {});

  void start();
  /// Cuts what is under way: who watches asks again.
  Task<void> stop();

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t connections() const { return connections_.size(); }

 private:
  using Sockets = std::list<boost::asio::ip::tcp::socket>;
  MetricsServer(boost::asio::any_io_executor executor, Pages pages, MetricsTuning tuning);

  Task<void> accept();
  Task<void> serve(boost::asio::ip::tcp::socket& socket);

  boost::asio::any_io_executor executor_;
  Pages pages_;
  MetricsTuning tuning_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Sockets connections_;
  boost::asio::cancellation_signal cancel_accept_;
  Wakeup ended_;
  bool accepting_ = false;
  bool stopping_ = false;
};

}  // namespace gatehouse
