#include "daemon/store/page_guard.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

#include <sqlite3.h>

#include "daemon/store/page_check.hpp"

namespace gatehouse {

struct PageGuard::State {
  sqlite3_vfs vfs{};
  sqlite3_vfs* below = nullptr;
  std::string name;
  std::string main;  ///< the database itself: one that is attached (VACUUM INTO) says nothing about it
  bool checks = false;
  std::uint32_t salt1 = 0, salt2 = 0;
};

namespace {

constexpr int log_header = 32;   // bytes, https://www.sqlite.org/fileformat2.html#the_write_ahead_log
constexpr int reserved_at = 20;  // of the database header: bytes of each page that SQLite leaves alone
constexpr int shortest_header = 100;

/// In front of the file below, in the memory that SQLite gives for both.
struct GuardedFile {
  sqlite3_file base;
  PageGuard::State* state;
  bool is_database;
  bool is_main;
  bool is_log;
  bool checks;
};

GuardedFile* guarded(sqlite3_file* file) {
  return reinterpret_cast<GuardedFile*>(file);
}

sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(guarded(file) + 1);
}

void keep_salts(PageGuard::State& state, const void* header) {
  const auto* bytes = static_cast<const unsigned char*>(header);
  const auto word = [&](int at) {
    return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
           std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
  };
  state.salt1 = word(16);
  state.salt2 = word(20);
}

/// The first page says whether they carry checks.
void look_at_header(GuardedFile& file, const void* page) {
  file.checks = static_cast<const unsigned char*>(page)[reserved_at] == page_check_size;
  if (file.is_main) file.state->checks = file.checks;
}

bool is_page(int count, sqlite3_int64 at) {
  return count == static_cast<int>(store_page_size) && at % static_cast<sqlite3_int64>(store_page_size) == 0;
}

std::uint32_t number_at(sqlite3_int64 at) {
  return static_cast<std::uint32_t>(at / static_cast<sqlite3_int64>(store_page_size)) + 1;
}

int guard_read(sqlite3_file* file, void* into, int count, sqlite3_int64 at) {
  const int code = below(file)->pMethods->xRead(below(file), into, count, at);
  if (code != SQLITE_OK) return code;
  GuardedFile& mine = *guarded(file);
  if (mine.is_log && at == 0 && count == log_header) keep_salts(*mine.state, into);
  if (!mine.is_database) return code;
  if (at == 0 && count >= shortest_header) look_at_header(mine, into);
  if (!mine.checks || !is_page(count, at)) return code;
  const std::string_view page(static_cast<const char*>(into), static_cast<std::size_t>(count));
  return is_whole_page(page, number_at(at)) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int guard_write(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
  GuardedFile& mine = *guarded(file);
  if (mine.is_log && at == 0 && count == log_header) keep_salts(*mine.state, from);
  if (mine.is_database && at == 0 && count >= shortest_header) look_at_header(mine, from);
  if (!mine.is_database || !mine.checks || !is_page(count, at))
    return below(file)->pMethods->xWrite(below(file), from, count, at);
  std::array<char, store_page_size> page{};
  std::memcpy(page.data(), from, page.size());  // SQLite's own copy stays as it is
  store_page_check(page.data(), number_at(at));
  return below(file)->pMethods->xWrite(below(file), page.data(), count, at);
}

int guard_close(sqlite3_file* file) {
  return below(file)->pMethods->xClose(below(file));
}
int guard_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return below(file)->pMethods->xTruncate(below(file), size);
}
int guard_sync(sqlite3_file* file, int flags) {
  return below(file)->pMethods->xSync(below(file), flags);
}
int guard_size(sqlite3_file* file, sqlite3_int64* size) {
  return below(file)->pMethods->xFileSize(below(file), size);
}
int guard_lock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xLock(below(file), level);
}
int guard_unlock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xUnlock(below(file), level);
}
int guard_is_reserved(sqlite3_file* file, int* answer) {
  return below(file)->pMethods->xCheckReservedLock(below(file), answer);
}
int guard_control(sqlite3_file* file, int what, void* with) {
  return below(file)->pMethods->xFileControl(below(file), what, with);
}
int guard_sector(sqlite3_file* file) {
  return below(file)->pMethods->xSectorSize(below(file));
}
int guard_device(sqlite3_file* file) {
  return below(file)->pMethods->xDeviceCharacteristics(below(file));
}
int guard_shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return below(file)->pMethods->xShmMap(below(file), page, size, extend, memory);
}
int guard_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}
void guard_shm_barrier(sqlite3_file* file) {
  below(file)->pMethods->xShmBarrier(below(file));
}
int guard_shm_unmap(sqlite3_file* file, int remove) {
  return below(file)->pMethods->xShmUnmap(below(file), remove);
}

