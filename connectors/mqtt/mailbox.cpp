#include "connectors/mqtt/mailbox.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace gatehouse {

void Mailbox::push(LinkEvent event) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
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
