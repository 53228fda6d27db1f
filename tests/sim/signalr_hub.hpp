#pragma once
// The hub eventHubLocal: who is connected, what they asked for, and what they are told (net2-api.md §5).

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/sim/message.hpp"
#include "tests/sim/world.hpp"

namespace gatehouse::sim {

/// A WebSocket as the hub sees it. Owned elsewhere; it calls detach() before it goes.
class LiveSocket {
 public:
  virtual ~LiveSocket() = default;
  virtual void send(std::string frame) = 0;  ///< queued; never blocks
  virtual void close() = 0;
};

class SignalrHub : public WorldListener {
 public:
  SignalrHub(boost::asio::any_io_executor executor, World& world);

  /// negotiate, start, abort, ping, send: the requests that are plain HTTP.
  Response handle(const Request& request);

  struct Admission {
    bool ok = false;
    std::string connection{};  ///< key for attach()
    bool reconnect = false;
    Response refusal{};  ///< where it is not ok
  };
  /// May this upgrade request become a live connection?
  Admission admit(const Request& request);
  void attach(const Admission& admission, const Request& request, LiveSocket& socket);
  void detach(const std::string& connection, LiveSocket& socket);
  void received(const std::string& connection, std::string_view frame);

  void close_all();      ///< every live socket
  std::size_t hush();    ///< sockets of now stay open and hear nothing more
  void ask_reconnect();  ///< "T":1
  void keep_alive_changed() { keep_alive_.cancel(); }
  std::size_t live_clients() const;
  std::uint64_t messages() const { return messages_; }

  void event_logged(const EventRow& row) override;
  void door_changed(const Door& door) override;
  void mustered(int report, int user, int marked_by) override;

 private:
  struct Connection {
    std::string id, mark;
    LiveSocket* socket = nullptr;
    bool knows_hub = false, started = false, silent = false;
    bool all_events = false;
    std::set<std::int64_t> door_events, door_status, reports;
    std::uint64_t number = 0;                                  ///< of the last message
    std::deque<std::pair<std::uint64_t, std::string>> recent;  ///< for a reconnect
    std::vector<std::string> pending;
    std::chrono::steady_clock::time_point lost{};
  };

  Connection* find(const Request& request);
  Response negotiate(const Request& request);
  std::string call(Connection& connection, std::string_view frame);
  void tell(Connection& connection, const std::string& message);
  void flush();
  void beat();
  void forget_lost();

  boost::asio::any_io_executor executor_;
  World& world_;
  boost::asio::steady_timer keep_alive_;
  std::map<std::string, Connection> connections_;  ///< by connection token
  bool flush_posted_ = false;
  std::uint64_t messages_ = 0;
};

}  // namespace gatehouse::sim
