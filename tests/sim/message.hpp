#pragma once
// One request and its answer, free of any HTTP library.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {

class JsonText;

struct Request {
  std::string method;
  std::string path;  ///< decoded, without the query
  Fields query;
  std::string authorization, content_type, body;
  std::string remote;  ///< peer's address
  bool loopback = false;

  const std::string* parameter(std::string_view name) const { return find_field(query, name); }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::shared_ptr<const std::string> shared;  ///< in place of `body`: a big answer kept for the next asker
  std::vector<std::pair<std::string, std::string>> headers{};

  std::string_view content() const { return shared ? std::string_view(*shared) : std::string_view(body); }
};

Response answer(int status, std::string body = {});
/// {"message": why}, as most of Net2's own faults look (net2-api.md §2.5).
Response fault(int status, std::string_view why);
/// 404, of whoever an id names.
Response no_user();
/// nginx's own page: 429, 502, …
Response html_page(int status, std::string_view title);

}  // namespace gatehouse::sim
