#pragma once
// Three sources whose people somebody edits by chance, and what they answer when they are asked.

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "daemon/core/integration_settings.hpp"
#include "daemon/core/source_record.hpp"

namespace gatehouse::month {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(engine_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <typename T>
  const T& of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// Two Net2 servers and a feed; what can be set one way or the other is set by chance.
std::vector<Integration> settings_of_month(Chance& chance);

class Editor {
 public:
  Editor(std::vector<Integration> settings, Chance& chance)
      : settings_(std::move(settings)), chance_(chance) {}

  void fill(std::size_t source, std::size_t people);
  /// So many changes to one source's people.
  void edit(std::size_t source, std::size_t changes);
  /// From now on, for a few reads, the source may lie: it stops in the middle, has nobody, lost many, lost
  /// the values of a field, or holds another database.
  void break_down(std::size_t source);

  struct Answer {
    bool cut = false;  ///< stops in the middle
    std::vector<SourceRecord> people;
  };
  Answer answer(std::size_t source);

 private:
  enum class Fault { none, cut, empty, lost_many, lost_field, other_people };
  struct Human {
    std::string first, last, email, phone;
  };
  struct Entry {
    std::size_t human = 0;
    SourceRecord record;
  };
  struct State {
    std::vector<Entry> entries;
    std::vector<Entry> deleted;
    std::int64_t next = 1;
    Fault fault = Fault::none;
    std::size_t reads_left = 0;
    std::uint64_t fault_seed = 0;
  };

  std::size_t new_human();
  std::size_t some_human(std::size_t source);
  void add(std::size_t source, std::size_t human);
  void change(std::size_t source, Entry& entry);
  void put(std::size_t source, Entry& entry, const Human& human);
  void put_into(std::size_t source, SourceRecord& record, const std::string& group);

  std::vector<Integration> settings_;
  Chance& chance_;
  std::vector<Human> humans_;
  std::array<State, 3> states_;
};

}  // namespace gatehouse::month
