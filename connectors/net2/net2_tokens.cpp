#include "connectors/net2/net2_tokens.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "connectors/net2/net2_json.hpp"
#include "daemon/app/as_result.hpp"
#include "daemon/app/pulse.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
constexpr std::size_t max_token_answer = std::size_t{64} * 1024;
constexpr Duration default_life = std::chrono::minutes(30);  // net2-api.md §2.1
constexpr Duration refresh_life = std::chrono::hours(2);
constexpr Duration refresh_margin = std::chrono::minutes(5);
constexpr Duration distrust_calm = std::chrono::minutes(1);
constexpr Duration short_wait{2'000};  ///< longer back-offs are told, not waited for

/// Early enough that a request on its way does not meet the end of its token.
Duration margin(Duration life) {
  return std::min<Duration>(std::chrono::minutes(2), life / 5);
}

/// The server said no, rather than nothing.
bool is_refusal(Errc code) {
  return code == Errc::unauthenticated || code == Errc::mfa_required || code == Errc::refused ||
         code == Errc::not_found || code == Errc::malformed;
}

Task<bool> cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace

/// While it lives its owner alone talks to the server about tokens.
struct Net2Tokens::Turn {
  explicit Turn(Net2Tokens& owner) : tokens(owner) { tokens.busy_ = true; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    tokens.busy_ = false;
    tokens.turn_.cancel();
  }
  Net2Tokens& tokens;
};

Net2Tokens::Net2Tokens(asio::any_io_executor io, HttpsClient& https, Net2Credentials credentials,
                       const Clock& clock, TokenPacing pacing)
    : io_(io),
      https_(https),
      credentials_(std::move(credentials)),
      clock_(clock),
      pacing_(pacing),
      turn_(io, asio::steady_timer::time_point::max()) {}

Task<Result<std::string>> Net2Tokens::token() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (true) {
    if (!token_.empty() && clock_.uptime() < renew_at_) co_return token_;
    if (!busy_) break;
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, LongWait::watched_elsewhere);  // who signs in has time-outs
    co_await turn_.async_wait(as_result);
    const bool stop = co_await cancelled();
    if (stop) co_return Error{Errc::cancelled, "sign in"};
  }
  const Turn turn(*this);
  auto obtained = co_await obtain();
  co_return obtained;
}

std::string Net2Tokens::current() const {
  constexpr Duration way = std::chrono::seconds(1);  // what a request needs to get there
  return clock_.uptime() + way < expires_at_ ? token_ : std::string();
}

void Net2Tokens::drop(const std::string& token) {
  if (token != token_) return;
  token_.clear();
  refresh_token_.clear();
}

void Net2Tokens::distrust(Error why) {
  token_.clear();
  refresh_token_.clear();
  const Uptime now = clock_.uptime();
  if (refused_ && now < refused_until_) return;  // another request has found it out as well
  const bool goes_on = distrust_ != Duration(0) && now - refused_until_ <= distrust_calm;
  distrust_ = goes_on ? std::clamp(distrust_ * 2, pacing_.after_distrust, pacing_.after_refusal)
                      : pacing_.after_distrust;
  refused_ = std::move(why);
  refused_until_ = now + distrust_;
}

std::optional<Error> Net2Tokens::refusal() const {
  if (!refused_) return std::nullopt;
  if (refused_->code == Errc::mfa_required || clock_.uptime() < refused_until_) return refused_;
  return std::nullopt;
}

Task<Result<std::string>> Net2Tokens::obtain() {
  if (auto known = refusal()) co_return std::move(*known);
  auto paced = co_await wait_for_pace();
  if (!paced) co_return paced.error();
  const Grant first = next_grant();
  auto answer = co_await ask(first);
  const bool try_password = !answer && first.refresh && is_refusal(answer.error().code);
  if (!try_password) {
    // Renewed early: the old one still serves while the server is too busy for a new one.
    if (!answer && !token_.empty() && clock_.uptime() < expires_at_) co_return token_;
    co_return answer;
  }

  // A refresh that fails for whatever reason is followed by a full sign-in (net2-api.md §2.3).
  refresh_token_.clear();
  refused_.reset();
  paced = co_await wait_for_pace();
  if (!paced) co_return paced.error();
  const Grant password = next_grant();
  answer = co_await ask(password);
  co_return answer;
}