// Version 2: no memory-mapped reading, which would go past us.
constexpr sqlite3_io_methods guard_methods{2,
                                           guard_close,
                                           guard_read,
                                           guard_write,
                                           guard_truncate,
                                           guard_sync,
                                           guard_size,
                                           guard_lock,
                                           guard_unlock,
                                           guard_is_reserved,
                                           guard_control,
                                           guard_sector,
                                           guard_device,
                                           guard_shm_map,
                                           guard_shm_lock,
                                           guard_shm_barrier,
                                           guard_shm_unmap,
                                           nullptr,
                                           nullptr};

int guard_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  auto* state = static_cast<PageGuard::State*>(vfs->pAppData);
  auto* mine = new (file) GuardedFile{};
  mine->state = state;
  mine->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
  mine->is_log = false;
  if (mine->is_database && state->main.empty() && name != nullptr) state->main = name;
  mine->is_main = mine->is_database && name != nullptr && state->main == name;
  // A copy (VACUUM INTO) is as the database is: its first page, which says so, may be written late.
  mine->checks = mine->is_database && !mine->is_main && state->checks;
  if ((flags & SQLITE_OPEN_WAL) != 0 && name != nullptr) mine->is_log = state->main + "-wal" == name;
  const int code = state->below->xOpen(state->below, name, below(file), flags, out);
  file->pMethods = below(file)->pMethods == nullptr ? nullptr : &guard_methods;
  return code;
}

int guard_delete(sqlite3_vfs* vfs, const char* name, int sync) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xDelete(real, name, sync);
}
int guard_access(sqlite3_vfs* vfs, const char* name, int flags, int* answer) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xAccess(real, name, flags, answer);
}
int guard_full_name(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xFullPathname(real, name, size, out);
}
int guard_randomness(sqlite3_vfs* vfs, int size, char* out) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xRandomness(real, size, out);
}
int guard_sleep(sqlite3_vfs* vfs, int microseconds) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xSleep(real, microseconds);
}
int guard_time(sqlite3_vfs* vfs, double* time) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xCurrentTime(real, time);
}
int guard_last_error(sqlite3_vfs* vfs, int size, char* out) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xGetLastError(real, size, out);
}
int guard_time_64(sqlite3_vfs* vfs, sqlite3_int64* time) {
  auto* real = static_cast<PageGuard::State*>(vfs->pAppData)->below;
  return real->xCurrentTimeInt64(real, time);
}

}  // namespace

PageGuard::PageGuard() : state_(std::make_unique<State>()) {
  // Nobody asks how much memory SQLite has, and counting it costs a lock at each piece (malloc.html#memstat).
  // Before its first use; from then on it answers SQLITE_MISUSE, and nothing is changed.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  State& state = *state_;
  state.below = sqlite3_vfs_find(nullptr);
  state.name = "gatehouse-" + std::to_string(reinterpret_cast<std::uintptr_t>(&state));
  sqlite3_vfs& vfs = state.vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(GuardedFile)) + state.below->szOsFile;
  vfs.mxPathname = state.below->mxPathname;
  vfs.zName = state.name.c_str();
  vfs.pAppData = &state;
  vfs.xOpen = guard_open;
  vfs.xDelete = guard_delete;
  vfs.xAccess = guard_access;
  vfs.xFullPathname = guard_full_name;
  vfs.xRandomness = guard_randomness;
  vfs.xSleep = guard_sleep;
  vfs.xCurrentTime = guard_time;
  vfs.xGetLastError = guard_last_error;
  vfs.xCurrentTimeInt64 = guard_time_64;
  sqlite3_vfs_register(&vfs, 0);
}

PageGuard::~PageGuard() {
  sqlite3_vfs_unregister(&state_->vfs);
}

const char* PageGuard::name() const {
  return state_->name.c_str();
}

bool PageGuard::checks() const {
  return state_->checks;
}

std::uint32_t PageGuard::salt1() const {
  return state_->salt1;
}

std::uint32_t PageGuard::salt2() const {
  return state_->salt2;
}

}  // namespace gatehouse
