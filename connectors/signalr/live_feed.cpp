#include "connectors/signalr/live_feed.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "connectors/https/websocket.hpp"
#include "connectors/signalr/signalr_messages.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
constexpr std::uint16_t net2_port = 8443;
constexpr std::size_t max_answer = std::size_t{64} * 1024;
constexpr int noise_allowed = 100;  ///< frames before an answer that we wait for

/// The steps that set a feed up, from negotiate to the subscriptions.
class SignalRFeed final : public LiveFeed {
 public:
  SignalRFeed(asio::any_io_executor io, Origin origin, Net2Tls tls, FeedToken token, Log& log,
              FeedPatience patience)
      : origin_(std::move(origin)),
        tls_(std::move(tls)),
        token_(std::move(token)),
        log_(log),
        patience_(patience),
        https_(make_https_client(std::move(io), origin_, tls_, {.connections = 1})) {}

  Task<Error> listen(std::vector<Net2DoorId> doors, LiveListener& listener) override {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto negotiated = co_await negotiate();
    if (!negotiated) co_return within("live feed", negotiated.error());
    auto link = co_await connect(*negotiated);
    if (!link) co_return within("live feed", link.error());
    const auto asked = co_await asio::this_coro::cancellation_state;
    if (asked.cancelled() != asio::cancellation_type::none)
      co_return Error{Errc::cancelled, "live feed: cancelled"};
    auto ended = co_await stay(**link, negotiated->terms, doors, listener);
    // Only a server that still talks to us is owed a farewell.
    if (ended.code == Errc::refused) {
      co_await (*link)->close(std::chrono::seconds(1));
    }
    co_return within("live feed", std::move(ended));
  }

 private:
  struct Negotiated {
    std::string token;
    Negotiation terms;
  };

  HttpRequest request_for(std::string target) const {
    HttpRequest request;
    request.target = std::move(target);
    request.connect = patience_.connect;
    request.silence = patience_.answer;
    request.whole = patience_.answer * 2;
    return request;
  }

  static Error refusal(std::string_view step, int status) {
    const std::string words = fmt::format("/signalr/{}: the server answered {}", step, status);
    if (status == 404) return {Errc::not_found, words + "; it has no live feed"};
    if (status == 401) return {Errc::unauthenticated, words};
    if (status == 403) return {Errc::forbidden, words};
    if (status == 429 || status >= 500) return {Errc::busy, words};
    return {Errc::refused, words};
  }

  /// A refused token is replaced once.
  Task<Result<Negotiated>> negotiate() {
    for (int attempt = 0;; ++attempt) {
      auto token = co_await token_.get();
      if (!token) co_return token.error();
      auto request = request_for(signalr_target("negotiate", *token, {}));
      auto answer = co_await https_->fetch(std::move(request), max_answer);
      if (!answer) co_return within("/signalr/negotiate", answer.error());
      if (answer->status == 401 && attempt == 0) {
        token_.drop(*token);
        continue;
      }
      if (answer->status != 200) co_return refusal("negotiate", answer->status);
      auto terms = parse_negotiation(answer->body);
      if (!terms) co_return terms.error();
      co_return Negotiated{std::move(*token), std::move(*terms)};
    }
  }

  /// The socket is open when the server has sent its init frame and answered "started".
  Task<Result<std::unique_ptr<WebSocket>>> connect(const Negotiated& negotiated) {
    const std::string& connection = negotiated.terms.connection_token;
    WebSocketRequest upgrade;
    upgrade.target = signalr_target("connect", negotiated.token, connection);
    upgrade.connect = patience_.connect;
    WebSocketRefusal refused;
    auto link = co_await open_websocket(origin_, tls_, std::move(upgrade), refused);
    if (!link && refused.status != 0) co_return refusal("connect", refused.status);
    if (!link) co_return within("/signalr/connect", link.error());

    bool init = false;
    for (int frames = 0; !init; ++frames) {
      if (frames == noise_allowed) co_return Error{Errc::malformed, "/signalr/connect: no init frame"};
      auto text = co_await (*link)->read(patience_.answer);
      if (!text) co_return within("wait for the init frame", text.error());
      init = parse_frame(*text).init;
    }
    auto request = request_for(signalr_target("start", negotiated.token, connection));
    auto answer = co_await https_->fetch(std::move(request), max_answer);
    if (!answer) co_return within("/signalr/start", answer.error());
    if (answer->status != 200) co_return refusal("start", answer->status);
    if (!is_started(answer->body))
      co_return Error{Errc::malformed, "/signalr/start was not answered by \"started\""};
    co_return link;
  }

  /// Subscribes, tells the listener, and rings until the link ends.
  Task<Error> stay(WebSocket& link, const Negotiation& terms, const std::vector<Net2DoorId>& doors,
                   LiveListener& listener) {
    auto written = co_await link.write(subscribe_live_call(0), patience_.answer);
    if (!written) co_return written.error();
    for (std::size_t i = 0; i < doors.size(); ++i) {
      written = co_await link.write(subscribe_door_status_call(doors[i], i + 1), patience_.answer);
      if (!written) co_return written.error();
    }
    const Duration silence = terms.keep_alive.value_or(patience_.without_keep_alive);
    bool live = false;
    bool told = false;  // of doors without a subscription
    const auto subscribe_by = std::chrono::steady_clock::now() + patience_.answer;
    while (true) {
      auto text = co_await link.read(live ? silence : std::min(silence, patience_.answer));
      if (!text) co_return text.error();
      const Frame frame = parse_frame(*text);
      if (frame.result_of == "0") {
        if (frame.error) co_return Error{Errc::refused, "subscribeToLiveEvents: " + *frame.error};
        live = true;
        listener.on_live();
      } else if (frame.error && !told) {
        told = true;
        log_.write(Level::info, "a door's status cannot be subscribed to, it is polled: " + *frame.error);
      }
      if (!live && std::chrono::steady_clock::now() > subscribe_by) {
        co_return Error{Errc::timeout, "subscribeToLiveEvents was not answered"};
      }
      if (frame.event) listener.on_event();
      if (frame.door_status) listener.on_door_status();
      if (frame.reconnect) co_return Error{Errc::unreachable, "the server asks to connect anew"};
    }
  }

  Origin origin_;
  Net2Tls tls_;
  FeedToken token_;
  Log& log_;
  FeedPatience patience_;
  std::unique_ptr<HttpsClient> https_;
};

}  // namespace

Result<std::unique_ptr<LiveFeed>> make_live_feed(asio::any_io_executor io, const Net2Server& server,
                                                 FeedToken token, Log& log, FeedPatience patience) {
  auto origin = parse_origin(server.url, net2_port);
  if (!origin) return origin.error();
  return std::unique_ptr<LiveFeed>(std::make_unique<SignalRFeed>(
      std::move(io), std::move(*origin), server.tls, std::move(token), log, patience));
}

}  // namespace gatehouse
