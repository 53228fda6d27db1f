#include "connectors/lan/lan_router.hpp"

#include <algorithm>

#include "connectors/lan/feed_drop.hpp"
#include "connectors/lan/lan_tls.hpp"
#include "daemon/core/json_writer.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t most_of_a_request = std::size_t{64} * 1024;
constexpr std::size_t most_of_a_key = 64;
constexpr std::size_t most_of_a_token = 512;
constexpr int most_uploads = 4;
constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view sign_in_path = "/v1/sign-in";
constexpr std::string_view muster_path = "/v1/muster";
constexpr std::string_view health_path = "/v1/health";
constexpr std::string_view feeds_path = "/v1/feeds/";
constexpr std::string_view json_type = "application/json";

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

LanOutcome problem(int status, const std::string& detail) {
  return {.answer = lan_problem(status, detail), .last = false, .known = true};
}

LanOutcome wait_problem(int status, const std::string& detail, Duration wait) {
  auto outcome = problem(status, detail);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  outcome.answer.headers.emplace_back("Retry-After", std::to_string(seconds));
  return outcome;
}

LanOutcome not_allowed(std::string allow) {
  auto outcome = problem(405, "this resource knows " + allow + " only");
  outcome.answer.headers.emplace_back("Allow", std::move(allow));
  return outcome;
}

LanOutcome json_answer(int status, std::string body) {
  return {.answer = {.status = status,
                     .content_type = std::string(json_type),
                     .body = std::move(body),
                     .headers = {}},
          .last = false,
          .known = true};
}

LanOutcome outcome_of(LanReply reply) {
  if (reply.status < 400) return json_answer(reply.status, std::move(reply.body));
  if (reply.retry_after) return wait_problem(reply.status, reply.detail, *reply.retry_after);
  return problem(reply.status, reply.detail);
}

char lower(char c) {
  return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

/// What is wrong with the body as it is announced. Whatever type it says it has, it is read as what it must
/// be.
std::optional<LanOutcome> wrong_body(const LanHead& head, std::uint64_t most) {
  if (head.encoded) return problem(415, "a content encoding is not understood");
  if (!head.chunked && !head.length) return problem(411, "say how long the body is");
  if (head.length.value_or(0) > most)
    return problem(413, "the body has more than " + std::to_string(most) + " bytes");
  return std::nullopt;
}

/// One of those that are under way.
class Upload {
 public:
  explicit Upload(int& count) : count_(count) { ++count_; }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload() { --count_; }

 private:
  int& count_;
};

LanOutcome broken_body(const Error& error) {
  auto outcome = error.code == Errc::timeout ? problem(408, "the body came too slowly")
                                             : problem(400, "the body is not as announced");
  outcome.last = true;
  return outcome;
}

}  // namespace

LanAnswer lan_problem(int status, const std::string& detail) {
  JsonWriter json;
  json.begin_object();
  json.member("type", "about:blank").member("title", title_of(status)).member("status", status);
  if (!detail.empty()) json.member("detail", detail);
  json.end_object();
  return {.status = status, .content_type = "application/problem+json", .body = json.take(), .headers = {}};
}

LanRouter::LanRouter(const std::vector<LanClient>& clients, LanRequests& desk, MakeSnapshotCheck check_feed,
                     boost::asio::any_io_executor worker, Clock& clock, Log& log, LanRates rates,
                     LanPatience patience)
    : clients_(clients),
      desk_(desk),
      check_feed_(std::move(check_feed)),
      worker_(std::move(worker)),
      clock_(clock),
      log_(log),
      patience_(patience),
      client_rate_(rates.client),
      feed_rate_(rates.feed),
      stranger_rate_(rates.stranger) {}

/// A right token is never refused for what strangers at the same address do.
LanRouter::Who LanRouter::identify(const LanHead& head, const std::string& address) {
  Who who;
  std::string token;
  if (head.authorization.size() == 1) {
    const auto& field = head.authorization.front();
    const bool fits = field.size() > bearer.size() && field.size() <= bearer.size() + most_of_a_token &&
                      std::ranges::equal(field.substr(0, bearer.size()), bearer,
                                         [](char a, char b) { return lower(a) == lower(b); });
    if (fits) token = field.substr(bearer.size());
  }
  if (!token.empty()) who.client = find_lan_client(clients_, token);
  if (who.client != nullptr) return who;
  if (!stranger_rate_.take(address, clock_.uptime())) {
    who.refusal = wait_problem(429, "too many requests without a valid token", stranger_rate_.wait());
    who.refusal.last = true;
  } else {
    who.refusal = problem(401, "a valid bearer token is needed");
    const char* challenge = head.authorization.empty() ? R"(Bearer realm="gatehouse")"
                                                       : R"(Bearer realm="gatehouse", error="invalid_token")";
    who.refusal.answer.headers.emplace_back("WWW-Authenticate", challenge);
  }
  who.refusal.known = false;
  return who;
}

Task<LanOutcome> LanRouter::handle(LanWire& wire, const LanHead& head, const std::string& address) {
  auto who = identify(head, address);
  if (who.client == nullptr) co_return std::move(who.refusal);
  if (!client_rate_.take(who.client->id.value(), clock_.uptime()))
    co_return wait_problem(429, "this client asks too often", client_rate_.wait());
  auto routed = route(wire, head, *who.client);
  auto outcome = co_await std::move(routed);
  co_return outcome;
}

