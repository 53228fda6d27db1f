#pragma once
// One WebSocket of a live subscriber.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tests/sim/signalr_hub.hpp"

namespace gatehouse::sim {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;
using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

/// Errors beside the value, never as an exception.
inline constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Accepts the upgrade and carries frames between the socket and the hub until either ends. `stream` and
/// the hub outlive the call.
boost::asio::awaitable<void> serve_live(TlsStream& stream, UpgradeRequest upgrade, Request request,
                                        SignalrHub::Admission admission, SignalrHub& hub);

}  // namespace gatehouse::sim
