#pragma once
// Tells the cloud whom to invite, after each pass (contract.md §3.1, person.invitable).

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/access_ports.hpp"
#include "daemon/app/errands.hpp"
#include "daemon/app/ports.hpp"

namespace gatehouse {

/// On the io thread. Destroy it only after stop() has returned, or when nothing was ever asked.
class InvitationDesk {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    Invitations& store;
    Clock& clock;
    Log& log;
    std::function<void()> news;  ///< there is something in the outbox
  };
  explicit InvitationDesk(Parts parts)
      : parts_(std::move(parts)), errands_(parts_.executor, parts_.clock, parts_.log) {}

  /// People have changed, perhaps: tells of those who are to be invited and never were told of. `full`: a
  /// full pass has ended, so also once more of those whose invitation has not been confirmed. Returns at
  /// once; one round at a time. What fails is tried at the next call.
  void on_pass(bool full);
  /// Ends what is under way, and begins nothing any more.
  Task<void> stop();
  std::vector<std::string> late() const { return errands_.late(); }

 private:
  Task<void> rounds();
  Task<Result<void>> tell_again();
  Task<Result<void>> tell_new();
  void note(const Result<void>& round);

  Parts parts_;
  bool due_ = false;
  bool again_ = false;
  bool running_ = false;
  bool stopping_ = false;
  bool failed_ = false;  ///< and was logged
  Errands errands_;
};

}  // namespace gatehouse
