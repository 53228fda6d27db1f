#include "connectors/lan/lan_server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "connectors/lan/lan_tls.hpp"
#include "daemon/app/as_result.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
constexpr Duration after_trouble = std::chrono::milliseconds(200);  ///< out of descriptors: let some go

const char* words_of_refusal(int status) {
  switch (status) {
    case 413:
      return "the body is too large";
    case 431:
      return "the head of the request has more than 8 KiB";
    case 505:
      return "HTTP/1.1 is spoken here";
    default:
      return "this is no HTTP request";
  }
}

}  // namespace

Result<std::unique_ptr<LanServer>> LanServer::open(LanApi settings, const std::string& key, Parts parts,
                                                   LanTuning tuning) {
  auto tls = make_lan_tls(settings.cert, key);
  if (!tls) return tls.error();
  std::unique_ptr<LanServer> server(
      new LanServer(std::move(settings), std::move(*tls), std::move(parts), tuning));
  auto listening = server->listen();
  if (!listening) return listening.error();
  return server;
}

Result<LanServer::Succession> LanServer::succeed(LanServer& before, LanApi settings,
                                                 const Result<std::string>& key, Parts parts,
                                                 LanTuning tuning) {
  Succession next;
  std::shared_ptr<asio::ssl::context> tls = before.tls_;
  if (!key) {
    next.fault = key.error();
  } else if (auto made = make_lan_tls(settings.cert, *key)) {
    tls = std::move(*made);
  } else {
    next.fault = made.error();
  }
  const bool same_address = settings.listen == before.settings_.listen;
  const auto make = [&](const Endpoint& where) {
    LanApi at = settings;
    at.listen = where;
    return std::unique_ptr<LanServer>(new LanServer(std::move(at), tls, parts, tuning));
  };
  next.server = make(settings.listen);
  auto listening = same_address ? next.server->listen_as(before) : next.server->listen();
  if (!listening && !same_address) {
    next.fault = listening.error();
    next.server = make(before.settings_.listen);
    listening = next.server->listen_as(before);
  }
  if (!listening) return listening.error();
  return next;
}

LanServer::LanServer(LanApi settings, std::shared_ptr<asio::ssl::context> tls, Parts parts, LanTuning tuning)
    : settings_(std::move(settings)),
      tls_(std::move(tls)),
      parts_(std::move(parts)),
      tuning_(tuning),
      router_(settings_.clients, parts_.desk, parts_.check_feed, parts_.worker, parts_.clock, parts_.log,
              tuning.rates, tuning.patience),
      connection_rate_(tuning.rates.connection),
      acceptor_(parts_.executor),
      ended_(parts_.executor) {}

Result<void> LanServer::listen() {
  const auto& where = settings_.listen;
  const std::string name = "lan_api.listen " + where.host + ":" + std::to_string(where.port);
  error_code error;
  const auto address = asio::ip::make_address(where.host, error);
  if (error) return Error{Errc::invalid, name + ": this is no address"};
  const tcp::endpoint endpoint(address, where.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Error{Errc::unreachable, name + ": " + error.message()};
  return {};
}

/// The very same socket under another descriptor: what waits in it is served by either.
Result<void> LanServer::listen_as(LanServer& before) {
  error_code error;
  const auto where = before.acceptor_.local_endpoint(error);
  const int duplicate = error ? -1 : ::fcntl(before.acceptor_.native_handle(), F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0)
    return Error{Errc::unreachable, "lan_api.listen: the socket cannot be taken over: " +
                                        (error ? error.message() : std::string(std::strerror(errno)))};
  acceptor_.assign(where.protocol(), duplicate, error);
  if (!error) return {};
  ::close(duplicate);
  return Error{Errc::unreachable, "lan_api.listen: " + error.message()};
}

void LanServer::start() {
  accepting_ = true;
  asio::co_spawn(
      parts_.executor, accept(),
      asio::bind_cancellation_slot(cancel_accept_.slot(), [this](const std::exception_ptr& broken) {
        accepting_ = false;
        ended_.ring();
        if (broken) std::rethrow_exception(broken);
      }));
}

Task<void> LanServer::accept() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_.async_accept(as_result);
    if (!error && gently_) welcome(std::move(socket));  // it had come before the end
    if (stopping_) co_return;
    if (error) {
      asio::steady_timer timer(parts_.executor, after_trouble);
      co_await timer.async_wait(as_result);
      continue;
    }
    welcome(std::move(socket));
  }
}