Task<LanOutcome> LanRouter::route(LanWire& wire, const LanHead& head, const LanClient& client) {
  const std::string_view path = head.path;
  const bool get = head.method == "GET";
  if (get && head.has_body()) co_return problem(400, "a GET has no body here");
  if (path == sign_in_path) {
    if (head.method != "POST") co_return not_allowed("POST");
    auto signing = sign_in(wire, head, client);
    auto outcome = co_await std::move(signing);
    co_return outcome;
  }
  if (path == muster_path) {
    if (!get) co_return not_allowed("GET");
    auto asking = muster(head, client);
    auto outcome = co_await std::move(asking);
    co_return outcome;
  }
  if (path == health_path) {
    if (!get) co_return not_allowed("GET");
    if (!head.query.empty()) co_return problem(400, "no query is understood here");
    co_return outcome_of(desk_.health());
  }
  const auto integration = path.starts_with(feeds_path) ? path.substr(feeds_path.size()) : "";
  if (integration.empty() || integration.find('/') != std::string_view::npos)
    co_return problem(404, "there is nothing here");
  if (head.method != "PUT") co_return not_allowed("PUT");
  auto putting = put_feed(wire, head, client, IntegrationId(std::string(integration)));
  auto outcome = co_await std::move(putting);
  co_return outcome;
}

Task<LanOutcome> LanRouter::sign_in(LanWire& wire, const LanHead& head, const LanClient& client) {
  if (!head.query.empty()) co_return problem(400, "no query is understood here");
  if (auto wrong = wrong_body(head, most_of_a_request)) co_return std::move(*wrong);
  const bool one_key = head.keys.size() == 1 && !head.keys[0].empty() &&
                       head.keys[0].size() <= most_of_a_key && std::ranges::all_of(head.keys[0], is_visible);
  if (!one_key) co_return problem(400, "one Idempotency-Key of 1 to 64 visible characters is needed");

  LanSignIn request;
  request.key = head.keys[0];
  auto begun = co_await wire.begin_body(patience_.body);
  if (!begun) co_return broken_body(begun.error());
  while (!wire.at_end()) {
    auto piece = co_await wire.read_piece();
    if (!piece) co_return broken_body(piece.error());
    request.body += *piece;
    if (request.body.size() > most_of_a_request)
      co_return problem(413, "the body has more than " + std::to_string(most_of_a_request) + " bytes");
  }
  request.digest = "sha256:" + sha256_hex(request.body);
  auto deciding = desk_.sign_in(client, std::move(request));
  auto reply = co_await std::move(deciding);
  co_return outcome_of(std::move(reply));
}

Task<LanOutcome> LanRouter::muster(const LanHead& head, const LanClient& client) {
  constexpr std::string_view name = "site=";
  std::string site = head.query;
  if (!site.empty()) {
    if (!site.starts_with(name) || site.size() == name.size() || site.find('&') != std::string::npos)
      co_return problem(400, "the only query that is understood is ?site=SITE");
    site.erase(0, name.size());
  }
  auto asking = desk_.muster(client, std::move(site));
  auto reply = co_await std::move(asking);
  co_return outcome_of(std::move(reply));
}

Task<LanOutcome> LanRouter::put_feed(LanWire& wire, const LanHead& head, const LanClient& client,
                                     IntegrationId integration) {
  auto feed = desk_.feed(client, integration);
  if (!feed.directory) co_return outcome_of(std::move(feed.refusal));
  if (!head.query.empty()) co_return problem(400, "no query is understood here");
  if (auto wrong = wrong_body(head, most_of_a_body)) co_return std::move(*wrong);
  if (uploads_ >= most_uploads)
    co_return wait_problem(503, "too many snapshots come at once", feed_rate_.wait());
  if (!feed_rate_.take(client.id.value(), clock_.uptime()))
    co_return wait_problem(429, "this client brings snapshots too often", feed_rate_.wait());
  const Upload upload(uploads_);
  auto taking = take_feed(wire, std::move(*feed.directory), integration);
  auto outcome = co_await std::move(taking);
  co_return outcome;
}

Task<LanOutcome> LanRouter::take_feed(LanWire& wire, std::string directory,
                                      const IntegrationId& integration) {
  auto begun = co_await wire.begin_body(patience_.feed);
  if (!begun) co_return broken_body(begun.error());
  auto beginning = FeedDrop::begin(worker_, std::move(directory), "lan-" + clock_.new_id(), check_feed_());
  auto drop = co_await std::move(beginning);
  if (!drop) co_return not_taken(integration, drop.error());
  while (!wire.at_end()) {
    auto piece = co_await wire.read_piece();
    if (!piece) co_return broken_body(piece.error());
    if ((*drop)->bytes() + piece->size() > most_of_a_body)
      co_return problem(413, "the body has more than " + std::to_string(most_of_a_body) + " bytes");
    auto written = co_await (*drop)->write(std::move(*piece));
    if (!written) {
      // Read to its end all the same: a client that still sends would see a reset and not what is wrong.
      for (std::uint64_t rest = (*drop)->bytes(); !wire.at_end() && rest <= most_of_a_body;) {
        auto unread = co_await wire.read_piece();
        if (!unread) break;
        rest += unread->size();
      }
      co_return not_taken(integration, written.error());
    }
  }
  auto committed = co_await (*drop)->commit();
  if (!committed) co_return not_taken(integration, committed.error());
  JsonWriter json;
  json.begin_object()
      .member("integration", integration.value())
      .member("bytes", (*drop)->bytes())
      .end_object();
  co_return json_answer(202, json.take());
}

LanOutcome LanRouter::not_taken(const IntegrationId& integration, const Error& error) const {
  if (error.code == Errc::malformed || error.code == Errc::incomplete) return problem(400, error.detail);
  log_.write(Level::error, "a snapshot from the LAN was not taken: " + error.detail,
             {{"INTEGRATION", integration.value()}});
  return wait_problem(503, "the gateway cannot store the snapshot now", std::chrono::seconds(30));
}

}  // namespace gatehouse
