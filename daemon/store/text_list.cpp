#include "daemon/store/text_list.hpp"

#include <boost/json/parse.hpp>

#include "daemon/core/json_writer.hpp"
#include "daemon/store/fault.hpp"

namespace gatehouse {

std::string encode_list(const std::vector<std::string>& items) {
  JsonWriter json;
  json.begin_array();
  for (const auto& item : items) json.value(item);
  json.end_array();
  return json.take();
}

std::vector<std::string> decode_list(std::string_view text) {
  std::vector<std::string> items;
  if (text == "[]") return items;
  boost::json::error_code failed;
  const boost::json::value parsed = boost::json::parse({text.data(), text.size()}, failed);
  const auto* array = parsed.if_array();
  if (failed || array == nullptr) {
    throw StoreFault({Errc::storage, "the store's file is damaged: not a list: " + std::string(text)});
  }
  items.reserve(array->size());
  for (const auto& item : *array) {
    const auto* string = item.if_string();
    if (string == nullptr)
      throw StoreFault({Errc::storage, "the store's file is damaged: not a list of texts"});
    items.emplace_back(string->data(), string->size());
  }
  return items;
}

}  // namespace gatehouse
