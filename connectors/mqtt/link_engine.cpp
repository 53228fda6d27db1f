#include "connectors/mqtt/link_engine.hpp"

#include <cerrno>
#include <limits>
#include <utility>

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include "connectors/mqtt/name_lookup.hpp"
#include "connectors/mqtt/reason_words.hpp"
#include "connectors/mqtt/tls_context.hpp"

namespace gatehouse {
namespace {

using Ready = boost::asio::posix::stream_descriptor::wait_type;

/// Cannot be a row of the outbox.
constexpr std::int64_t farewell_token = std::numeric_limits<std::int64_t>::min();

Uptime uptime_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

}  // namespace

LinkEngine::LinkEngine(MqttOptions options, std::shared_ptr<Mailbox> mailbox, std::uint64_t seed)
    : options_(std::move(options)),
      mailbox_(std::move(mailbox)),
      work_(context_.get_executor()),
      descriptor_(context_),
      retry_(context_),
      deadline_(context_),
      tick_(context_),
      backoff_(options_.timing.backoff, seed) {}

void LinkEngine::run() {
  pthread_setname_np(pthread_self(), "mqtt");
  boost::asio::post(context_, [this] { want_attempt(); });
  context_.run();
}

// --- orders from io ---------------------------------------------------------------------------------------

void LinkEngine::proceed(Result<Attempt> given) {
  boost::asio::post(context_, [this, given = std::move(given)] {
    if (phase_ != Phase::preparing || stopping_) return;
    if (!given) return drop(given.error());
    attempt(*given);
  });
}

void LinkEngine::publish(std::vector<Outgoing> messages) {
  boost::asio::post(context_, [this, messages = std::move(messages)]() mutable {
    if (phase_ != Phase::up || stopping_) return;
    window_.add(std::move(messages));
    pump();
    end_turn({});
  });
}

void LinkEngine::reconnect(std::string why) {
  boost::asio::post(context_, [this, why = std::move(why)]() mutable {
    if (session_ && !stopping_) drop(Error{Errc::unreachable, std::move(why)});
  });
}

void LinkEngine::post(std::function<void()> word) {
  boost::asio::post(context_, std::move(word));
}

void LinkEngine::hurry() {
  boost::asio::post(context_, [this] {
    if (phase_ != Phase::idle || stopping_ || retry_.cancel() == 0) return;
    want_attempt();
  });
}

void LinkEngine::stop(std::optional<Outgoing> farewell, Duration limit) {
  stopping_ = true;
  boost::asio::post(context_, [this, farewell = std::move(farewell), limit]() mutable {
    if (phase_ != Phase::up || !farewell) return finish();
    farewell->token = farewell_token;
    farewell->retain = true;
    window_.add_last(std::move(*farewell));
    said_farewell_ = true;
    arm_deadline(limit);
    pump();
    end_turn({});
  });
}

// --- the life of a connection -----------------------------------------------------------------------------

void LinkEngine::want_attempt() {
  if (stopping_) return;
  phase_ = Phase::preparing;
  mailbox_->push(AttemptWanted{});
}

void LinkEngine::attempt(const Attempt& with) {
  auto dialled = dial(with);
  if (stopping_) return;  // asked to while a name was looked up; stop()'s own turn comes next
  if (!dialled) return drop(dialled.error());
  adopt(std::move(*dialled));
}

Result<std::unique_ptr<Session>> LinkEngine::dial(const Attempt& with) {
  const Cloud& cloud = options_.cloud;
  auto tls = TlsContext::make(cloud.tls, cloud.host, with.secrets.key_pem, with.secrets.cert_pem);
  if (!tls) return tls.error();
  auto found = addresses();
  if (!found) return found.error();
  SessionPlan plan;
  plan.cloud = &cloud;
  plan.root = options_.root;
  plan.address = (*found)[attempts_++ % found->size()];
  plan.password = with.secrets.password;
  plan.will = with.will;
  return Session::dial(plan, std::move(*tls), *this);
}

Result<std::vector<std::string>> LinkEngine::addresses() {
  // Either stop() sees this flag, or this sees that of stop(): nobody joins a thread that is about to hang.
  looking_up_ = true;
  auto found = stopping_              ? Result<std::vector<std::string>>(Error{Errc::cancelled, "stopping"})
               : options_.cloud.proxy ? look_up(options_.cloud.proxy->host, "cloud.proxy")
                                      : look_up(options_.cloud.host, "cloud.host");
  looking_up_ = false;
  return found;
}

void LinkEngine::adopt(std::unique_ptr<Session> session) {
  session_ = std::move(session);
  ++generation_;
  phase_ = Phase::connecting;
  // The library closes its socket whenever it likes; asio keeps one of its own, so that neither is surprised.
  const int duplicate = fcntl(session_->socket(), F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return drop(dial_error(errno, options_.cloud.host));
  descriptor_.assign(duplicate);
  arm_deadline(options_.timing.connect);
  arm();
}

void LinkEngine::drop(Error why) {
  const bool kicked = session_ && session_->taken_over() && !takeover_expected_;
  abandon_session();
  if (stopping_) {
    if (said_farewell_) finish();
    return;
  }
  const Duration wait = backoff_.lost(uptime_now(), kicked ? Backoff::Loss::kicked : Backoff::Loss::ordinary);
  if (kicked && backoff_.slow()) {
    why.detail += fmt::format("; it happened twice in a row, so the next attempt comes only after {} s",
                              std::chrono::duration_cast<std::chrono::seconds>(wait).count());
  }
  mailbox_->push(LinkDown{std::move(why)});
  retry_.expires_after(wait);
  retry_.async_wait([this](boost::system::error_code error) {
    if (!error) want_attempt();
  });
}

void LinkEngine::abandon_session() {
  if (!outcomes_.empty()) mailbox_->push(LinkOutcomes{std::exchange(outcomes_, {})});
  ++generation_;
  phase_ = Phase::idle;
  reading_ = false;
  writing_ = false;
  doomed_.reset();
  deadline_.cancel();
  tick_.cancel();
  session_.reset();
  boost::system::error_code
      ignored;  // closing a socket whose peer is gone may complain; it is closed all the same
  if (descriptor_.is_open()) descriptor_.close(ignored);
  window_.open(0, 0);
}

void LinkEngine::finish() {
  // Without a farewell that arrived, the broker is to send the last will: no DISCONNECT.
  if (session_ && farewell_arrived_) session_->disconnect();
  abandon_session();
  retry_.cancel();
  mailbox_->push(LinkStopped{});
  work_.reset();
  context_.stop();
}

// --- turns of the loop ------------------------------------------------------------------------------------

void LinkEngine::arm() {
  if (!reading_ && session_->dialled()) {
    reading_ = true;
    descriptor_.async_wait(Ready::wait_read, [this, mine = generation_](boost::system::error_code error) {
      if (!error) readable(mine);
    });
  }
  if (!writing_ && session_->wants_write()) {
    writing_ = true;
    descriptor_.async_wait(Ready::wait_write, [this, mine = generation_](boost::system::error_code error) {
      if (!error) writable(mine);
    });
  }
}

void LinkEngine::readable(std::uint64_t generation) {
  if (generation != generation_) return;
  reading_ = false;
  last_heard_ = uptime_now();
  end_turn(session_->on_readable());
}

void LinkEngine::writable(std::uint64_t generation) {
  if (generation != generation_) return;
  writing_ = false;
  end_turn(session_->on_writable());
}

void LinkEngine::end_turn(Result<void> alive) {
  if (alive && !doomed_) alive = session_->flush();
  if (doomed_) return drop(std::move(*doomed_));
  if (!alive) return drop(alive.error());
  if (!outcomes_.empty()) mailbox_->push(LinkOutcomes{std::exchange(outcomes_, {})});
  if (farewell_arrived_) return finish();
  arm();
}

void LinkEngine::arm_tick() {
  tick_.expires_after(options_.timing.tick);
  tick_.async_wait([this, mine = generation_](boost::system::error_code error) {
    if (!error && mine == generation_) tick();
  });
}

void LinkEngine::tick() {
  const Uptime now = uptime_now();
  // libmosquitto itself notices a missing PINGRESP only after 2 × keep-alive.
  const Duration silence = options_.timing.silence.value_or(options_.cloud.keepalive * 3 / 2);
  if (now - last_heard_ + options_.timing.tick > silence) {
    return drop(Error{Errc::timeout, fmt::format("nothing heard from the broker for {} s: the link is dead",
                                                 (now - last_heard_).count() / 1000)});
  }
  window_.expire_before(now - options_.timing.puback);
  if (window_.stuck()) {
    return drop(
        Error{Errc::timeout, fmt::format("the broker has acknowledged none of {} messages for {} s",
                                         window_.unacknowledged(), options_.timing.puback.count() / 1000)});
  }
  pump();
  arm_tick();
  end_turn(session_->on_tick());
}

void LinkEngine::arm_deadline(Duration after) {
  deadline_.expires_after(after);
  deadline_.async_wait([this, mine = generation_](boost::system::error_code error) {
    if (error || mine != generation_) return;
    if (stopping_) return finish();
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>(options_.timing.connect).count();
    std::string what =
        session_->dialled()
            ? fmt::format(
                  "took the connection and then said nothing for {} s: is it an MQTT broker with TLS?", limit)
            : fmt::format("does not answer within {} s: is it up, and does a firewall let this through?",
                          limit);
    drop(Error{Errc::timeout, fmt::format("{}:{} {}", options_.cloud.host, options_.cloud.port, what)});
  });
}

/// Hands the library as much as the window takes. Also called from inside its callbacks, so that a PUBACK is
/// followed by the next message without a detour.
void LinkEngine::pump() {
  if (doomed_) return;
  const Uptime now = uptime_now();
  while (const Outgoing* message = window_.next()) {
    auto published = session_->publish(*message);
    if (!published) {
      doomed_ = published.error();
      return;
    }
    if (published->how == Session::Publish::sent) {
      window_.sent(published->id, now);
      continue;
    }
    const bool too_large = published->how == Session::Publish::too_large;
    report(message->token, too_large ? 0x95 : 0x90, too_large);
    window_.set_aside();
  }
  if (window_.out_of_ids()) {
    // libmosquitto would give the next message the identifier of one whose PUBACK never came.
    doomed_ =
        Error{Errc::timeout, "the broker withholds a PUBACK, and all other packet identifiers are used up"};
  }
}

void LinkEngine::report(std::int64_t token, std::uint8_t reason, bool too_large) {
  if (token == 0 || token == farewell_token) return;
  outcomes_.push_back(PublishOutcome{token, reason, too_large});
}

void LinkEngine::on_connected(LinkTerms terms) {
  terms_ = terms;
}

void LinkEngine::on_subscribed() {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::up;
  attempts_ = 0;
  deadline_.cancel();
  backoff_.connected(uptime_now());
  window_.open(options_.cloud.outbox.inflight, terms_.receive_maximum);
  mailbox_->push(LinkUp{terms_});
  arm_tick();
}

void LinkEngine::on_puback(std::uint16_t id, std::uint8_t reason) {
  const auto token = window_.acknowledged(id);
  if (!token) return;
  if (*token == farewell_token) farewell_arrived_ = reason < 0x80;
  report(*token, reason, false);
  pump();
}

void LinkEngine::on_arrival(Incoming message) {
  mailbox_->push(LinkMessage{std::move(message)});
}

}  // namespace gatehouse
