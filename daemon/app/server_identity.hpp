#pragma once
// Is the machine behind the URL still the Net2 server that we know? Its doors' serial numbers tell, and where
// they are others its people.

#include <optional>
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

  /// Our own doors; while another server answers those of the one before.
  const std::vector<SourceDoor>& doors() const { return doors_; }
  /// The doors of the other server, while there is one.
  const std::vector<SourceDoor>& met() const { return met_; }
  /// The server with the doors `met` is ours from now on, and what we knew is forgotten; where it shows no
  /// doors what we knew stays, and that holds for this connection. Errc::refused where meanwhile another
  /// one answers. `anew`: it is another server, whose events have numbers of their own.
  Task<Result<void>> take_over(std::vector<SourceDoor> met, bool anew);
  /// Grows with each server that was taken over anew.
  std::uint64_t takeovers() const { return takeovers_; }

  /// Whether a user's number means the person whom we know by it.
  enum class People { known, unsure, others };
  People people() const { return people_; }
  /// Perhaps it is another database: unsure until its people have been read.
  void doubt_people() {
    people_ = People::unsure;
    ++doubts_;
  }
  void people_are(People people) { people_ = people; }
  /// How often they were doubted: a read that began before the last time says nothing.
  std::uint64_t doubts() const { return doubts_; }

 private:
  IntegrationId id_;
  Net2Source& source_;
  DirectoryStore& store_;
  std::optional<std::uint64_t> confirmed_;
  bool other_server_ = false;
  std::vector<SourceDoor> doors_;
  std::vector<SourceDoor> met_;
  std::uint64_t takeovers_ = 0;
  People people_ = People::known;
  std::uint64_t doubts_ = 0;
};

}  // namespace gatehouse
