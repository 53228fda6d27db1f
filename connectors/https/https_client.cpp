#include "connectors/https/https_client.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "connectors/https/http_wire.hpp"
#include "daemon/app/pulse.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;
constexpr Duration fresh = std::chrono::seconds(10);  ///< idle for longer, a connection may be dead unseen

class PooledHttpsClient final : public HttpsClient {
 public:
  PooledHttpsClient(asio::any_io_executor io, Origin origin, Net2Tls trust, HttpsOptions options)
      : io_(std::move(io)),
        origin_(std::move(origin)),
        trust_(std::move(trust)),
        options_(options),
        ordinary_{options.connections},
        urgent_{options.urgent} {}

  Task<Result<HttpAnswer>> fetch(HttpRequest request, std::size_t limit) override {
    auto answer = co_await send(request, nullptr, limit);
    co_return answer;
  }
  Task<Result<HttpAnswer>> stream(HttpRequest request, BodySink sink) override {
    auto answer = co_await send(request, &sink, std::size_t{64} * 1024);
    co_return answer;
  }
  std::uint64_t connections() const override { return made_; }

 private:
  struct Kept {
    std::unique_ptr<HttpWire> wire;
    SteadyTime since;
  };

  /// Those who may use so many connections among themselves.
  struct Lane {
    std::size_t most = 0;
    std::size_t busy = 0;
    std::deque<std::shared_ptr<asio::steady_timer>> waiting{};

    void wake_next() const {
      if (!waiting.empty()) waiting.front()->cancel();
    }
  };

  /// The right to one connection; given back with its scope.
  class Turn {
   public:
    explicit Turn(Lane& lane) : lane_(lane) { ++lane_.busy; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      --lane_.busy;
      lane_.wake_next();
    }

   private:
    Lane& lane_;
  };

  Task<Result<HttpAnswer>> send(const HttpRequest& request, const BodySink* sink, std::size_t limit) {
    co_await asio::this_coro::throw_if_cancelled(false);
    Lane& lane = request.urgent ? urgent_ : ordinary_;
    const bool may_go = co_await wait_for_turn(lane);
    if (!may_go) co_return Error{Errc::cancelled, request.method + " " + origin_.authority()};
    const Turn turn(lane);

    auto wire = take_kept(request.urgent ? std::min(options_.keep, fresh) : options_.keep);
    const bool used_before = wire != nullptr;
    if (!wire) {
      auto opened = co_await open(request.connect);
      if (!opened) co_return opened.error();
      wire = std::move(*opened);
    }
    auto exchange = co_await wire->exchange(request, sink, limit);
    const bool hung_up = !exchange.answer && exchange.nothing_came && used_before &&
                         exchange.answer.error().code == Errc::unreachable;
    if (hung_up && request.method == "GET") {
      // The server had closed the idle connection while we were asking (RFC 9112 §9.3.1); the others are
      // as old.
      kept_.clear();
      trouble_ = true;
      auto opened = co_await open(request.connect);
      if (!opened) co_return opened.error();
      wire = std::move(*opened);
      exchange = co_await wire->exchange(request, sink, limit);
    }
    agreed_close_ = exchange.answer && exchange.announced_end;
    if (wire->reusable()) {  // never after a failed exchange, but where nothing was written
      kept_.push_back({std::move(wire), std::chrono::steady_clock::now()});
    } else if (!agreed_close_) {
      trouble_ = true;
    }
    co_return std::move(exchange.answer);
  }

  /// False where the caller was cancelled while it waited.
  Task<bool> wait_for_turn(Lane& lane) {
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, LongWait::watched_elsewhere);  // those before us have their own time-outs
    while (lane.busy >= lane.most) {
      const auto timer = std::make_shared<asio::steady_timer>(io_, SteadyTime::max());
      lane.waiting.push_back(timer);
      co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
      std::erase(lane.waiting, timer);
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) {
        // The turn may have been meant for us: pass it on.
        if (lane.busy < lane.most) lane.wake_next();
        co_return false;
      }
    }
    co_return true;
  }

  std::unique_ptr<HttpWire> take_kept(Duration keep) {
    const auto oldest = std::chrono::steady_clock::now() - keep;
    while (!kept_.empty()) {
      Kept last = std::move(kept_.back());
      kept_.pop_back();
      if (last.since < oldest) continue;
      if (last.wire->reusable()) return std::move(last.wire);
      trouble_ = true;  // ended by the server without a word
    }
    return nullptr;
  }

  Task<Result<std::unique_ptr<HttpWire>>> open(Duration limit) {
    auto link = co_await open_tls(origin_, trust_, limit);
    if (!link) {
      trouble_ = true;
      co_return link.error();
    }
    const bool after_trouble = std::exchange(trouble_, false);
    if (made_ == 0 || !agreed_close_ || after_trouble) ++made_;
    co_return make_http_wire(std::move(*link), origin_.authority());
  }

  asio::any_io_executor io_;
  Origin origin_;
  Net2Tls trust_;
  HttpsOptions options_;
  std::vector<Kept> kept_;
  Lane ordinary_;
  Lane urgent_;
  std::uint64_t made_ = 0;
  bool agreed_close_ = false;  ///< the last answer was whole, and said that its connection ends
  bool trouble_ = false;       ///< something has failed since the last connection: the next one counts
};

}  // namespace

std::unique_ptr<HttpsClient> make_https_client(asio::any_io_executor io, Origin origin, Net2Tls trust,
                                               HttpsOptions options) {
  return std::make_unique<PooledHttpsClient>(std::move(io), std::move(origin), std::move(trust), options);
}

}  // namespace gatehouse
