#pragma once
// Each page of the store's file ends in eight bytes that say whether the page is as it was written: SQLite
// itself takes a flipped bit in a cell for what somebody has stored (decisions/0010).

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse {

constexpr std::size_t store_page_size = 4096;  ///< bytes; SQLite's default, which the store never changes
/// SQLite never writes the page at 1 GiB, where others would lock the file (fileformat2.html §1.3).
constexpr std::uint32_t lock_byte_page = 0x40000000 / store_page_size + 1;
constexpr std::size_t page_check_size = 8;  ///< bytes at the end of a page that SQLite leaves to us

/// Of a whole page (store_page_size bytes), but for its last eight bytes, at its place in the file (from 1):
/// a page that lies where another belongs is as bad as a broken one. Any change within eight bytes that lie
/// together (a multiple of eight from the start) is found for certain, any other but for one in 2^64.
std::uint64_t page_check(std::string_view page, std::uint32_t number);
/// As the page's last eight bytes have it, little-endian.
std::uint64_t stored_page_check(std::string_view page);
/// Puts it there.
void store_page_check(char* page, std::uint32_t number);
bool is_whole_page(std::string_view page, std::uint32_t number);

/// Of something short, like a record of its own in a file.
std::uint64_t short_check(std::string_view bytes);

}  // namespace gatehouse
