#include "tests/sim/http_write.hpp"

#include <algorithm>
#include <ctime>

namespace gatehouse::sim {

namespace {

std::string http_date(std::time_t at) {
  char date[40];
  std::tm parts{};
  gmtime_r(&at, &parts);
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return date;
}

}  // namespace

void stamp(Response& response, std::int64_t utc_ms) {
  response.headers.emplace_back("Date", http_date(static_cast<std::time_t>(utc_ms / 1000)));
}

std::string_view reason_phrase(int status) {
  static constexpr std::pair<int, std::string_view> phrases[] = {{200, "OK"},
                                                                 {201, "Created"},
                                                                 {202, "Accepted"},
                                                                 {204, "No Content"},
                                                                 {400, "Bad Request"},
                                                                 {401, "Unauthorized"},
                                                                 {403, "Forbidden"},
                                                                 {404, "Not Found"},
                                                                 {405, "Method Not Allowed"},
                                                                 {413, "Request Entity Too Large"},
                                                                 {429, "Too Many Requests"},
                                                                 {500, "Internal Server Error"},
                                                                 {502, "Bad Gateway"},
                                                                 {503, "Service Temporarily Unavailable"},
                                                                 {504, "Gateway Time-out"}};
  for (const auto& [known, phrase] : phrases) {
    if (known == status) return phrase;
  }
  return "Unknown";
}

std::optional<Response> answer_of(const FaultRule& rule) {
  using Kind = FaultRule::Kind;
  switch (rule.kind) {
    case Kind::status:
      return rule.as_json ? fault(rule.status, reason_phrase(rule.status))
                          : html_page(rule.status, reason_phrase(rule.status));
    case Kind::forbidden:
      return fault(403, "The operator does not have permission for this action.");
    case Kind::html: {
      auto page = html_page(200, "Net2");
      page.body =
          "<!DOCTYPE html><html><head><title>Net2 set-up</title></head><body>Welcome to Net2</body></html>";
      return page;
    }
    case Kind::empty:
      return answer(200);
    case Kind::empty_list:
      return answer(200, "[]");
    case Kind::body:
      return answer(200, rule.text);
    default:
      return std::nullopt;
  }
}

void spoil(Response& response, const FaultRule& rule) {
  using Kind = FaultRule::Kind;
  if (rule.kind == Kind::after_write) response = html_page(rule.status, reason_phrase(rule.status));
  if (rule.kind == Kind::bom || rule.kind == Kind::truncate) {
    std::string content(response.content());
    response.shared = nullptr;
    response.body =
        rule.kind == Kind::bom
            ? "\xEF\xBB\xBF" + content
            : content.substr(0, static_cast<std::size_t>(static_cast<double>(content.size()) * rule.part));
  }
}

std::string response_head(const Response& response, bool keep_alive, bool chunked) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     std::string(reason_phrase(response.status)) + "\r\nServer: nginx\r\n";
  const bool stamped = std::ranges::any_of(response.headers, [](const auto& h) { return h.first == "Date"; });
  if (!stamped) head.append("Date: ").append(http_date(std::time(nullptr))).append("\r\n");
  head += "Access-Control-Allow-Origin: *\r\n";
  for (const auto& [name, value] : response.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  if (!response.content().empty()) head += "Content-Type: " + response.content_type + "\r\n";
  if (chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (response.status != 204) {
    head += "Content-Length: " + std::to_string(response.content().size()) + "\r\n";
  }
  head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

}  // namespace gatehouse::sim
