#include "connectors/json/read_sign_in_args.hpp"

#include "connectors/json/strict_json.hpp"
#include "daemon/core/settings_names.hpp"

namespace gatehouse {
namespace {

namespace json = boost::json;
constexpr std::size_t sign_in_depth = 2;  ///< the args and the person in them
constexpr std::size_t max_sign_in_id = 256;
constexpr std::size_t max_name = 128;

/// A word of the configuration for one of these.
template <typename Enum>
Result<Enum> word_of(const json::object& args, std::string_view name, std::string_view choice) {
  auto text = required_text(args, name, max_sign_in_id);
  if (!text) return text.error();
  for (const auto& [value, word] : EnumNames<Enum>::all) {
    if (word == *text) return value;
  }
  return Error{Errc::invalid, "\"" + std::string(name) + "\" is none of " + std::string(choice)};
}

Result<PersonRef> walk_in_of(const json::value& value) {
  if (auto wrong = unexpected_member(value, {"person_type", "first_name", "last_name"})) return *wrong;
  const auto& person = value.get_object();
  auto type = required_text(person, "person_type", max_sign_in_id);
  if (!type) return type.error();
  if (*type != "visitor")
    return Error{Errc::invalid, "\"person_type\" of somebody without an id can only be visitor"};
  auto first = required_words(person, "first_name", max_name);
  if (!first) return first.error();
  auto last = required_words(person, "last_name", max_name);
  if (!last) return last.error();
  return PersonRef(WalkInName{.first_name = std::move(*first), .last_name = std::move(*last)});
}

Result<PersonRef> person_of(const json::object& args) {
  const json::value* value = args.if_contains("person");
  if (value == nullptr) return Error{Errc::invalid, "\"person\" is missing"};
  if (!value->is_object()) return Error{Errc::invalid, "\"person\" is no object"};
  const auto& person = value->get_object();
  if (person.contains("id")) {
    if (auto wrong = unexpected_member(*value, {"id"})) return *wrong;
    auto id = required_text(person, "id", max_sign_in_id);
    if (!id) return id.error();
    return PersonRef(PersonId(std::move(*id)));
  }
  if (person.contains("cloud_id")) {
    if (auto wrong = unexpected_member(*value, {"cloud_id"})) return *wrong;
    auto id = required_text(person, "cloud_id", max_sign_in_id);
    if (!id) return id.error();
    return PersonRef(CloudPerson{.cloud_id = std::move(*id)});
  }
  return walk_in_of(*value);
}

}  // namespace

Result<SignInArgs> read_sign_in_args(const json::value& document) {
  if (auto wrong = unexpected_member(document, {"access_point", "direction", "mode", "person"}))
    return *wrong;
  const auto& args = document.get_object();
  auto point = required_text(args, "access_point", max_sign_in_id);
  if (!point) return point.error();
  auto direction = word_of<Direction>(args, "direction", "in, out");
  if (!direction) return direction.error();
  auto mode = word_of<SignInMode>(args, "mode", "kiosk, mobile, qr, web");
  if (!mode) return mode.error();
  auto person = person_of(args);
  if (!person) return within("\"person\"", person.error());
  return SignInArgs{
      .asked = {.access_point = AccessPointId(std::move(*point)), .direction = *direction, .mode = *mode},
      .person = std::move(*person)};
}

Result<SignInArgs> read_sign_in_args(std::string_view text) {
  auto document = parse_strict_json(text, sign_in_depth);
  if (!document) return document.error();
  return read_sign_in_args(*document);
}

}  // namespace gatehouse
