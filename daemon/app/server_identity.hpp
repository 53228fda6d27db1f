#pragma once
// Is the machine behind the URL still the Net2 server that we know? Its doors' serial numbers tell.

#include <vector>

#include "daemon/app/ports.hpp"

namespace gatehouse {

/// Asked before anything that was read is believed. A new server can only be behind a new connection, so it
/// asks Net2 once per connection.
class ServerIdentity {
 public:
  ServerIdentity(IntegrationId integration, Net2Source& source, DirectoryStore& store)
      : id_(std::move(integration)), source_(source), store_(store) {}

  /// Fine where the server is the known one, or nothing is known yet. Errc::refused where it is another one.
  /// Keeps the list of doors current by the way.
  Task<Result<void>> confirm();
  /// True where the connection is still the one that was confirmed: what was read meanwhile is ours.
  bool still_confirmed() const { return confirmed_ && *confirmed_ == source_.connections(); }
  /// The last confirm() met another server.
  bool other_server() const { return other_server_; }
  /// Reads the doors again at the next confirm().
  void doubt() { confirmed_.reset(); }

  const std::vector<SourceDoor>& doors() const { return doors_; }

 private:
  IntegrationId id_;
  Net2Source& source_;
  DirectoryStore& store_;
  std::optional<std::uint64_t> confirmed_;
  bool other_server_ = false;
  std::vector<SourceDoor> doors_;
};

}  // namespace gatehouse
