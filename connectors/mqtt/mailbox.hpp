#pragma once
// What the mqtt thread has to tell, on its way to io: in order, and one wake-up for a whole burst.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/app/ports.hpp"

namespace gatehouse {

struct LinkUp {
  LinkTerms terms;
};
struct LinkDown {
  Error why;
};
struct LinkOutcomes {
  std::vector<PublishOutcome> outcomes;
};
struct LinkMessage {
  Incoming message;
};
/// The link is about to connect and waits for will and secrets.
struct AttemptWanted {};
/// The last event of all: the mqtt thread is about to end.
struct LinkStopped {};

using LinkEvent = std::variant<LinkUp, LinkDown, LinkOutcomes, LinkMessage, AttemptWanted, LinkStopped>;

class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Sink = std::function<void(LinkEvent&&)>;  ///< called on io

  Mailbox(boost::asio::any_io_executor io, Sink sink) : io_(std::move(io)), sink_(std::move(sink)) {}

  /// From any thread. A message beyond 32 MiB of them waiting is dropped: whoever sends that fast gets no
  /// reply, which to the cloud means that nothing has happened.
  void push(LinkEvent event);

  /// From io. Nothing is delivered or posted any more, so that `io` may go away.
  void close();

 private:
  void deliver();

  std::mutex mutex_;
  boost::asio::any_io_executor io_;
  Sink sink_;
  std::vector<LinkEvent> waiting_;
  std::size_t message_bytes_ = 0;  ///< of the messages among them
  bool posted_ = false;
  bool closed_ = false;
};

}  // namespace gatehouse
