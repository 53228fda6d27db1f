#include "connectors/mqtt/mailbox.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace gatehouse {
namespace {

constexpr std::size_t most_message_bytes = 32 * 1024 * 1024;

std::size_t size_of(const Incoming& message) {
  return message.topic.size() + message.payload.size() + message.response_topic.size() +
         message.correlation.size();
}

}  // namespace

void Mailbox::push(LinkEvent event) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  if (const auto* arrived = std::get_if<LinkMessage>(&event)) {
    const auto size = size_of(arrived->message);
    if (message_bytes_ + size > most_message_bytes) return;
    message_bytes_ += size;
  }
  auto* more = std::get_if<LinkOutcomes>(&event);
  auto* last = waiting_.empty() ? nullptr : std::get_if<LinkOutcomes>(&waiting_.back());
  if (more && last) {
    last->outcomes.insert(last->outcomes.end(), more->outcomes.begin(), more->outcomes.end());
  } else {
    waiting_.push_back(std::move(event));
  }
  if (posted_) return;
  posted_ = true;
  boost::asio::post(io_, [self = shared_from_this()] { self->deliver(); });
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
}

void Mailbox::deliver() {
  std::vector<LinkEvent> events;
  {
    const std::lock_guard lock(mutex_);
    events.swap(waiting_);
    message_bytes_ = 0;
    posted_ = false;
  }
  for (LinkEvent& event : events) {
    {
      // A listener may stop the link between two events.
      const std::lock_guard lock(mutex_);
      if (closed_) return;
    }
    sink_(std::move(event));
  }
}

}  // namespace gatehouse