Task<Result<void>> Net2Tokens::wait_for_pace() {
  const Uptime now = clock_.uptime();
  Duration wait{0};
  if (last_try_) wait = std::max(wait, Duration(*last_try_ + pacing_.between - now));
  if (not_before_ - now > short_wait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(not_before_ - now).count();
    co_return Error{Errc::busy, fmt::format("the server is too busy to sign in; next try in {} s", seconds)};
  }
  wait = std::max(wait, Duration(not_before_ - now));
  if (wait > Duration(0)) {
    const auto mine = co_await asio::this_coro::executor;
    const LongWait waiting(mine, wait);
    asio::steady_timer timer(io_, wait);
    const auto [failed] = co_await timer.async_wait(as_result);
    if (failed) co_return Error{Errc::cancelled, "sign in"};
  }
  last_try_ = clock_.uptime();
  co_return Result<void>{};
}

Net2Tokens::Grant Net2Tokens::next_grant() const {
  const std::string tail = "&scope=offline_access&client_id=" + percent_encode(credentials_.client_id);
  if (!refresh_token_.empty() && clock_.uptime() < refresh_until_) {
    return {"grant_type=refresh_token&refresh_token=" + percent_encode(refresh_token_) + tail, true};
  }
  return {"grant_type=password&username=" + percent_encode(credentials_.username) +
              "&password=" + percent_encode(credentials_.password) + tail,
          false};
}

Task<Result<std::string>> Net2Tokens::ask(const Grant& grant) {
  HttpRequest request;
  request.method = "POST";
  request.urgent = true;  // everything else waits for it
  request.connect = Duration(6'000);
  request.silence = Duration(6'000);
  request.target = "/api/v1/authorization/tokens";
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = grant.form;
  auto answer = co_await https_.fetch(std::move(request), max_token_answer);
  if (!answer) co_return within("sign in", answer.error());
  co_return judge(*answer, grant);
}

Result<std::string> Net2Tokens::judge(const HttpAnswer& answer, const Grant& grant) {
  const auto refuse = [&](Errc code, std::string words) {
    Error error{code, "sign in: " + std::move(words)};
    if (!grant.refresh) {
      refused_ = error;
      refused_until_ = clock_.uptime() + pacing_.after_refusal;
    }
    return error;
  };
  if (answer.status == 429 || answer.status >= 500) {
    back_off(answer.retry_after);
    return Error{Errc::busy, fmt::format("sign in: the server answered {}", answer.status)};
  }
  const auto read = parse_token_answer(answer.body);
  const std::string fault = read ? read->error : "";
  if (fault == "mfa_required") {
    return refuse(Errc::mfa_required, "this operator has MFA on; use an operator without it");
  }
  if (fault == "invalid_client") {
    return refuse(
        Errc::unauthenticated,
        "the server does not know this client_id; it is the name of the licence file without .lic, and "
        "the Net2 service must be restarted after the file was put into ApiLicences");
  }
  if (answer.status == 400 || answer.status == 401) {
    return refuse(Errc::unauthenticated,
                  fmt::format("operator '{}' or its password is wrong (the server answered {})",
                              credentials_.username, answer.status));
  }
  if (answer.status == 403) {
    return refuse(Errc::unauthenticated,
                  fmt::format("operator '{}' may not use the API (403); check its role and the licence",
                              credentials_.username));
  }
  if (answer.status == 404) {
    return Error{Errc::not_found,
                 "sign in: no Net2 API here (404); check the URL and that the Local API is on"};
  }
  if (answer.status < 200 || answer.status > 299) {
    return Error{Errc::refused, fmt::format("sign in: the server answered {}", answer.status)};
  }
  if (!read) return within("sign in", read.error());
  if (read->access_token.empty()) return Error{Errc::malformed, "sign in: the answer holds no access token"};

  const Uptime now = clock_.uptime();
  const Duration life = read->expires_in > Duration(0) ? read->expires_in : default_life;
  token_ = read->access_token;
  renew_at_ = now + life - margin(life);
  expires_at_ = now + life;
  if (!read->refresh_token.empty()) {
    refresh_token_ = read->refresh_token;
    refresh_until_ = now + refresh_life - refresh_margin;
  }
  refused_.reset();
  backoff_ = Duration(0);
  return token_;
}

void Net2Tokens::back_off(std::optional<Duration> told) {
  backoff_ = std::clamp(backoff_ * 2, pacing_.backoff_least, pacing_.backoff_most);
  const Duration wait = told ? std::max(*told, pacing_.between) : backoff_;
  not_before_ = clock_.uptime() + wait;
}

}  // namespace gatehouse
