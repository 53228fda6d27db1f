#include "daemon/store/tree_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gatehouse {
namespace {

constexpr int deepest = 40;
constexpr std::size_t database_header = 100;
constexpr unsigned char inner_index = 2, inner_table = 5, leaf_index = 10, leaf_table = 13;

std::uint32_t big(const char* at, std::size_t width) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < width; ++i) number = number << 8 | static_cast<unsigned char>(at[i]);
  return number;
}

/// Reads on from `at`; false beyond the end.
bool varint(std::string_view bytes, std::size_t& at, std::uint64_t& number) {
  number = 0;
  for (int i = 0; i < 9; ++i) {
    if (at >= bytes.size()) return false;
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    if (i == 8) {
      number = number << 8 | byte;
      return true;
    }
    number = number << 7 | (byte & 0x7FU);
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

std::int64_t signed_number(std::string_view bytes) {
  std::uint64_t number = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

bool read_value(std::uint64_t type, std::string_view record, std::size_t& at, StoredValue& value) {
  constexpr std::size_t widths[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  const std::uint64_t size = type < 10 ? widths[type] : type < 12 ? UINT64_MAX : (type - 12) / 2;
  if (size > record.size() - at) return false;
  const std::string_view bytes = record.substr(at, static_cast<std::size_t>(size));
  at += bytes.size();
  value = {};
  if (type == 0) return true;
  if (type >= 12) {
    value.type = type % 2 == 0 ? StoredValue::Type::blob : StoredValue::Type::text;
    value.bytes = bytes;
    return true;
  }
  value.type = type == 7 ? StoredValue::Type::real : StoredValue::Type::integer;
  if (type == 9) value.integer = 1;
  if (type != 8 && type != 9) value.integer = signed_number(bytes);
  return true;
}

bool read_record(std::string_view record, std::vector<StoredValue>& values) {
  values.clear();
  std::size_t at = 0;
  std::uint64_t header = 0;
  if (!varint(record, at, header) || header > record.size()) return false;
  std::size_t body = static_cast<std::size_t>(header);
  const std::string_view types = record.substr(0, body);
  while (at < types.size()) {
    std::uint64_t type = 0;
    StoredValue value;
    if (!varint(types, at, type) || !read_value(type, record, body, value)) return false;
    values.push_back(value);
  }
  return body == record.size();
}

}  // namespace

struct TreeReader::Page {
  PageBytes bytes{};
  std::size_t header = 0;
  unsigned char type = 0;
  std::size_t cells = 0;

  bool is_inner() const { return type == inner_index || type == inner_table; }
  bool is_index() const { return type == inner_index || type == leaf_index; }
  std::size_t pointers() const { return header + (is_inner() ? 12 : 8); }
  std::size_t cell(std::size_t index) const { return big(bytes.data() + pointers() + 2 * index, 2); }

  bool read(const StoreImage& image, std::uint32_t number) {
    if (!image.read(number, bytes)) return false;
    header = number == 1 ? database_header : 0;
    type = static_cast<unsigned char>(bytes[header]);
    cells = big(bytes.data() + header + 3, 2);
    const bool known = is_inner() || type == leaf_index || type == leaf_table;
    return known && pointers() + 2 * cells <= bytes.size();
  }
};

TreeReader::TreeReader(const StoreImage& image)
    : image_(image),
      usable_(store_page_size - (image.checks() ? page_check_size : 0)),
      seen_(std::size_t{image.pages()} + 1) {}

bool TreeReader::see(std::uint32_t number) {
  if (number == 0 || number >= seen_.size() || seen_[number]) return false;
  seen_[number] = true;
  return true;
}

TreeWalk TreeReader::walk(std::uint32_t root, TreeKind kind, const Take& take) {
  walked_ = {};
  leaf_depth_ = -1;
  lost_at_.clear();
  walk_below(root, kind, 0, take);
  for (const int depth : lost_at_) ++(depth == leaf_depth_ ? walked_.lost_leaves : walked_.lost_inner);
  return walked_;
}

void TreeReader::walk_below(std::uint32_t number, TreeKind kind, int depth, const Take& take) {
  Page page;
  const bool new_to_us = see(number);
  if (!new_to_us || depth > deepest || !page.read(image_, number) ||
      page.is_index() != (kind == TreeKind::index)) {
    lost_at_.push_back(depth);
    return;
  }
  if (!page.is_inner()) {
    leaf_depth_ = std::max(leaf_depth_, depth);
    ++walked_.leaves;
  }
  take_cells(page, take);
  if (!page.is_inner()) return;
  for (std::size_t i = 0; i < page.cells; ++i) {
    const std::size_t at = page.cell(i);
    if (at + 4 > usable_) {
      lost_at_.push_back(depth + 1);
      continue;
    }
    walk_below(big(page.bytes.data() + at, 4), kind, depth + 1, take);
  }
  walk_below(big(page.bytes.data() + page.header + 8, 4), kind, depth + 1, take);
}

void TreeReader::take_cells(const Page& page, const Take& take) {
  if (page.type == inner_table) return;
  StoredRow row;
  for (std::size_t i = 0; i < page.cells; ++i) {
    const std::size_t at = page.cell(i) + (page.type == inner_index ? 4 : 0);
    if (!read_payload(page, at, page.type == leaf_table, row)) {
      ++walked_.broken_rows;
      continue;
    }
    ++walked_.rows;
    take(row);
  }
}

/// The cell and the pages that it flows over into.
bool TreeReader::read_payload(const Page& page, std::size_t at, bool has_number, StoredRow& row) {
  const std::string_view bytes(page.bytes.data(), usable_);
  std::uint64_t size = 0;
  std::uint64_t number = 0;
  if (at >= usable_ || !varint(bytes, at, size)) return false;
  if (has_number && !varint(bytes, at, number)) return false;
  row.number = static_cast<std::int64_t>(number);
  if (size > std::uint64_t{image_.pages()} * store_page_size) return false;
  const std::size_t most = has_number ? usable_ - 35 : (usable_ - 12) * 64 / 255 - 23;
  const std::size_t least = (usable_ - 12) * 32 / 255 - 23;
  std::size_t here = static_cast<std::size_t>(size);
  if (here > most) {
    here = least + (static_cast<std::size_t>(size) - least) % (usable_ - 4);
    if (here > most) here = least;
  }
  const bool flows = here < size;
  if (at + here + (flows ? 4 : 0) > usable_) return false;
  if (!flows) return read_record(bytes.substr(at, here), row.values);
  payload_.assign(bytes.substr(at, here));
  std::uint32_t next = big(page.bytes.data() + at + here, 4);
  PageBytes over{};
  while (payload_.size() < size) {
    if (!see(next) || !image_.read(next, over)) return false;
    payload_.append(over.data() + 4, std::min<std::size_t>(usable_ - 4, size - payload_.size()));
    next = big(over.data(), 4);
  }
  return read_record(payload_, row.values);
}

void TreeReader::read_free_list() {
  if (std::exchange(free_list_read_, true)) return;
  PageBytes page{};
  if (!image_.header_good() || !image_.read(1, page)) return;
  std::uint32_t trunk = big(page.data() + 32, 4);
  const std::uint32_t expected = big(page.data() + 36, 4);
  std::uint32_t found = 0;
  while (trunk != 0) {
    if (!see(trunk) || !image_.read(trunk, page)) return;
    const std::uint32_t leaves = big(page.data() + 4, 4);
    if (leaves > usable_ / 4 - 2) return;
    for (std::uint32_t i = 0; i < leaves; ++i) see(big(page.data() + 8 + 4 * std::size_t{i}, 4));
    found += leaves + 1;
    trunk = big(page.data(), 4);
  }
  free_list_whole_ = found == expected;
}

bool TreeReader::free_list_whole() {
  read_free_list();
  return free_list_whole_;
}

std::vector<std::uint32_t> TreeReader::strays(TreeKind kind) {
  read_free_list();
  std::vector<std::uint32_t> found;
  Page page;
  for (std::uint32_t number = 2; number < seen_.size(); ++number) {
    if (number == lock_byte_page || seen_[number] || !page.read(image_, number) || page.cells == 0) continue;
    if (page.type == inner_table || page.is_index() != (kind == TreeKind::index)) continue;
    found.push_back(number);
  }
  return found;
}

TreeWalk TreeReader::read_stray(std::uint32_t number, const Take& take) {
  walked_ = {};
  Page page;
  if (page.read(image_, number)) take_cells(page, take);
  walked_.leaves = 1;
  return walked_;
}

}  // namespace gatehouse