void LanServer::welcome(tcp::socket socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;
  std::string address = peer.address().to_string();
  if (!connection_rate_.take(address, parts_.clock.uptime())) return;
  if (connections_.size() >= tuning_.connections && !make_room()) return;
  connections_.emplace_back();
  const auto here = std::prev(connections_.end());
  here->wire = make_lan_wire(std::move(socket), *tls_, tuning_.patience);
  here->address = std::move(address);
  here->since = parts_.clock.uptime();
  asio::co_spawn(
      parts_.executor, serve(*here),
      asio::bind_cancellation_slot(here->cancel.slot(), [this, here](const std::exception_ptr& broken) {
        connections_.erase(here);
        ended_.ring();
        if (broken) std::rethrow_exception(broken);
      }));
}

/// Cuts the oldest that is not being served: first of those who have never shown a token.
bool LanServer::make_room() {
  auto victim = connections_.end();
  for (auto one = connections_.begin(); one != connections_.end(); ++one) {
    if (one->busy) continue;
    const bool better = victim == connections_.end() || (victim->known && !one->known) ||
                        (victim->known == one->known && one->since < victim->since);
    if (better) victim = one;
  }
  if (victim == connections_.end()) return false;
  victim->wire->cut();
  // It leaves the list when its coroutine sees it. Until then it is nobody's victim again.
  victim->busy = true;
  return true;
}

Task<void> LanServer::serve(Connection& connection) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool shaken = co_await connection.wire->shake_hands();
  if (!shaken) co_return;
  bool more = true;
  for (bool once = false; more && (!stopping_ || !once); once = true) {  // who was let in is heard
    auto serving = serve_one(connection);
    more = co_await std::move(serving);
  }
  co_await connection.wire->close();
}

/// False: the connection has come to its end.
Task<bool> LanServer::serve_one(Connection& connection) {
  auto& wire = *connection.wire;
  auto asked = co_await wire.read_head();
  if (!asked.head && asked.refuse == 0) {
    wire.cut();
    co_return false;
  }
  connection.busy = true;
  connection.since = parts_.clock.uptime();
  LanOutcome outcome;
  if (asked.head) {
    auto handling = router_.handle(wire, *asked.head, connection.address);
    outcome = co_await std::move(handling);
    connection.known = connection.known || outcome.known;
  } else {
    outcome.answer = lan_problem(asked.refuse, words_of_refusal(asked.refuse));
  }
  const bool keep = asked.head && asked.head->keep_alive && wire.at_end() && !outcome.last && !stopping_;
  const bool written = co_await wire.write(std::move(outcome.answer), !keep);
  connection.busy = false;
  connection.since = parts_.clock.uptime();
  co_return written&& keep;
}

Task<void> LanServer::stop(Duration patience) {
  co_await end(patience, true);
}

Task<void> LanServer::retire(bool strictly) {
  co_await end(strictly ? std::chrono::milliseconds(500) : std::chrono::seconds(3), strictly);
}

Task<void> LanServer::end(Duration patience, bool cut_idle) {
  stopping_ = true;
  gently_ = !cut_idle;
  // close() would leave it to the kernel to take the descriptor out of the epoll set, which it does only with
  // the last duplicate: the successor has one.
  error_code failed;
  const int listening = acceptor_.is_open() ? acceptor_.release(failed) : -1;
  if (listening >= 0) ::close(listening);
  for (auto& connection : connections_) {
    if (cut_idle && !connection.busy) connection.wire->cut();
  }
  const Uptime until = parts_.clock.uptime() + patience;
  while ((accepting_ || !connections_.empty()) && parts_.clock.uptime() < until)
    co_await ended_.wait(until - parts_.clock.uptime());
  cancel_accept_.emit(asio::cancellation_type::terminal);
  for (auto one = connections_.begin(); one != connections_.end();) {
    auto& connection = *one++;  // it may leave the list at once
    connection.wire->cut();
    connection.cancel.emit(asio::cancellation_type::terminal);
  }
  while (accepting_ || !connections_.empty()) co_await ended_.wait(after_trouble);
}

}  // namespace gatehouse
