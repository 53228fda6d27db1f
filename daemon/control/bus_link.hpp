#pragma once
// One connection to the bus, living in the asio loop: no thread of its own.

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sdbus-c++/IConnection.h>

#include "daemon/app/task.hpp"
#include "daemon/core/result.hpp"

namespace gatehouse {

/// All of it on the io thread. Kept alive by shared_ptr: a call under way needs the connection to answer,
/// or to find that nobody listens any more.
class BusLink : public std::enable_shared_from_this<BusLink> {
 public:
  /// Blocks for the few messages of the handshake; probe the bus first. Errc::unreachable or Errc::refused.
  static Result<std::shared_ptr<BusLink>> open(boost::asio::any_io_executor executor,
                                               const std::string& address);

  sdbus::IConnection& bus() { return *connection_; }
  boost::asio::any_io_executor executor() { return wake_.get_executor(); }

  /// Serves the connection until it is lost or close() was called; says why it ended.
  Task<Error> serve();

  /// Call after anything that may have queued a message: sdbus-c++ has no descriptor that would tell.
  void kick();

  void close();
  bool closed() const { return closed_; }

 private:
  BusLink(boost::asio::any_io_executor executor, std::unique_ptr<sdbus::IConnection> connection);
  bool handle_some();
  void watch(boost::asio::posix::descriptor_base::wait_type what, bool& watched);

  std::unique_ptr<sdbus::IConnection> connection_;
  boost::asio::posix::stream_descriptor socket_;  ///< a duplicate: sd-bus closes its own
  boost::asio::steady_timer wake_;
  bool woken_ = false;
  bool watching_read_ = false;
  bool watching_write_ = false;
  bool closed_ = false;
};

}  // namespace gatehouse
