#include "connectors/net2/net2_probe.hpp"

#include <algorithm>
#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "connectors/https/server_probe.hpp"
#include "connectors/net2/json_rows.hpp"
#include "connectors/net2/net2_api.hpp"
#include "connectors/net2/net2_json.hpp"
#include "connectors/net2/server_zone.hpp"
#include "daemon/app/as_result.hpp"

namespace gatehouse {
namespace {

namespace asio = boost::asio;
constexpr std::size_t max_list = std::size_t{4} * 1024 * 1024;
constexpr Duration least_wait{300};          ///< what a question gets even where the time is nearly up
constexpr Duration longest_pause{3'000};     ///< before the second sign-in
constexpr Duration between_sign_ins{1'100};  ///< two a second are allowed (net2-api.md §2.6)

/// The words of a failed exchange for somebody who looks for the fault.
std::string words_of(const HttpAnswer& answer) {
  const auto said = refusal_words(answer.body);
  return "it answers " + std::to_string(answer.status) + (said.empty() ? "" : " '" + said + "'");
}

bool is_gateway_error(int status) {
  return status == 502 || status == 503 || status == 504;
}

/// A body that begins as a JSON list does, behind blanks and a byte order mark; an empty one is a list too.
bool looks_like_list(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  body = trim(body);
  return body.empty() || body.front() == '[';
}

class Net2Prober {
 public:
  Net2Prober(asio::any_io_executor io, Net2ProbeTask task, const Clock& clock, Duration limit)
      : io_(std::move(io)),
        task_(std::move(task)),
        clock_(clock),
        end_(clock.uptime() + limit),
        limit_(limit) {}

  Task<Net2Evidence> run() {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto origin = parse_origin(task_.server.url, net2_port);
    if (!origin) {
      seen_.contact = {
          .peer = task_.server.url, .trouble = ContactTrouble::not_tls, .detail = origin.error().detail};
      co_return seen_;
    }
    ProbeTarget target{.origin = *origin, .trust = task_.server.tls};
    seen_.contact = co_await probe_server(std::move(target), limit_ * 3 / 4);
    if (!seen_.contact.ok() || !task_.credentials) co_return seen_;
    https_ = make_https_client(io_, *origin, task_.server.tls, {.connections = 2});
    if (task_.note) https_ = note_calls(std::move(https_), clock_, task_.note);
    co_await sign_in();
    if (seen_.sign_in == Net2SignIn::done) co_await look_around();
    co_return seen_;
  }

 private:
  Duration left() const { return std::max(Duration(end_ - clock_.uptime()), least_wait); }

  HttpRequest request(std::string method, std::string path) const {
    HttpRequest made;
    made.method = std::move(method);
    made.target = "/api/v1" + std::move(path);
    made.connect = left();
    made.silence = left();
    made.whole = left();
    return made;
  }

  void note_clock(const HttpAnswer& answer) {
    if (answer.date)
      seen_.clock_ahead = *answer.date - std::chrono::floor<std::chrono::seconds>(clock_.now());
  }

  Task<Result<HttpAnswer>> ask_for_token() {
    HttpRequest made = request("POST", "/authorization/tokens");
    made.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    const auto& with = *task_.credentials;
    // Without offline_access: a token for half an hour and nothing that outlives it.
    made.body = "grant_type=password&username=" + percent_encode(with.username) +
                "&password=" + percent_encode(with.password) + "&client_id=" + percent_encode(with.client_id);
    auto answer = co_await https_->fetch(std::move(made), std::size_t{64} * 1024);
    co_return answer;
  }

  Task<void> sign_in() {
    auto answer = co_await ask_for_token();
    if (answer && answer->status == 429) {
      const auto pause = std::max(answer->retry_after.value_or(between_sign_ins), between_sign_ins);
      if (pause <= longest_pause && pause + least_wait < left()) {
        asio::steady_timer timer(io_, pause);
        co_await timer.async_wait(as_result);
        answer = co_await ask_for_token();
      }
    }
    if (!answer) {
      const bool not_http = answer.error().code == Errc::malformed;
      seen_.sign_in = not_http ? Net2SignIn::no_net2 : Net2SignIn::no_answer;
      seen_.detail = answer.error().detail;
      co_return;
    }
    note_clock(*answer);
    judge(*answer);
  }

  /// Of the answer's own text nothing is kept: servers echo what was sent (net2-api.md §2.5).
  void judge(const HttpAnswer& answer) {
    const auto read = parse_token_answer(answer.body);
    const std::string fault = read ? read->error : "";
    seen_.detail = "it answers " + std::to_string(answer.status);
    if (answer.status == 429) {
      seen_.sign_in = Net2SignIn::too_often;
    } else if (is_gateway_error(answer.status)) {
      seen_.sign_in = Net2SignIn::service_down;
    } else if (fault == "mfa_required") {
      seen_.sign_in = Net2SignIn::mfa;
    } else if (fault == "invalid_client") {
      seen_.sign_in = Net2SignIn::unknown_client;
    } else if (answer.status == 404 || answer.status == 405 ||
               (answer.status >= 300 && answer.status < 400)) {
      seen_.sign_in = Net2SignIn::no_net2;
    } else if (answer.status == 400 || answer.status == 401) {
      seen_.sign_in = Net2SignIn::wrong_password;
    } else if (answer.status == 403) {
      seen_.sign_in = Net2SignIn::forbidden;
    } else if (!is_success(answer)) {
      seen_.sign_in = Net2SignIn::odd;
    } else if (!read) {
      seen_.sign_in = Net2SignIn::no_net2;
      seen_.detail = "a web page or something else in place of JSON";
    } else if (read->access_token.empty()) {
      seen_.sign_in = Net2SignIn::odd;
      seen_.detail = "its answer holds no token";
    } else {
      seen_.sign_in = Net2SignIn::done;
      token_ = read->access_token;
    }
  }

  Task<Result<HttpAnswer>> get(std::string path) {
    HttpRequest made = request("GET", std::move(path));
    made.headers.emplace_back("Authorization", "Bearer " + token_);
    auto answer = co_await https_->fetch(std::move(made), max_list);
    co_return answer;
  }

  void could_not_read(const char* what, bool needed, const Result<HttpAnswer>& answer) {
    if (!needed) return;
    seen_.unread.push_back({.what = what,
                            .status = answer ? answer->status : 0,
                            .detail = answer ? words_of(*answer) : answer.error().detail});
  }

  Task<std::optional<std::vector<NamedId>>> read_list(const char* what, std::string path, bool needed) {
    auto answer = co_await get(std::move(path));
    if (!answer || !is_success(*answer)) {
      could_not_read(what, needed, answer);
      co_return std::nullopt;
    }
    auto rows = parse_named_ids(answer->body);
    if (!rows) {
      if (needed)
        seen_.unread.push_back({.what = what, .status = answer->status, .detail = rows.error().detail});
      co_return std::nullopt;
    }
    co_return std::move(*rows);
  }

  static std::optional<std::vector<std::string>> names_in(const std::optional<std::vector<NamedId>>& rows) {
    if (!rows) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& row : *rows) {
      if (row.id != 0) names.push_back(row.name);  // 0 is "none" (§3.5, §3.6)
    }
    return names;
  }

  Task<void> look_around() {
    auto rows = co_await read_list("departments", "/departments", task_.needs_departments);
    seen_.departments = names_in(rows);
    rows = co_await read_list("access levels", "/accesslevels", task_.needs_access_levels);
    seen_.access_levels = names_in(rows);
    rows = co_await read_list("custom fields", "/users/customfieldnames", task_.needs_custom_fields);
    seen_.custom_fields = names_in(rows);
    rows = co_await read_list("doors", "/doors", true);
    if (rows) {
      seen_.doors.emplace();
      for (auto& row : *rows) seen_.doors->emplace_back(row.id, std::move(row.name));
    }
    co_await count_people();
    auto events = co_await get("/events?rowCount=1&orderBy=" + percent_encode("eventTime DESC"));
    if (events && is_success(*events)) {
      note_zone(events->body);
    } else {
      could_not_read("events", true, events);
    }
    auto version = co_await get("/serversettings/version");
    if (version && is_success(*version)) seen_.version = plain_text(version->body);
    auto product = co_await get("/serversettings/productType");
    if (product && is_success(*product))
      seen_.lite = lower_case(cut_text(product->body, 200)).find("lite") != std::string::npos;
  }

  /// Events come with the server's own offset (net2-api.md §3.11): another than the configured zone has then
  /// is another zone.
  void note_zone(std::string_view body) {
    const auto zone = ServerZone::load(task_.server.timezone);
    std::optional<NetTime> newest;
    JsonRows rows({.members = {"eventTime"}, .list = {}, .list_ids = {}}, [&](std::vector<Cell>& row) {
      newest = parse_net_time(row[0].text);
      return false;
    });
    const auto read = rows.feed(body);
    if (!zone || !newest || !newest->offset || (!read && read.error().code != Errc::refused)) return;
    const Instant at = zone->resolve(*newest).first;
    const auto wall = zone->resolve({.local = newest->local, .offset = std::nullopt});
    if (at != wall.first && at != wall.second) seen_.zone_ahead = wall.first - at;
  }

  Task<void> count_people() {
    auto counted = co_await get(people_count_path);
    if (counted && is_success(*counted)) {
      const auto number = parse_count(counted->body);
      if (number && *number > 0) {
        seen_.people = static_cast<std::uint64_t>(*number);
        co_return;
      }
    }
    const bool forbidden = counted && counted->status == 403;
    co_await find_anybody();
    seen_.sql_refused = forbidden && seen_.people.has_value();
  }

  /// The list of all users may be megabytes: its first row is enough.
  Task<void> find_anybody() {
    HttpRequest made = request("GET", "/users");
    made.headers.emplace_back("Authorization", "Bearer " + token_);
    std::string head;
    bool somebody = false;
    BodySink sink = [&](std::string_view piece) -> Task<Result<void>> {
      if (head.size() < 4096) head += cut_text(piece, 4096);
      somebody = looks_like_list(head) && head.find('{') != std::string::npos;
      if (somebody) co_return Error{Errc::refused, "enough"};
      co_return Result<void>{};
    };
    auto answer = co_await https_->stream(std::move(made), std::move(sink));
    seen_.counted = false;
    if (somebody) {
      seen_.people = 1;
    } else if (!answer || !is_success(*answer)) {
      could_not_read("people", true, answer);
    } else if (!looks_like_list(head)) {
      seen_.unread.push_back({.what = "people", .status = answer->status, .detail = "its answer is no list"});
    } else {
      seen_.people = 0;
      seen_.counted = true;
    }
  }

  /// A JSON string, or a bare word, for people to read.
  static std::string plain_text(std::string_view body) {
    body = trim(body);
    if (body.size() >= 2 && body.front() == '"' && body.back() == '"') body = body.substr(1, body.size() - 2);
    std::string text(cut_text(body, 40));
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    return text;
  }

  asio::any_io_executor io_;
  Net2ProbeTask task_;
  const Clock& clock_;
  const Uptime end_;
  const Duration limit_;
  std::unique_ptr<HttpsClient> https_;
  std::string token_;
  Net2Evidence seen_;
};

}  // namespace

Task<Net2Evidence> probe_net2(asio::any_io_executor io, Net2ProbeTask task, const Clock& clock,
                              Duration limit) {
  Net2Prober prober(std::move(io), std::move(task), clock, limit);
  auto seen = co_await prober.run();
  co_return seen;
}

}  // namespace gatehouse
