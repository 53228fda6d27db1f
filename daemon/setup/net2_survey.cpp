#include "daemon/setup/net2_survey.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/settings/nearest.hpp"

namespace gatehouse::setup {
namespace {

std::string folded(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

using Count = std::uint64_t FieldLook::*;

std::optional<SourceField> likely(const Net2Survey& survey, Count count, std::string_view word) {
  const FieldLook* best = nullptr;
  for (const FieldLook& look : survey.fields) {
    if (look.*count * 2 <= look.filled || look.*count == 0) continue;
    if (best == nullptr || look.*count > best->*count) best = &look;
  }
  if (best != nullptr) return best->field;
  // Nobody has a value there yet: then the name is all there is.
  for (const FieldLook& look : survey.fields)
    if (look.filled == 0 && folded(look.field).find(word) != std::string::npos) return look.field;
  return std::nullopt;
}

}  // namespace

const CountedGroup* find_group(const std::vector<CountedGroup>& groups, std::string_view name) {
  const std::string wanted = folded(name);
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const CountedGroup& group) { return folded(group.name) == wanted; });
  return found == groups.end() ? nullptr : &*found;
}

Result<FoundDoor> find_door(const std::vector<FoundDoor>& doors, const std::string& word) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool is_number = error == std::errc{} && end == word.data() + word.size();
  std::vector<const FoundDoor*> named;
  std::vector<std::string> names;
  for (const FoundDoor& door : doors) {
    if (is_number && door.number == number) return door;
    if (folded(door.name) == folded(word)) named.push_back(&door);
    names.push_back(door.name);
  }
  if (named.size() == 1) return *named.front();
  if (named.size() > 1) {
    return Error{Errc::invalid, "Net2 has more than one door '" + word + "'; give its number, such as " +
                                    std::to_string(named.front()->number)};
  }
  return Error{Errc::invalid, "Net2 has no door '" + word + "'" + config::did_you_mean(word, names)};
}

bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
    return false;
  if (text.find_first_of(" \t,;<>()") != std::string_view::npos) return false;
  const auto dot = text.rfind('.');
  return dot != std::string_view::npos && dot > at + 1 && dot + 1 < text.size();
}

bool looks_like_phone(std::string_view text) {
  if (text.find_first_not_of("0123456789+-()/. ") != std::string_view::npos) return false;
  const auto digits = std::count_if(text.begin(), text.end(), is_digit);
  return digits >= 6 && digits <= 15;
}

std::optional<SourceField> likely_email(const Net2Survey& survey) {
  return likely(survey, &FieldLook::emails, "mail");
}

std::optional<SourceField> likely_phone(const Net2Survey& survey) {
  return likely(survey, &FieldLook::phones, "phone");
}

std::optional<PersonType> likely_type(std::string_view group) {
  constexpr std::array<std::pair<std::string_view, PersonType>, 14> words{{
      {"visitor", PersonType::visitor},
      {"guest", PersonType::visitor},
      {"contract", PersonType::contractor},
      {"cleaner", PersonType::contractor},
      {"cleaning", PersonType::contractor},
      {"supplier", PersonType::contractor},
      {"agency", PersonType::contractor},
      {"member", PersonType::member},
      {"tenant", PersonType::member},
      {"staff", PersonType::employee},
      {"employee", PersonType::employee},
      {"management", PersonType::employee},
      {"office", PersonType::employee},
      {"engineering", PersonType::employee},
  }};
  const std::string name = folded(group);
  for (const auto& [word, type] : words)
    if (name.find(word) != std::string::npos) return type;
  return std::nullopt;
}

}  // namespace gatehouse::setup
