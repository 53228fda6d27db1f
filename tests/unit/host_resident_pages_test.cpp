#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <link.h>

#include "daemon/host/resident_pages.hpp"

using namespace gatehouse;

namespace {

/// kB of file pages that the process has mapped right now.
long file_kilobytes() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    long value = 0;
    if (word == "RssFile:" && in >> value) return value;
  }
  return -1;
}

/// One byte of each page that nobody writes to, the padding between variables included.
__attribute__((no_sanitize("address", "thread", "undefined"))) int read_object(dl_phdr_info* object,
                                                                               std::size_t, void* sum) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & (PF_R | PF_W)) != PF_R) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): as the loader gives it
    const auto* bytes = reinterpret_cast<const volatile unsigned char*>(object->dlpi_addr + segment.p_vaddr);
    for (std::size_t at = 0; at < segment.p_filesz; at += 4096)
      *static_cast<unsigned long*>(sum) += bytes[at];
  }
  return 0;
}

unsigned long read_all() {
  unsigned long sum = 0;
  dl_iterate_phdr(read_object, &sum);
  return sum;
}

}  // namespace

TEST_CASE("File pages are given back, and are the same when they are wanted again", "[host]") {
  const auto first = read_all();
  const auto before = file_kilobytes();
  release_file_pages();
  const auto after = file_kilobytes();
  INFO(before << " kB before, " << after << " kB after");
  CHECK(after < before / 2);
  CHECK(read_all() == first);
}
