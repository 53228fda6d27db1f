#include "daemon/app/row_heap.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace gatehouse {
namespace {

constexpr unsigned offset_bits = 18;
constexpr std::size_t most_chunks = std::size_t{1} << (32 - offset_bits);
/// With the allocator's own 16 bytes whole pages, and so many that they go back to the system when freed
/// (use_one_heap). Less than 2^18, so that no place is all ones.
constexpr std::size_t chunk_size = 256 * 1024 - 16;
constexpr std::size_t most_dropped = chunk_size / 8;
constexpr std::size_t none_open = most_chunks;

/// Before each row that shares its chunk: its length, and in the highest bit whether it was dropped.
using Head = std::uint16_t;
constexpr Head dropped_bit = 0x8000;
constexpr std::size_t longest_shared = 0x7FFF;

Head head_at(const char* at) {
  Head head = 0;
  std::memcpy(&head, at, sizeof head);
  return head;
}

void set_head(char* at, Head head) {
  std::memcpy(at, &head, sizeof head);
}

std::size_t size_in(Head head) {
  return head & longest_shared;
}

std::size_t chunk_of(RowHeap::Place place) {
  return place >> offset_bits;
}

std::size_t offset_of(RowHeap::Place place) {
  return place & ((RowHeap::Place{1} << offset_bits) - 1);
}

RowHeap::Place place_of(std::size_t chunk, std::size_t offset) {
  return static_cast<RowHeap::Place>((chunk << offset_bits) | offset);
}

std::unique_ptr<char[]> uninitialised(std::size_t size) {
  return std::unique_ptr<char[]>(new char[size]);  // pages that nobody writes to take no memory
}

}  // namespace

RowHeap::Place RowHeap::add(std::string_view row) {
  if (row.size() > longest_shared) return add_alone(row);
  if (!fits(row.size())) open_chunk();
  auto& chunk = chunks_[open_];
  const auto offset = chunk.used;
  char* const at = chunk.bytes.get() + offset;
  set_head(at, static_cast<Head>(row.size()));
  row.copy(at + sizeof(Head), row.size());
  chunk.used += sizeof(Head) + row.size();
  return place_of(open_, offset);
}

RowHeap::Place RowHeap::add_alone(std::string_view row) {
  const auto number = free_number();
  auto bytes = uninitialised(row.size());
  row.copy(bytes.get(), row.size());
  chunks_[number] = {.bytes = std::move(bytes), .used = row.size(), .alone = true};
  return place_of(number, 0);
}

bool RowHeap::fits(std::size_t size) const {
  if (open_ >= chunks_.size()) return false;
  return chunk_size - chunks_[open_].used >= sizeof(Head) + size;
}

void RowHeap::open_chunk() {
  const auto number = free_number();
  chunks_[number] = {.bytes = uninitialised(chunk_size)};
  open_ = number;
}

std::size_t RowHeap::free_number() {
  const auto free = std::ranges::find_if(chunks_, [](const Chunk& chunk) { return !chunk.bytes; });
  const auto number = static_cast<std::size_t>(free - chunks_.begin());
  if (number == most_chunks) throw std::length_error("too many rows for their heap");
  if (free == chunks_.end()) chunks_.emplace_back();
  return number;
}

std::string_view RowHeap::at(Place place) const {
  const auto& chunk = chunks_[chunk_of(place)];
  if (chunk.alone) return {chunk.bytes.get(), chunk.used};
  const char* const at = chunk.bytes.get() + offset_of(place);
  return {at + sizeof(Head), size_in(head_at(at))};
}

void RowHeap::drop(Place place, const Moved& moved) {
  const auto number = chunk_of(place);
  auto& chunk = chunks_[number];
  if (chunk.alone) {
    chunk = {};
    return;
  }
  char* const at = chunk.bytes.get() + offset_of(place);
  const auto head = head_at(at);
  set_head(at, head | dropped_bit);
  chunk.dropped += sizeof(Head) + size_in(head);
  if (chunk.dropped > most_dropped) move_on(number, moved);
}

/// Row by row: where there is no memory for the next one, the rest stays as it is, and is tried again.
void RowHeap::move_on(std::size_t number, const Moved& moved) {
  if (open_ == number) open_ = none_open;
  char* const bytes = chunks_[number].bytes.get();
  const auto end = chunks_[number].used;
  for (std::size_t offset = 0; offset < end;) {
    char* const at = bytes + offset;
    const auto head = head_at(at);
    const auto size = size_in(head);
    if ((head & dropped_bit) == 0) {
      const auto place = add({at + sizeof(Head), size});
      set_head(at, head | dropped_bit);
      chunks_[number].dropped += sizeof(Head) + size;
      moved(place_of(number, offset), place);
    }
    offset += sizeof(Head) + size;
  }
  chunks_[number] = {};
}

std::size_t RowHeap::bytes() const {
  std::size_t sum = chunks_.capacity() * sizeof(Chunk);
  for (const auto& chunk : chunks_) {
    if (chunk.bytes) sum += chunk.alone ? chunk.used : chunk_size;
  }
  return sum;
}

}  // namespace gatehouse
