#include "daemon/store/page_check.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace gatehouse {
namespace {

// Odd, so that each step maps lanes one to one and no change of a single word is lost on the way.
constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15;
constexpr std::size_t lanes = 4;  // side by side, since each waits for its own product alone

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

std::uint64_t step(std::uint64_t lane, std::uint64_t word) {
  return std::rotl((lane ^ word) * multiplier, 29);
}

}  // namespace

std::uint64_t page_check(std::string_view page, std::uint32_t number) {
  std::array<std::uint64_t, lanes> lane{};
  for (std::size_t i = 0; i < lanes; ++i) lane[i] = (number + 1ULL) * (multiplier + 2 * i);
  const std::size_t end = page.size() - page_check_size;
  std::size_t at = 0;
  for (; at + lanes * sizeof(std::uint64_t) <= end; at += lanes * sizeof(std::uint64_t)) {
    for (std::size_t i = 0; i < lanes; ++i) lane[i] = step(lane[i], word_at(page, at + i * 8));
  }
  for (; at + sizeof(std::uint64_t) <= end; at += sizeof(std::uint64_t))
    lane[0] = step(lane[0], word_at(page, at));
  std::uint64_t sum = multiplier;
  for (const auto one : lane) sum = step(sum, one);
  return sum;
}

std::uint64_t stored_page_check(std::string_view page) {
  return word_at(page, page.size() - page_check_size);
}

void store_page_check(char* page, std::uint32_t number) {
  std::uint64_t check = page_check({page, store_page_size}, number);
  if constexpr (std::endian::native == std::endian::big) check = __builtin_bswap64(check);
  std::memcpy(page + store_page_size - page_check_size, &check, sizeof check);
}

bool is_whole_page(std::string_view page, std::uint32_t number) {
  return page.size() == store_page_size && stored_page_check(page) == page_check(page, number);
}

std::uint64_t short_check(std::string_view bytes) {
  std::uint64_t sum = multiplier;
  for (const char byte : bytes) sum = step(sum, static_cast<unsigned char>(byte) + 1ULL);
  return sum;
}

}  // namespace gatehouse
