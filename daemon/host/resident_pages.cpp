#include "daemon/host/resident_pages.hpp"

#include <cstddef>
#include <cstdint>

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace gatehouse {
namespace {

int release_object(dl_phdr_info* object, std::size_t /*size*/, void* /*nothing*/) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    // The writable ones hold what the loader has filled in.
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t first = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t last = (object->dlpi_addr + segment.p_vaddr + segment.p_filesz) & ~(page - 1);
    if (last <= first) continue;
    auto* const begin =
        reinterpret_cast<void*>(first);  // NOLINT(performance-no-int-to-ptr): as the loader gives it
    // A refusal (the kernel's own vDSO) only leaves things as they were.
    madvise(begin, last - first, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void use_one_heap() {
  mallopt(M_ARENA_MAX, 1);
  // A list of a hundred thousand is mapped by itself, and its pages go back when it goes. Without this the
  // first one that goes makes the heap take the next ones in, between what stays.
  constexpr int large = 256 * 1024;
  mallopt(M_MMAP_THRESHOLD, large);
}

void release_file_pages() {
  dl_iterate_phdr(release_object, nullptr);
}

void release_free_memory() {
  release_file_pages();
  malloc_trim(0);
}

}  // namespace gatehouse
