#pragma once
// Very many small rows of bytes, at two bytes each beyond their own.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse {

/// Rows lie one behind the other in chunks of 256 KiB. Once more than an eighth of a chunk is dropped rows,
/// the others move on and the chunk is freed: that much is wasted at most, and no call moves more rows than
/// one chunk has. Not for two threads at once.
class RowHeap {
 public:
  /// Where a row lies: the number of its chunk and, in the low 18 bits, the byte in it. Never all ones.
  using Place = std::uint32_t;
  /// The row at `from` lies at `to` now and can be read there. It must not throw, nor add or drop rows.
  using Moved = std::function<void(Place from, Place to)>;

  /// A row of any length, also of none, that does not lie in this heap. All others stay where they are.
  /// Throws std::length_error once it has 16,384 chunks: 4 GiB of rows, or as many that are longer than 32
  /// KiB.
  Place add(std::string_view row);
  /// The place must be one that add() gave, or `moved` was told of, whose row was neither dropped nor moved
  /// since. What it returns is good until the next drop(), of whatever row.
  std::string_view at(Place place) const;
  /// Other rows may move. May throw as add() does: this row is dropped then, and all that was told is true.
  void drop(Place place, const Moved& moved);

  /// What was asked of the allocator.
  std::size_t bytes() const;

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;  ///< null: this number is free
    std::size_t used = 0;
    std::size_t dropped = 0;  ///< of `used`
    bool alone = false;       ///< one long row without a head, and exactly as long
  };

  std::size_t free_number();
  Place add_alone(std::string_view row);
  void open_chunk();
  bool fits(std::size_t size) const;
  void move_on(std::size_t number, const Moved& moved);

  std::vector<Chunk> chunks_;
  std::size_t open_ = 0;  ///< the chunk that is being filled, where there is one of this number
};

}  // namespace gatehouse
