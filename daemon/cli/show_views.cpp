#include "daemon/cli/show_views.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;

std::string label_of(json::string_view key) {
  std::string label(key.data(), key.size());
  std::ranges::replace(label, '_', ' ');
  return harmless(label);
}

// Names of members that hold a moment, so that null means "never".
bool is_moment(std::string_view key) {
  static constexpr std::array moments{std::string_view("since"), std::string_view("finished"),
                                      std::string_view("started")};
  return key.starts_with("last_") || std::ranges::find(moments, key) != moments.end();
}

bool looks_like_time(std::string_view text) {
  return text.size() >= 20 && text[4] == '-' && text[10] == 'T';
}

bool is_plain(const json::value& value) {
  return !value.is_object() && !value.is_array();
}

std::string plain_words(const json::value& value, std::string_view key) {
  if (value.is_null()) return is_moment(key) && key != "last_name" ? "never" : "-";
  if (const auto* yes = value.if_bool()) return *yes ? "yes" : "no";
  if (const auto* text = value.if_string()) {
    const std::string_view view(text->data(), text->size());
    return harmless(looks_like_time(view) ? local_time(view) : std::string(view));
  }
  return json::serialize(value);
}

void show_object(const json::object& object, std::size_t indent, std::string& out);

void show_array(const json::array& array, const std::string& label, const std::string& margin,
                std::size_t indent, std::string& out) {
  if (std::ranges::all_of(array, is_plain)) {
    std::string joined;
    for (const auto& one : array) joined += (joined.empty() ? "" : ", ") + plain_words(one, "");
    out += margin + label + (joined.empty() ? "-" : joined) + '\n';
    return;
  }
  std::size_t number = 0;
  for (const auto& one : array) {
    out += margin + label + std::to_string(++number) + '\n';
    if (const auto* inner = one.if_object()) {
      show_object(*inner, indent + 2, out);
    } else {
      out += margin + "  " + (is_plain(one) ? plain_words(one, "") : harmless(json::serialize(one))) + '\n';
    }
  }
}

void show_object(const json::object& object, std::size_t indent, std::string& out) {
  std::size_t widest = 0;
  for (const auto& member : object) widest = std::max(widest, display_width(label_of(member.key())));
  const std::string margin(indent, ' ');
  for (const auto& member : object) {
    std::string label = label_of(member.key());
    label += std::string(widest - display_width(label) + 2, ' ');
    if (const auto* inner = member.value().if_object()) {
      out += margin + label_of(member.key()) + '\n';
      show_object(*inner, indent + 2, out);
    } else if (const auto* array = member.value().if_array()) {
      show_array(*array, label, margin, indent, out);
    } else {
      out += margin + label +
             plain_words(member.value(), std::string_view(member.key().data(), member.key().size())) + '\n';
    }
  }
}

}  // namespace

std::string show_lines(const json::value& document) {
  std::string out;
  const auto* object = document.if_object();
  if (object == nullptr)
    return is_plain(document) ? plain_words(document, "") + '\n' : harmless(json::serialize(document)) + '\n';
  // {"person":{…}} says no more than {…}.
  if (object->size() == 1 && object->begin()->value().is_object())
    object = &object->begin()->value().get_object();
  show_object(*object, 0, out);
  return out;
}

}  // namespace gatehouse
