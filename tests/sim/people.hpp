#pragma once
// The people of the simulated site: Net2's users with their cards and permissions (net2-api.md §3.1–3.7).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/sim/site_clock.hpp"

namespace gatehouse::sim {

using OptionalText = std::optional<std::string>;

struct Card {
  int id = 0;
  int type = 1;       ///< index into token_type_names()
  std::string value;  ///< as it was given
  bool lost = false;
};

struct IndividualPermission {
  int area = 0;
  int timezone = 0;
};

struct Person {
  int id = 0;
  OptionalText first, middle, last;
  std::optional<LocalMs> activates, expires;  ///< wall time of the site
  OptionalText pin, telephone, extension, fax;
  bool anti_passback = false, alarm_user = false, lockdown_exempt = false;
  bool active = true;                 ///< false: deleted without purge; only SQL still shows the row
  int department = 0;                 ///< 0: none
  std::map<int, std::string> fields;  ///< custom fields by id, 1–14
  std::vector<Card> cards;
  std::vector<int> levels;
  std::vector<IndividualPermission> individual;
  std::string image;  ///< bytes; empty: none
  LocalMs updated = 0;
  std::optional<LocalMs> last_access;
  int last_area = 0;

  std::string full_name() const;      ///< "Jane Doe"
  std::string surname_first() const;  ///< "Doe Jane"
};

const std::vector<std::string>& token_type_names();
/// By name in any case or by number; -1 where there is none.
int find_token_type(std::string_view name_or_number);
/// What makes two cards one: leading zeros do not count (net2-api.md §3.4).
std::string card_key(std::string_view value);

/// Kept ascending by id; ids are never given twice.
class People {
 public:
  const std::vector<Person>& all() const { return people_; }  ///< deleted ones too
  std::size_t count() const;                                  ///< without the deleted
  const Person* find(std::int64_t id) const;                  ///< only a person who is still there
  const Person* find_any(std::int64_t id) const;              ///< a deleted one too
  const Person* holder(std::string_view card_value) const;
  const Person* holder_of_pin(std::string_view pin) const;
  int next_id() const { return next_id_; }

  int add(Person person);  ///< gives the id (a given one that is free is kept)
  /// The person to be changed; nullptr where there is none. Every call counts as a change.
  Person* edit(std::int64_t id);
  int add_card(std::int64_t id, Card card);  ///< gives the card's id
  void replace_card(std::int64_t id, const Card& card);
  void remove_card(std::int64_t id, int card);
  bool remove(std::int64_t id, bool purge);
  void clear();
  /// Somebody went through a door; nothing that /users shows changes by it.
  void note_access(std::int64_t id, LocalMs at, int area);

  /// Grows with every change: what was rendered for one revision is good until the next.
  std::uint64_t revision() const { return revision_; }

 private:
  Person* find_mutable(std::int64_t id);
  std::vector<Person> people_;
  std::unordered_map<std::string, int> by_card_;
  int next_id_ = 1;
  int next_card_ = 0;  // 0 is a valid token id (net2-api.md §3.4)
  std::uint64_t revision_ = 1;
};

}  // namespace gatehouse::sim
