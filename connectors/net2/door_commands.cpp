#include "connectors/net2/door_commands.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "connectors/net2/json_document.hpp"
#include "daemon/core/crash_point.hpp"

namespace gatehouse {

// Its operators go between coroutines only.
using namespace boost::asio::experimental::awaitable_operators;

namespace {

namespace asio = boost::asio;
constexpr std::size_t max_door_answer = std::size_t{64} * 1024;
constexpr std::string_view late = "late";

std::string path_of(const DoorOrder& order) {
  switch (order.action) {
    case DoorAction::hold:
      return "/commands/door/holdopen";
    case DoorAction::close:
      return "/commands/door/close";
    default:
      return order.open_time ? "/commands/door/control" : "/commands/door/open";
  }
}

/// LedFlash is left out: nobody has said what its values mean.
std::string body_of(const DoorOrder& order) {
  if (order.action != DoorAction::open || !order.open_time)
    return fmt::format(R"({{"doorId":{}}})", order.door.value());
  return fmt::format(
      R"({{"DoorId":{},"RelayFunction":{{"RelayId":"Relay1","RelayAction":"TimedOpen","RelayOpenTime":{}}}}})",
      order.door.value(), order.open_time->count());
}

/// `{"output":{"errors":[…]}}`, as the lockdown route says it (net2-api.md §3.9).
bool names_errors(const std::string& body) {
  const auto document = parse_json(body);
  if (!document || !document->is_object()) return false;
  const auto* output = json_member(document->get_object(), "output");
  const auto& holder =
      output != nullptr && output->is_object() ? output->get_object() : document->get_object();
  const auto* errors = json_member(holder, "errors");
  if (errors == nullptr || errors->is_null()) return false;
  if (errors->is_array()) return !errors->get_array().empty();
  if (errors->is_object()) return !errors->get_object().empty();
  return true;
}

DoorAnswer failed(std::string why) {
  return {.state = DoorCommandState::failed, .why = std::move(why)};
}

DoorAnswer unknown(std::string why) {
  return {.state = DoorCommandState::unknown, .why = std::move(why)};
}

DoorAnswer judge(const HttpAnswer& answer, const std::string& path) {
  if (is_success(answer)) {
    if (is_web_page(answer.body)) return unknown("a web page answered, which is not how Net2 does");
    if (!names_errors(answer.body)) return {.state = DoorCommandState::sent, .why = {}};
    return unknown("Net2 accepted the command, and named errors");
  }
  std::string why = Net2Api::refusal(answer, path, "POST").detail;
  // A server that gave up waiting for a request may have had it after all.
  const bool refused = answer.status >= 400 && answer.status < 500 && answer.status != 408;
  return refused ? failed(std::move(why)) : unknown(std::move(why));
}

}  // namespace

struct DoorCommands::Run {
  DoorOrder order;
  bool begun = false;     ///< something of the request may have been written
  bool refused = false;   ///< our token was (401); nothing has been done
  bool given_up = false;  ///< the deadline has passed, or the order was stopped
  std::string why{late};  ///< of what is given up
  DoorAnswer answer{};
};

bool DoorCommands::is_late(const Run& run) const {
  return run.given_up || clock_.uptime() >= run.order.deadline;
}

Task<DoorAnswer> DoorCommands::command(DoorOrder order) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Run run{.order = order};
  run.answer = failed("cancelled before anything was sent");
  if (is_late(run)) {
    run.answer = {.state = DoorCommandState::not_sent, .why = std::string(late)};
    co_return run.answer;
  }
  co_await (carry_out(run) || watch(run));
  if (run.begun || !run.given_up) co_return run.answer;
  if (run.refused && run.why == late)
    run.answer = failed("Net2 refused our token (401), and signing in anew took too long");
  else
    run.answer = {.state = DoorCommandState::not_sent, .why = run.why};
  co_return run.answer;
}

/// Ends at the deadline while nothing has been written, which ends carry_out().
Task<void> DoorCommands::watch(Run& run) {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer timer(io_, run.order.deadline - clock_.uptime());
  const auto wait = asio::as_tuple(asio::use_awaitable);
  const auto [cancelled] = co_await timer.async_wait(wait);
  if (cancelled) co_return;
  if (!run.begun) {
    run.given_up = true;
    co_return;
  }
  timer.expires_at(asio::steady_timer::time_point::max());
  co_await timer.async_wait(wait);
}

Task<void> DoorCommands::carry_out(Run& run) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const std::string path = path_of(run.order);
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::string token = tokens_.current();
    if (token.empty()) {
      auto fetched = co_await tokens_.token();
      if (!fetched) {
        run.answer = failed(fetched.error().detail);
        co_return;
      }
      token = std::move(*fetched);
    }
    run.begun = false;
    HttpRequest request = request_for(run, token);
    auto received = co_await https_.fetch(std::move(request), max_door_answer);
    if (!received) {
      const Error error = within("POST /api/v1" + path, received.error());
      run.answer = run.begun ? unknown(error.detail) : failed(error.detail);
      co_return;
    }
    if (received->status != 401) {
      run.answer = judge(*received, path);
      co_return;
    }
    tokens_.drop(token);
    run.refused = true;
    run.begun = false;
    if (is_late(run)) {
      run.given_up = true;
      co_return;
    }
  }
  Error error{Errc::unauthenticated,
              "POST /api/v1" + path + ": the server refuses a token it has just given (401)"};
  run.answer = failed(error.detail);
  tokens_.distrust(std::move(error));
}

HttpRequest DoorCommands::request_for(Run& run, const std::string& token) const {
  HttpRequest request;
  request.method = "POST";
  request.target = "/api/v1" + path_of(run.order);
  request.headers.emplace_back("Authorization", "Bearer " + token);
  request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  request.body = body_of(run.order);
  request.connect = patience_.connect;
  request.silence = patience_.door;
  request.whole = 2 * patience_.door;
  request.urgent = true;
  request.may_write = [this, &run] {
    if (is_late(run)) {
      run.given_up = true;
      return false;
    }
    if (auto stop = run.order.stop ? run.order.stop() : std::nullopt) {
      run.why = std::move(*stop);
      run.given_up = true;
      return false;
    }
    run.begun = true;
    crash_point("door.writing");
    return true;
  };
  return request;
}

}  // namespace gatehouse
