// Rows that lie close together, and the tables by which they are found.

#include "daemon/app/row_heap.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "daemon/app/access_book.hpp"
#include "daemon/app/place_table.hpp"
#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

using RowPlace = RowHeap::Place;

/// Rows and a table of them, beside a map that says what must be there. Each row ends in its key, after '|'.
class KeyedRows {
 public:
  /// `hashes`: how many different ones there are.
  explicit KeyedRows(std::uint64_t hashes) : hashes_(hashes) {}

  void put(int key, std::string bytes) {
    drop(key);
    bytes += '|' + std::to_string(key);
    table_.add(rows_.add(bytes));
    model_.insert_or_assign(key, std::move(bytes));
  }
  void drop(int key) {
    model_.erase(key);
    const auto place = find(key);
    if (!place) return;
    table_.remove(*place);
    rows_.drop(*place, [&](RowPlace from, RowPlace to) {
      table_.move(from, to);
      ++moves;
    });
  }
  std::optional<RowPlace> find(int key) const {
    return table_.find(hash(key), [&](RowPlace place) { return key_in(rows_.at(place)) == key; });
  }
  bool right(int key) const {
    const auto place = find(key);
    const auto wanted = model_.find(key);
    if (!place || wanted == model_.end()) return !place && wanted == model_.end();
    return rows_.at(*place) == wanted->second;
  }
  bool all_right(int keys) const {
    bool right_so_far = table_.size() == model_.size();
    for (int key = 0; key < keys; ++key) right_so_far = right_so_far && right(key);
    return right_so_far;
  }
  std::size_t size() const { return table_.size(); }
  std::size_t bytes() const { return rows_.bytes() + table_.bytes(); }

  std::size_t moves = 0;

 private:
  static int key_in(std::string_view row) { return std::stoi(std::string(row.substr(row.rfind('|') + 1))); }
  std::uint64_t hash(int key) const { return std::hash<std::string>{}(std::to_string(key)) % hashes_; }

  std::uint64_t hashes_;
  RowHeap rows_;
  PlaceTable table_{[this](RowPlace place) { return hash(key_in(rows_.at(place))); }};
  std::map<int, std::string> model_;
};

/// Mostly short, some longer than the longest that shares a chunk (32,767 bytes), some just around it.
std::size_t odd_length(std::mt19937& dice) {
  switch (dice() % 100) {
    case 0:
      return 32'755 + dice() % 15;
    case 1:
      return 40'000 + dice() % 300'000;
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return dice() % 30'000;
    default:
      return dice() % 150;
  }
}

