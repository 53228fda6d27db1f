#include "daemon/cli/json_fields.hpp"

#include <boost/json/serialize.hpp>

namespace gatehouse {

namespace json = boost::json;

const json::value* find_field(const json::value& document, std::string_view path) {
  const json::value* at = &document;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    const auto* object = at->if_object();
    if (object == nullptr) return nullptr;
    at = object->if_contains(json::string_view(name.data(), name.size()));
    if (at == nullptr) return nullptr;
  }
  return at->is_null() ? nullptr : at;
}

std::string text_field(const json::value& document, std::string_view path) {
  const auto* value = find_field(document, path);
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) return std::string(text->data(), text->size());
  return json::serialize(*value);
}

std::optional<std::int64_t> number_field(const json::value& document, std::string_view path) {
  const auto* value = find_field(document, path);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_int64()) return *number;
  if (const auto* number = value->if_uint64()) return static_cast<std::int64_t>(*number);
  if (const auto* number = value->if_double()) return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

std::optional<bool> bool_field(const json::value& document, std::string_view path) {
  const auto* value = find_field(document, path);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

const json::array& list_field(const json::value& document, std::string_view path) {
  static const json::array none;
  const auto* value = find_field(document, path);
  const auto* list = value == nullptr ? nullptr : value->if_array();
  return list == nullptr ? none : *list;
}

}  // namespace gatehouse
