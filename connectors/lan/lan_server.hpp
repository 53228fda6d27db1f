#pragma once
// The LAN interface (contract.md §7): the listener and its connections.

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "connectors/lan/lan_router.hpp"
#include "daemon/app/wakeup.hpp"

namespace gatehouse {

struct LanTuning {
  std::size_t connections = 256;  ///< at a time; for one more the oldest idle one is closed
  LanPatience patience;
  LanRates rates;
};

/// On the io thread. Destroy it only after stop() has returned, or never started.
class LanServer {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor worker;  ///< for files
    LanRequests& desk;
    MakeSnapshotCheck check_feed;
    Clock& clock;
    Log& log;
  };
  /// Listens; serves nobody before start(). `key`: PEM. Errc::invalid: certificate, key or address;
  /// Errc::unreachable: the address is in use or not this machine's.
  static Result<std::unique_ptr<LanServer>> open(LanApi settings, const std::string& key, Parts parts,
                                                 LanTuning tuning = {});

  /// The same beside one that serves: it takes over what of `before` still does. Its listening socket where
  /// the address is the same, so that nobody is turned away; its certificate where the new one is of no use,
  /// and its address where the new one cannot be listened on, so that who may ask is right in any case. Then
  /// `fault` says what of the settings is not in force. `before` is to be stopped once this one was started.
  struct Succession {
    std::unique_ptr<LanServer> server;
    std::optional<Error> fault;
  };
  static Result<Succession> succeed(LanServer& before, LanApi settings, const Result<std::string>& key,
                                    Parts parts, LanTuning tuning = {});

  void start();
  /// No new connections, and the idle ones are closed at once; requests under way have `patience` to end.
  Task<void> stop(Duration patience = std::chrono::milliseconds(500));
  /// stop() for one that has a successor: whoever is connected may ask once more. `strictly`: the list of
  /// clients is another, so only what is under way is ended.
  Task<void> retire(bool strictly);
  /// Whether the same clients may ask for the same things.
  bool same_clients(const LanServer& other) const { return settings_.clients == other.settings_.clients; }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Connection {
    std::unique_ptr<LanWire> wire;
    std::string address;
    bool known = false;  ///< it has shown a token of ours
    bool busy = false;   ///< a request is being answered
    Uptime since{};      ///< it is as it is
    boost::asio::cancellation_signal cancel{};
  };
  using Connections = std::list<Connection>;

  LanServer(LanApi settings, std::shared_ptr<boost::asio::ssl::context> tls, Parts parts, LanTuning tuning);
  Result<void> listen();
  Result<void> listen_as(LanServer& before);
  Task<void> accept();
  void welcome(boost::asio::ip::tcp::socket socket);
  bool make_room();
  Task<void> serve(Connection& connection);
  Task<bool> serve_one(Connection& connection);
  Task<void> end(Duration patience, bool cut_idle);

  const LanApi settings_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  Parts parts_;
  LanTuning tuning_;
  LanRouter router_;
  LanBuckets connection_rate_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Connections connections_;
  boost::asio::cancellation_signal cancel_accept_;
  Wakeup ended_;
  bool accepting_ = false;
  bool stopping_ = false;
  bool gently_ = false;  ///< stopping, and whoever has come is heard
};

}  // namespace gatehouse
