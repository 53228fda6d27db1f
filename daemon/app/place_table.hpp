#pragma once
// Where things lie, found by a hash of what they are called.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace gatehouse {

/// Places by hash, 5 to 10 bytes each; several may have the same one. The hashes are not kept: they are asked
/// for again, so what lies at a place must be readable as long as the place is in here, but in move().
/// Open addressing with linear probing; what is removed leaves no mark. Not for two threads at once.
class PlaceTable {
 public:
  using Place = std::uint32_t;  ///< any number but 2^32 - 1
  using HashOf = std::function<std::uint64_t(Place place)>;

  /// `hash_of` must not throw.
  explicit PlaceTable(HashOf hash_of) : hash_of_(std::move(hash_of)) {}

  /// The first place for which `is` says true, of those that may have this hash: all that do, and others.
  template <typename Is>
  std::optional<Place> find(std::uint64_t hash, Is is) const {
    if (slots_.empty()) return std::nullopt;
    for (auto slot = home(hash); slots_[slot] != none; slot = next(slot)) {
      if (is(slots_[slot])) return slots_[slot];
    }
    return std::nullopt;
  }
  /// So that the next add() cannot fail for want of memory.
  void make_room();
  /// One that is not in here yet.
  void add(Place place);
  /// Nothing happens where it is not in here; so with move().
  void remove(Place place);
  /// What was at `from` is at `to` now, and can be read there.
  void move(Place from, Place to);
  std::size_t size() const { return size_; }

  /// What was asked of the allocator.
  std::size_t bytes() const { return slots_.capacity() * sizeof(Place); }

 private:
  static constexpr Place none = 0xFFFF'FFFF;

  std::size_t home(std::uint64_t hash) const { return hash & (slots_.size() - 1); }
  std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  /// From one slot on to another, round the end.
  std::size_t distance(std::size_t from, std::size_t to) const { return (to - from) & (slots_.size() - 1); }
  /// The slot of `place` among those for this hash, or the free one behind them.
  std::size_t slot_of(std::uint64_t hash, Place place) const;

  HashOf hash_of_;
  std::vector<Place> slots_;  ///< none or a power of two, at least one in five free
  std::size_t size_ = 0;
};

}  // namespace gatehouse