/// Somebody whose row is of any length, and whose cloud id others may claim too.
PersonEntry somebody(int number, std::mt19937& dice) {
  auto entry = person(number == 0 ? "" : "P" + std::to_string(number));
  auto& facts = entry.person.facts;
  entry.person.admin_enabled = dice() % 4 != 0;
  facts.first_name = dice() % 5 == 0 ? std::string(dice() % 2'000, 'n') : "Ada" + std::to_string(dice() % 9);
  if (dice() % 10 == 0) facts = {};
  if (dice() % 20 == 0) facts.synced_tags = {std::string(dice() % 70'000, 't')};
  for (auto tags = dice() % 5; tags > 0; --tags) facts.synced_tags.emplace_back(dice() % 40, 't');
  entry.person.sources[1].external_id = ExternalId("c-" + std::to_string(dice() % 400));
  if (dice() % 3 == 0) entry.person.sources.pop_back();
  if (dice() % 10 == 0) entry.person.sources.clear();
  if (dice() % 10 == 0)
    entry.visits.push_back({.id = "v" + std::to_string(dice() % 99), .site = head_office});
  return entry;
}

/// A book beside a map that says what it must answer.
class BookAndModel {
 public:
  void put(const PersonEntry& entry) {
    book_.put(entry);
    model_.insert_or_assign(entry.person.id, Wanted{known_person(entry.person, fold_), entry.visits});
  }
  void drop(const PersonId& id) {
    book_.drop(id);
    model_.erase(id);
  }
  bool right(const PersonId& id) const {
    const auto found = book_.find(id);
    const auto wanted = model_.find(id);
    if (!found || wanted == model_.end()) return !found && wanted == model_.end();
    return same(*found, wanted->second);
  }
  bool right_about_cloud(const std::string& cloud_id) const {
    const auto found = book_.find_cloud(cloud_id);
    std::vector<const Wanted*> claim;
    for (const auto& [id, wanted] : model_) {
      if (wanted.person.cloud_id == cloud_id) claim.push_back(&wanted);
    }
    return found ? claim.size() == 1 && same(*found, *claim.front()) : claim.size() != 1;
  }
  bool right_about_name(const std::string& first_name) const {
    const auto key = book_.name_key(first_name, "Lovelace");
    const bool disabled = std::ranges::any_of(model_, [&](const auto& each) {
      return !each.second.person.admin_enabled && each.second.person.name_key == key;
    });
    return book_.namesake_disabled(first_name, "Lovelace") == disabled;
  }
  bool all_right(int people) const {
    bool right_so_far = book_.size() == model_.size() && right(PersonId("nobody")) && right(PersonId(""));
    for (int i = 0; i < people; ++i) right_so_far = right_so_far && right(PersonId("P" + std::to_string(i)));
    for (int i = 0; i < 410; i += 3)
      right_so_far = right_so_far && right_about_cloud("c-" + std::to_string(i));
    for (int i = 0; i < 10; ++i) right_so_far = right_so_far && right_about_name("Ada" + std::to_string(i));
    return right_so_far;
  }

 private:
  struct Wanted {
    KnownPerson person;
    std::vector<Visit> visits;
  };
  static bool same(const AccessBook::Entry& found, const Wanted& wanted) {
    return found.person == wanted.person && found.grants.empty() && found.visits == wanted.visits;
  }

  PlainFold fold_;
  AccessBook book_{fold_};
  std::map<PersonId, Wanted> model_;
};

}  // namespace

TEST_CASE("Rows of any length are found as they were put, whatever is dropped or moved", "[row_heap]") {
  // Few hashes: long runs of slots, round the end of the table too.
  const auto hashes = GENERATE(std::uint64_t{7}, std::uint64_t{300}, UINT64_MAX);
  constexpr int keys = 300;
  KeyedRows rows(hashes);
  std::mt19937 dice(static_cast<unsigned>(hashes));
  for (int step = 1; step <= 12'000; ++step) {
    const int key = static_cast<int>(dice() % keys);
    // In turns more come and more go, so that it grows and gets empty.
    const bool more = (step / 3'000) % 2 == 0;
    if (dice() % 10 < (more ? 8U : 2U)) {
      rows.put(key, std::string(odd_length(dice), static_cast<char>('a' + step % 26)));
    } else {
      rows.drop(key);
    }
    REQUIRE(rows.right(key));
    if (step % 500 == 0) REQUIRE(rows.all_right(keys));
  }
  REQUIRE(rows.all_right(keys));
  CHECK(rows.moves > keys);
  for (int key = 0; key < keys; ++key) rows.drop(key);
  CHECK(rows.all_right(keys));
  CHECK(rows.bytes() < 300'000);  // the chunk that is being filled, and the table
}

TEST_CASE("A row may be empty, and as long as a chunk or longer", "[row_heap]") {
  RowHeap heap;
  const std::vector<std::size_t> lengths{0, 1, 32'767, 32'768, 262'127, 262'128, 262'129, 1'000'000, 0};
  std::vector<RowPlace> places;
  places.reserve(lengths.size());
  for (const auto length : lengths) places.push_back(heap.add(std::string(length, 'x')));
  for (std::size_t i = 0; i < lengths.size(); ++i) CHECK(heap.at(places[i]) == std::string(lengths[i], 'x'));
  CHECK(std::set<RowPlace>(places.begin(), places.end()).size() == places.size());
  const auto moved = [&](RowPlace from, RowPlace to) { std::ranges::replace(places, from, to); };
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    heap.drop(places[i], moved);
    for (auto rest = i + 1; rest < lengths.size(); ++rest)
      CHECK(heap.at(places[rest]) == std::string(lengths[rest], 'x'));
  }
  CHECK(heap.bytes() < 300'000);
  CHECK(heap.at(heap.add("again")) == "again");
}

TEST_CASE("What is dropped makes room: the rows around it move, each once, and are told of", "[row_heap]") {
  RowHeap heap;
  std::map<RowPlace, std::string> wanted;
  std::vector<RowPlace> places;
  places.reserve(1'000);
  for (int i = 0; i < 1'000; ++i) {
    auto text = std::to_string(i);
    text.resize(203, 'x');
    places.push_back(heap.add(text));
    wanted[places.back()] = text;
  }
  std::size_t moves = 0;
  std::size_t drops = 0;
  while (moves == 0) {
    wanted.erase(places[drops * 3]);
    heap.drop(places[drops++ * 3], [&](RowPlace from, RowPlace to) {
      CHECK(heap.at(to) == wanted.at(from));
      CHECK(wanted.emplace(to, wanted.at(from)).second);
      wanted.erase(from);
      ++moves;
    });
  }
  CHECK(drops == 32'766 / 205 + 1);  // an eighth of the chunk
  CHECK(moves == 1'000 - drops);
  CHECK(wanted.size() == moves);
  CHECK(std::ranges::all_of(wanted, [&](const auto& row) { return heap.at(row.first) == row.second; }));
  CHECK(heap.bytes() < 300'000);
}

TEST_CASE("Ten thousand rows take little more than their bytes, and no more after each was replaced",
          "[row_heap]") {
  constexpr int people = 10'000;
  constexpr std::size_t length = 60;
  KeyedRows rows(UINT64_MAX);
  const auto put_all = [&] {
    for (int key = 0; key < people; ++key)
      rows.put(key, std::string(length - 1 - std::to_string(key).size(), 'x'));
  };
  put_all();
  CHECK(rows.bytes() < people * 100);
  CHECK(rows.moves == 0);
  std::size_t most = 0;
  for (int again = 0; again < 4; ++again) {
    put_all();
    most = std::max(most, rows.bytes());
  }
  CHECK(most < people * 115);  // of these 26 for the chunk that is being filled
  for (int key = 10; key < people; ++key) rows.drop(key);
  CHECK(rows.all_right(people));
  CHECK(rows.bytes() < 400'000);  // that chunk, and the table
}

TEST_CASE("A table keeps places apart that have one hash, and takes no harm from a strange one",
          "[row_heap]") {
  PlaceTable table([](RowPlace place) { return place % 10; });
  const auto with_hash = [&](std::uint64_t hash) {
    std::set<RowPlace> found;
    table.find(hash, [&](RowPlace place) {
      if (place % 10 == hash) found.insert(place);
      return false;
    });
    return found;
  };
  CHECK_FALSE(table.find(3, [](RowPlace) { return true; }));
  table.remove(3);
  table.move(3, 13);
  for (const RowPlace place : {3, 13, 23, 4, 14}) table.add(place);
  CHECK(with_hash(3) == std::set<RowPlace>{3, 13, 23});
  CHECK(with_hash(4) == std::set<RowPlace>{4, 14});
  table.remove(33);
  table.move(33, 43);
  CHECK(table.size() == 5);
  table.move(13, 53);
  table.remove(3);
  CHECK(with_hash(3) == std::set<RowPlace>{23, 53});
  CHECK(with_hash(4) == std::set<RowPlace>{4, 14});
  CHECK(table.size() == 4);
}

TEST_CASE("The book answers as a map would, through growth, replacement and removal",
          "[access][access_book]") {
  constexpr int people = 600;
  BookAndModel book;
  std::mt19937 dice(4);
  for (int step = 1; step <= 6'000; ++step) {
    const int number = static_cast<int>(dice() % people);
    const bool more = (step / 1'500) % 2 == 0;
    const auto entry = somebody(number, dice);
    if (dice() % 10 < (more ? 8U : 2U)) {
      book.put(entry);
    } else {
      book.drop(entry.person.id);
    }
    REQUIRE(book.right(entry.person.id));
    if (step % 100 == 0) REQUIRE(book.right_about_cloud("c-" + std::to_string(dice() % 400)));
    if (step % 500 == 0) REQUIRE(book.all_right(people));
  }
}

TEST_CASE("Two claims to one cloud id outlive the moves of their rows", "[access][access_book]") {
  const PlainFold fold;
  AccessBook book(fold);
  const auto claim = [&](const std::string& id, const std::string& cloud_id) {
    auto entry = person(id);
    entry.person.sources[1].external_id = ExternalId(cloud_id);
    book.put(entry);
  };
  const auto crowd = [&](bool there) {
    for (int i = 0; i < 500; ++i) {
      const auto id = "P" + std::to_string(i);
      there ? claim(id, "c-" + id) : book.drop(PersonId(id));
    }
  };
  crowd(true);
  claim("Ada", "shared");
  claim("Bob", "shared");
  claim("Eve", "hers");
  CHECK_FALSE(book.find_cloud("shared"));
  crowd(false);
  CHECK(book.size() == 3);
  CHECK_FALSE(book.find_cloud("shared"));
  CHECK(book.find_cloud("hers")->person.id == PersonId("Eve"));
  CHECK_FALSE(book.find_cloud("c-P7"));
  crowd(true);
  book.drop(PersonId("Ada"));
  CHECK(book.find_cloud("shared")->person.id == PersonId("Bob"));
  crowd(false);
  claim("Bob", "");
  CHECK_FALSE(book.find_cloud("shared"));
  CHECK_FALSE(book.find_cloud(""));
  CHECK(book.find(PersonId("Bob"))->person.cloud_id.empty());
}
