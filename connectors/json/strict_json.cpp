#include "connectors/json/strict_json.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

namespace gatehouse {
namespace {

namespace json = boost::json;

/// Looks at member names only: boost::json::parse() quietly keeps the last of two.
class MemberNames {
 public:
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);

  bool twice() const { return twice_; }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    open_.pop_back();
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    name_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    name_.append(part.data(), part.size());
    twice_ = !open_.back().insert(std::exchange(name_, {})).second;
    if (twice_) error = json::error::syntax;
    return !twice_;
  }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  std::vector<std::set<std::string>> open_;  ///< of each object that is not yet at its end
  std::string name_;
  bool twice_ = false;
};

Error wrong(std::string text) {
  return {Errc::invalid, std::move(text)};
}

Error wrong_member(std::string_view name, const char* what) {
  return wrong("\"" + std::string(name) + "\" " + what);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Result<std::string_view> text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr) return wrong_member(name, "is missing");
  if (!value->is_string()) return wrong_member(name, "is no text");
  return std::string_view(value->get_string());
}

std::optional<Error> wrong_text(std::string_view name, std::string_view text, std::size_t most) {
  if (text.empty()) return wrong_member(name, "is empty");
  if (text.size() > most) return wrong_member(name, "is too long");
  if (std::ranges::any_of(text, is_control)) return wrong_member(name, "has control characters in it");
  return std::nullopt;
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

Result<json::value> parse_strict_json(std::string_view text, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<MemberNames> names(options);
  json::error_code error;
  const auto used = names.write_some(false, text.data(), text.size(), error);
  if (names.handler().twice()) return wrong("an object has a member twice");
  if (error == json::error::too_deep) return wrong("it is nested too deeply");
  if (error || used != text.size()) return wrong("it is not JSON in UTF-8");
  json::value document = json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return wrong("it is not JSON in UTF-8");
  return document;
}

std::optional<Error> unexpected_member(const json::value& value,
                                       std::initializer_list<std::string_view> known) {
  if (!value.is_object()) return wrong("it is no object");
  for (const auto& member : value.get_object()) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::ranges::find(known, name) != known.end()) continue;
    if (known.size() == 0) return wrong("it has a member, and takes none");
    std::string names;
    for (const auto one : known) {
      if (!names.empty()) names += ", ";
      names += one;
    }
    return wrong("it has a member other than " + names);
  }
  return std::nullopt;
}

Result<std::string> required_text(const json::object& object, std::string_view name, std::size_t most) {
  auto text = text_of(object, name);
  if (!text) return text.error();
  if (auto bad = wrong_text(name, *text, most)) return *bad;
  if (text->front() == ' ' || text->back() == ' ') return wrong_member(name, "begins or ends with a blank");
  return std::string(*text);
}

Result<std::string> required_words(const json::object& object, std::string_view name, std::size_t most) {
  const auto text = text_of(object, name);
  if (!text) return text.error();
  const auto words = without_blanks(*text);
  if (auto bad = wrong_text(name, words, most)) return *bad;
  return std::string(words);
}

}  // namespace gatehouse
