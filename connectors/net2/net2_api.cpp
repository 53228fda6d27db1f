#include "connectors/net2/net2_api.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "connectors/net2/net2_json.hpp"
#include "daemon/app/on_worker.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t max_answer = std::size_t{16} * 1024 * 1024;
constexpr std::size_t small_piece = 4096;  ///< bytes; a tenth of a millisecond

constexpr Duration most_patience = std::chrono::seconds(60);
constexpr Duration most_for_the_dead = std::chrono::seconds(24);  ///< the next try must not be far

/// Lists of people: the server takes many seconds before the first byte of a long one.
bool is_slow_list(const std::string& path) {
  return path == "/users" || path.starts_with("/customquery/") || path.ends_with("/users");
}

std::string without_query(const std::string& path) {
  return path.substr(0, path.find('?'));
}

}  // namespace

Net2Api::Net2Api(boost::asio::any_io_executor worker, HttpsClient& https, Net2Tokens& tokens,
                 Net2Patience patience)
    : worker_(std::move(worker)),
      https_(https),
      tokens_(tokens),
      patience_(patience),
      silence_now_(patience.silence) {}

Duration Net2Api::silence_for(const std::string& path) const {
  return is_slow_list(path) ? patience_.slow_list : silence_now_;
}

/// A dead server must be noticed within seconds, and yet a slow one must get its time in the end.
void Net2Api::note_pace(const std::string& path, const Result<HttpAnswer>& answer) {
  if (is_slow_list(path)) return;
  if (answer) {
    silence_now_ = std::max(patience_.silence, silence_now_ * 3 / 4);
    answering_ = true;
  } else if (answer.error().code == Errc::timeout) {
    const Duration most = answering_ ? most_patience : most_for_the_dead;
    silence_now_ = std::min(silence_now_ * 2, std::max(most, patience_.silence));
    answering_ = false;
  }
}

Task<Result<HttpAnswer>> Net2Api::ask(std::string path) {
  auto answer = co_await ask(std::move(path), nullptr);
  co_return answer;
}

/// No row at all, by an answer whose end may be a cut, is believed when it comes twice: a server that dies
/// between head and body does not say so again.
Task<Result<HttpAnswer>> Net2Api::ask(std::string path, const BodySink* sink) {
  auto answer = co_await ask_once(path, sink);
  const bool doubtful = answer && is_success(*answer) && answer->unsealed && answer->size == 0;
  if (!doubtful || path.starts_with("/events")) co_return answer;  // no event is no news, whoever says so
  answer = co_await ask_once(std::move(path), sink);
  co_return answer;
}

Task<Result<HttpAnswer>> Net2Api::ask_once(std::string path, const BodySink* sink) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const std::string place = "GET /api/v1" + without_query(path);
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto token = co_await tokens_.token();
    if (!token) co_return token.error();
    HttpRequest request = request_for(path, *token);
    auto answer = sink == nullptr ? https_.fetch(std::move(request), max_answer)
                                  : https_.stream(std::move(request), *sink);
    auto received = co_await std::move(answer);
    note_pace(path, received);
    if (!received) co_return within(place, received.error());
    if (received->status != 401) co_return received;
    tokens_.drop(*token);
  }
  Error error{Errc::unauthenticated, place + ": the server refuses a token it has just given (401)"};
  tokens_.distrust(error);
  co_return error;
}

HttpRequest Net2Api::request_for(const std::string& path, const std::string& token) const {
  HttpRequest request;
  request.target = "/api/v1" + path;
  request.headers.emplace_back("Authorization", "Bearer " + token);
  request.connect = patience_.connect;
  request.silence = silence_for(path);
  request.whole = patience_.whole;
  return request;
}

