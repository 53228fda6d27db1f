#include "connectors/net2/json_document.hpp"

#include <cmath>

#include <boost/json/parse.hpp>

#include "connectors/net2/json_rows.hpp"

namespace gatehouse {

namespace json = boost::json;

Result<json::value> parse_json(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  body = trim(body);
  if (is_web_page(body)) return web_page_error();
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  json::error_code error;
  json::value document = json::parse({body.data(), body.size()}, error, {}, options);
  if (error == json::error::incomplete) return Error{Errc::incomplete, "the JSON stops in the middle"};
  if (error) return Error{Errc::malformed, "answered broken JSON: " + error.message()};
  return document;
}

const json::value* json_member(const json::object& object, std::string_view name) {
  for (const auto& [key, value] : object) {
    if (lower_case({key.data(), key.size()}) == name) return &value;
  }
  return nullptr;
}

std::optional<std::int64_t> json_integer(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (value->is_double() && std::abs(value->get_double()) < 9e15 &&
      std::trunc(value->get_double()) == value->get_double()) {
    return static_cast<std::int64_t>(value->get_double());
  }
  if (!value->is_string()) return std::nullopt;
  const std::string_view text = value->get_string();
  const Cell cell{.present = true, .null = false, .text = std::string(text.substr(0, 32))};
  return cell.integer();
}

std::string json_text(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  const std::string_view words = value->get_string();
  return std::string(trim(cut_text(words, 4096)));
}

}  // namespace gatehouse
