#include "daemon/app/place_table.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t fewest_slots = 16;

}  // namespace

std::size_t PlaceTable::slot_of(std::uint64_t hash, Place place) const {
  auto slot = home(hash);
  while (slots_[slot] != place && slots_[slot] != none) slot = next(slot);
  return slot;
}

void PlaceTable::make_room() {
  if ((size_ + 1) * 5 <= slots_.size() * 4) return;
  std::vector<Place> before(slots_.empty() ? fewest_slots : slots_.size() * 2, none);
  before.swap(slots_);
  for (const auto place : before) {
    if (place != none) slots_[slot_of(hash_of_(place), place)] = place;
  }
}

void PlaceTable::add(Place place) {
  make_room();
  slots_[slot_of(hash_of_(place), place)] = place;
  ++size_;
}

void PlaceTable::remove(Place place) {
  if (slots_.empty()) return;
  auto hole = slot_of(hash_of_(place), place);
  if (slots_[hole] == none) return;
  // Whoever would not be found past the hole goes into it, and leaves one.
  for (auto slot = next(hole); slots_[slot] != none; slot = next(slot)) {
    const auto wanted = home(hash_of_(slots_[slot]));
    if (distance(wanted, slot) < distance(hole, slot)) continue;
    slots_[hole] = slots_[slot];
    hole = slot;
  }
  slots_[hole] = none;
  --size_;
}

void PlaceTable::move(Place from, Place to) {
  if (slots_.empty()) return;
  const auto slot = slot_of(hash_of_(to), from);
  if (slots_[slot] != none) slots_[slot] = to;
}

}  // namespace gatehouse