Task<Net2Api::Written> Net2Api::write(std::string method, std::string path, std::string body) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  using How = Written::How;
  const std::string place = method + " /api/v1" + path;
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto token = co_await tokens_.token();
    if (!token) co_return Written{.how = How::not_done, .why = token.error()};
    HttpRequest request = request_for(path, *token);
    request.method = method;
    request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    request.body = body;
    request.silence = std::max(silence_now_, patience_.write);
    auto answer = co_await https_.fetch(std::move(request), max_answer);
    if (!answer) co_return Written{.how = How::unknown, .why = within(place, answer.error())};
    if (is_success(*answer)) co_return Written{.how = How::done, .answer = std::move(*answer)};
    if (answer->status != 401) {
      const bool may_be_done = answer->status >= 500 || answer->status == 408;
      Error why = refusal(*answer, path, method);
      co_return Written{.how = may_be_done ? How::unknown : How::not_done, .why = std::move(why)};
    }
    tokens_.drop(*token);
  }
  Error error{Errc::unauthenticated, place + ": the server refuses a token it has just given (401)"};
  tokens_.distrust(error);
  co_return Written{.how = How::not_done, .why = std::move(error)};
}

Task<Result<std::string>> Net2Api::get(std::string path) {
  auto answer = co_await ask(path);
  if (!answer) co_return answer.error();
  if (!is_success(*answer)) co_return refusal(*answer, path);
  co_return std::move(answer->body);
}

Task<Result<HttpAnswer>> Net2Api::read_rows(std::string path, JsonRows& rows, std::uint64_t& count,
                                            AnswerMark* mark) {
  const std::string place = "GET /api/v1" + without_query(path);
  const BodySink sink = [this, &rows, mark](std::string_view piece) -> Task<Result<void>> {
    if (mark != nullptr) mark->add(piece);
    // A few rows are read sooner than another thread wakes up.
    if (piece.size() <= small_piece) co_return rows.feed(piece);
    Result<void> fed;
    std::function<void()> work = [&] { fed = rows.feed(piece); };
    co_await on_worker(worker_, std::move(work));
    co_return fed;
  };
  auto answer = co_await ask(path, &sink);
  if (!answer) co_return answer.error();
  count = 0;
  if (!is_success(*answer)) co_return answer;
  const auto whole = rows.finish();
  if (!whole) co_return within(place, whole.error());
  count = *whole;
  co_return answer;
}

Task<Result<bool>> Net2Api::read_mark(std::string path, AnswerMark& mark) {
  const BodySink sink = [&mark](std::string_view piece) -> Task<Result<void>> {
    mark.add(piece);
    if (mark.too_long()) co_return Error{Errc::refused, "the list is longer than it was"};
    co_return Result<void>{};
  };
  auto answer = co_await ask(std::move(path), &sink);
  if (mark.too_long()) co_return false;
  if (!answer) co_return answer.error();
  co_return is_success(*answer);
}

Error Net2Api::refusal(const HttpAnswer& answer, const std::string& path, const std::string& method) {
  const std::string words = refusal_words(answer.body);
  const auto say = [&](std::string_view advice) {
    return fmt::format("{} /api/v1{}: the server answered {}{}{}{}{}", method, without_query(path),
                       answer.status, words.empty() ? "" : " '", words, words.empty() ? "" : "'", advice);
  };
  if (answer.status >= 500) {
    const bool proxy = answer.status == 502 || answer.status == 503 || answer.status == 504;
    return {Errc::busy, say(proxy ? "; the Net2 service behind it is down or starting" : "")};
  }
  switch (answer.status) {
    case 403:
      return {Errc::forbidden, say("; this operator's role or the licence does not allow it")};
    case 404:
      return {Errc::not_found, say("; is this a Net2 server with its Local API on?")};
    case 429:
      return {Errc::busy, say("; asked too often")};
    default:
      break;
  }
  if (answer.status >= 300 && answer.status < 400) {
    return {Errc::refused, say(" and sends us elsewhere; is the URL the one of the API?")};
  }
  return {Errc::refused, say("")};
}

}  // namespace gatehouse
