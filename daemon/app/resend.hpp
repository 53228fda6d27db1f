#pragma once
// people.resend, events.resend: the same facts again, as new messages with ids of their own, between two
// markers.

#include <functional>
#include <optional>
#include <string>

#include "daemon/app/command_ports.hpp"
#include "daemon/app/queries.hpp"

namespace gatehouse {

/// The markers are messages of type `resend`, on the topic and in the lane of the facts (people; access for
/// events, whose alarms go by their own lane all the same), data {"resend":ID,"of":"people|events",
/// "integration","from","to","state":"begin|end","count","alarms"}: `count` all facts between them, `alarms`
/// those of them in the lane `alarm`. The begin marker has what is known then; the end marker what was sent,
/// and `complete` false where it stopped half-way. What changes meanwhile is told as ever, and may be told
/// before its resent state.
class Resend {
 public:
  struct Parts {
    QueryStore& queries;
    OutboxStore& outbox;
    Clock& clock;
    std::function<void()> news;
  };
  explicit Resend(Parts parts) : parts_(std::move(parts)) {}

  /// `{"resend","count","alarms"}`. Waits while the outbox has much to send already.
  Task<Result<std::string>> people();
  Task<Result<std::string>> events(EventsResendArgs args);

 private:
  struct Round;
  Task<Result<void>> put(std::vector<Message> messages, Lane lane);
  Message marker(const Round& round, std::string_view state, bool complete) const;
  Task<Result<void>> send_people(Round& round);
  Task<Result<void>> each_event(Round& round, bool send);
  Task<Result<std::string>> end(Round& round, Result<void> sent);

  Parts parts_;
};

}  // namespace gatehouse
