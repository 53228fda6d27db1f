#include "daemon/core/identity_keys.hpp"

#include "daemon/core/source_record.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t digits_that_count = 9;  // what is the same with and without the country's code
constexpr std::size_t shortest_phone = 5;

std::uint64_t key(std::string_view text) {
  return text.empty() ? 0 : hash_text(text) | 1U;
}

}  // namespace

std::string phone_digits(std::string_view phone) {
  std::string digits;
  for (const char c : phone) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (digits.size() < shortest_phone) return {};
  if (digits.size() > digits_that_count) digits.erase(0, digits.size() - digits_that_count);
  return digits;
}

IdentityKeys identity_keys(const PersonFacts& facts, const TextFold& fold) {
  IdentityKeys keys;
  const auto first = fold.fold(facts.first_name);
  const auto last = fold.fold(facts.last_name);
  if (!first.empty() && !last.empty()) keys.name = key(first + '\n' + last);
  keys.email = key(fold.fold(facts.email));
  keys.phone = key(phone_digits(facts.phone));
  return keys;
}

}  // namespace gatehouse
