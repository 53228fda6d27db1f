#include "daemon/core/tombstones.hpp"

#include <initializer_list>

namespace gatehouse {
namespace {

/// Each part with its length before it, so that no two lists of parts make one text.
std::string mark_of(std::initializer_list<std::string_view> parts) {
  std::string mark;
  for (const auto part : parts) mark.append(std::to_string(part.size())).append(":").append(part);
  return mark;
}

}  // namespace

std::string record_mark(const IntegrationId& integration, std::string_view external_id) {
  return mark_of({"record", integration.value(), external_id});
}

std::string person_mark(const PersonId& person) {
  return mark_of({"person", person.value()});
}

std::vector<std::string> identity_marks(const PersonFacts& facts, const TextFold& fold) {
  const auto first = fold.fold(facts.first_name);
  const auto last = fold.fold(facts.last_name);
  if (first.empty() || last.empty()) return {};
  std::vector<std::string> marks;
  if (const auto email = fold.fold(facts.email); !email.empty())
    marks.push_back(mark_of({"name and e-mail", first, last, email}));
  if (const auto phone = phone_digits(facts.phone); !phone.empty())
    marks.push_back(mark_of({"name and phone", first, last, phone}));
  return marks;
}

}  // namespace gatehouse
