#include "tests/sim/people.hpp"

#include <algorithm>

#include "tests/sim/plain_text.hpp"

namespace gatehouse::sim {

std::string Person::full_name() const {
  const auto name = first.value_or("") + " " + last.value_or("");
  return std::string(trimmed(name));
}

std::string Person::surname_first() const {
  const auto name = last.value_or("") + " " + first.value_or("");
  return std::string(trimmed(name));
}

const std::vector<std::string>& token_type_names() {
  static const std::vector<std::string> names = {"Unspecified",
                                                 "ProxCard",
                                                 "ProxIsoCard",
                                                 "Keyfob",
                                                 "HandsFreeToken",
                                                 "Watchprox",
                                                 "ProxIsoCardWithoutMagstripe",
                                                 "VehicleNumberPlate",
                                                 "HandsFreeKeyCard",
                                                 "FingerprintVerificationCard",
                                                 "TelephoneCallerId"};
  return names;
}

int find_token_type(std::string_view name_or_number) {
  const auto& names = token_type_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (same_word(names[i], name_or_number)) return static_cast<int>(i);
  }
  const auto number = to_integer(name_or_number);
  return number && *number >= 0 && *number < static_cast<std::int64_t>(names.size())
             ? static_cast<int>(*number)
             : -1;
}

std::string card_key(std::string_view value) {
  value = trimmed(value);
  const auto first = value.find_first_not_of('0');
  return lower(first == std::string_view::npos ? value : value.substr(first));
}

std::size_t People::count() const {
  return static_cast<std::size_t>(
      std::count_if(people_.begin(), people_.end(), [](const Person& p) { return p.active; }));
}

Person* People::find_mutable(std::int64_t id) {
  const auto at = std::lower_bound(people_.begin(), people_.end(), id,
                                   [](const Person& p, std::int64_t wanted) { return p.id < wanted; });
  return at != people_.end() && at->id == id ? &*at : nullptr;
}

const Person* People::find_any(std::int64_t id) const {
  return const_cast<People*>(this)->find_mutable(id);
}

const Person* People::find(std::int64_t id) const {
  const auto* person = find_any(id);
  return person && person->active ? person : nullptr;
}

const Person* People::holder(std::string_view card_value) const {
  const auto at = by_card_.find(card_key(card_value));
  return at == by_card_.end() ? nullptr : find(at->second);
}

const Person* People::holder_of_pin(std::string_view pin) const {
  for (const auto& person : people_) {
    if (person.active && person.pin && *person.pin == pin) return &person;
  }
  return nullptr;
}

int People::add(Person person) {
  if (person.id <= 0 || find_any(person.id)) person.id = next_id_;
  next_id_ = std::max(next_id_, person.id + 1);
  for (auto& card : person.cards) {
    card.id = next_card_++;
    by_card_[card_key(card.value)] = person.id;
  }
  const int id = person.id;
  const auto at = std::upper_bound(people_.begin(), people_.end(), id,
                                   [](int wanted, const Person& p) { return wanted < p.id; });
  people_.insert(at, std::move(person));
  ++revision_;
  return id;
}

Person* People::edit(std::int64_t id) {
  auto* person = find_mutable(id);
  if (!person || !person->active) return nullptr;
  ++revision_;
  return person;
}

int People::add_card(std::int64_t id, Card card) {
  auto* person = edit(id);
  card.id = next_card_++;
  by_card_[card_key(card.value)] = person->id;
  person->cards.push_back(card);
  return card.id;
}

void People::replace_card(std::int64_t id, const Card& card) {
  for (auto& old : edit(id)->cards) {
    if (old.id != card.id) continue;
    by_card_.erase(card_key(old.value));
    by_card_[card_key(card.value)] = static_cast<int>(id);
    old = card;
  }
}

void People::remove_card(std::int64_t id, int card) {
  auto& cards = edit(id)->cards;
  for (auto at = cards.begin(); at != cards.end(); ++at) {
    if (at->id != card) continue;
    by_card_.erase(card_key(at->value));
    cards.erase(at);
    return;
  }
}

bool People::remove(std::int64_t id, bool purge) {
  auto* person = find_mutable(id);
  if (!person || (!person->active && !purge)) return false;
  for (const auto& card : person->cards) by_card_.erase(card_key(card.value));
  person->cards.clear();
  person->active = false;
  if (purge) people_.erase(people_.begin() + (person - people_.data()));
  ++revision_;
  return true;
}

void People::note_access(std::int64_t id, LocalMs at, int area) {
  if (auto* person = find_mutable(id)) {
    person->last_access = at;
    person->last_area = area;
  }
}

void People::clear() {
  people_.clear();
  by_card_.clear();
  next_id_ = 1;
  ++revision_;
}

}  // namespace gatehouse::sim
