// The store's pages as they are on the disk.

#include "daemon/store/store_inside.hpp"

namespace gatehouse {

Task<Result<std::uint32_t>> Store::look_at_pages(std::uint32_t first, std::uint32_t count) {
  return inside_->ask([=](StoreFile& file) { return file.look_at_pages(first, count); });
}

}  // namespace gatehouse
