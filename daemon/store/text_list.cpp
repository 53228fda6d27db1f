#include "daemon/store/text_list.hpp"

#include <boost/json/parse.hpp>

#include "daemon/core/json_writer.hpp"
#include "daemon/store/fault.hpp"

namespace gatehouse {
namespace {

[[noreturn]] void damaged(std::string_view what, std::string_view text) {
  throw StoreFault(
      {Errc::storage, "the store's file is damaged: not " + std::string(what) + ": " + std::string(text)});
}

boost::json::value parse(std::string_view text, std::string_view what) {
  boost::json::error_code failed;
  boost::json::value parsed = boost::json::parse({text.data(), text.size()}, failed);
  if (failed) damaged(what, text);
  return parsed;
}

}  // namespace

std::string encode_list(const std::vector<std::string>& items) {
  JsonWriter json;
  json.begin_array();
  for (const auto& item : items) json.value(item);
  json.end_array();
  return json.take();
}

std::vector<std::string> decode_list(std::string_view text) {
  constexpr std::string_view what = "a list of texts";
  std::vector<std::string> items;
  if (text == "[]") return items;
  const boost::json::value parsed = parse(text, what);
  const auto* array = parsed.if_array();
  if (array == nullptr) damaged(what, text);
  items.reserve(array->size());
  for (const auto& item : *array) {
    const auto* string = item.if_string();
    if (string == nullptr) damaged(what, text);
    items.emplace_back(string->data(), string->size());
  }
  return items;
}

std::string encode_map(const std::map<std::string, std::string>& items) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, text] : items) json.member(name, text);
  json.end_object();
  return json.take();
}

std::map<std::string, std::string> decode_map(std::string_view text) {
  constexpr std::string_view what = "a set of named texts";
  std::map<std::string, std::string> items;
  if (text == "{}") return items;
  const boost::json::value parsed = parse(text, what);
  const auto* object = parsed.if_object();
  if (object == nullptr) damaged(what, text);
  for (const auto& member : *object) {
    const auto* string = member.value().if_string();
    if (string == nullptr) damaged(what, text);
    items.emplace(std::string(member.key()), std::string(string->data(), string->size()));
  }
  return items;
}

}  // namespace gatehouse
