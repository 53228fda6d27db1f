#include "daemon/store/store_image.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {
namespace {

constexpr std::string_view database_magic{"SQLite format 3", 16};  // with the zero behind it
constexpr std::uint32_t log_magic = 0x377f0682;
constexpr std::uint32_t log_version = 3007000;
constexpr std::size_t log_header_size = 32;
constexpr std::size_t frame_header_size = 24;

std::uint32_t big_endian(const char* at) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(at);
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         bytes[3];
}

std::uint32_t little_endian(const char* at) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(at);
  return std::uint32_t{bytes[3]} << 24 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[1]} << 8 |
         bytes[0];
}

/// SQLite's checksum of the log, in the byte order that the log's magic number names.
struct LogSum {
  bool big = false;
  std::uint32_t first = 0, second = 0;

  void add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      const char* word = bytes.data() + at;
      first += (big ? big_endian(word) : little_endian(word)) + second;
      second += (big ? big_endian(word + 4) : little_endian(word + 4)) + first;
    }
  }
  bool is(const char* at) const { return big_endian(at) == first && big_endian(at + 4) == second; }
};

bool read_at(int fd, char* into, std::size_t count, std::uint64_t at) {
  return ::pread(fd, into, count, static_cast<off_t>(at)) == static_cast<ssize_t>(count);
}

bool header_is_whole(int file) {
  PageBytes page{};
  return read_at(file, page.data(), page.size(), 0) && is_whole_page({page.data(), page.size()}, 1);
}

/// Behind a first page that nobody can read: pages with checks are made by no other program.
bool has_checked_page(int file) {
  constexpr std::uint32_t look_at = 64;
  PageBytes page{};
  for (std::uint32_t number = 2; number <= look_at; ++number) {
    if (!read_at(file, page.data(), page.size(), std::uint64_t{number - 1} * store_page_size)) return false;
    if (is_whole_page({page.data(), page.size()}, number)) return true;
  }
  return false;
}

/// Made by a version before the checks came, or put back from a copy of it: a seal beside it is of another
/// file. From the first version with checks on it takes at least two flipped bits to look like this.
bool is_older_store(const PageBytes& header) {
  constexpr std::uint32_t first_with_checks = 8;
  const auto version = big_endian(header.data() + 60);
  return std::string_view(header.data(), database_magic.size()) == database_magic && header[20] == 0 &&
         version > 0 && version < first_with_checks;
}

std::uint64_t size_of(int fd) {
  struct stat facts{};
  return fd >= 0 && ::fstat(fd, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

}  // namespace

StoreImage::StoreImage(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)),
      log_file_(::open((file.string() + "-wal").c_str(), O_RDONLY | O_CLOEXEC)),
      size_(size_of(file_)),
      seal_(read_seal(file)) {
  read_log();
  PageBytes first{};
  if (read_first(first) && is_older_store(first)) seal_ = {};
  // Without its seal it counts as one whose seal is damaged.
  if (!seal_.there && file_ >= 0) seal_.there = has_checked_page(file_) && !header_is_whole(file_);
  judge_log();
  read_header();
}

StoreImage::~StoreImage() {
  if (file_ >= 0) ::close(file_);
  if (log_file_ >= 0) ::close(log_file_);
}

/// As SQLite recovers it: frames up to the last commit before the first that is not whole.
void StoreImage::read_log() {
  std::array<char, log_header_size> header{};
  if (log_file_ < 0 || !read_at(log_file_, header.data(), header.size(), 0)) return;
  const std::uint32_t magic = big_endian(header.data());
  if ((magic & ~1U) != log_magic || big_endian(header.data() + 4) != log_version) return;
  if (big_endian(header.data() + 8) != store_page_size) return;
  LogSum sum{.big = (magic & 1U) != 0};
  sum.add({header.data(), log_header_size - 8});
  if (!sum.is(header.data() + 24)) return;
  log_readable_ = true;
  log_salt1_ = big_endian(header.data() + 16);
  log_salt2_ = big_endian(header.data() + 20);
  std::unordered_map<std::uint32_t, std::uint64_t> uncommitted;
  std::array<char, frame_header_size + store_page_size> frame{};
  std::uint64_t at = log_header_size;
  for (std::uint32_t count = 1; read_at(log_file_, frame.data(), frame.size(), at); ++count) {
    if (big_endian(frame.data() + 8) != log_salt1_ || big_endian(frame.data() + 12) != log_salt2_) break;
    sum.add({frame.data(), 8});
    sum.add({frame.data() + frame_header_size, store_page_size});
    if (!sum.is(frame.data() + 16)) break;
    uncommitted[big_endian(frame.data())] = at + frame_header_size;
    const std::uint32_t size_after = big_endian(frame.data() + 4);
    if (size_after != 0) {
      for (const auto& [page, where] : uncommitted) in_log_[page] = where;
      uncommitted.clear();
      log_frames_ = count;
      log_pages_ = size_after;
    }
    at += frame.size();
  }
}

void StoreImage::judge_log() {
  if (!seal_.seal) {
    // A store of an older version has none; one that lost it cannot say what its log had.
    log_ = seal_.there ? LogState::unknown : log_frames_ > 0 ? LogState::whole : LogState::none_needed;
    return;
  }
  const LogSeal& seal = *seal_.seal;
  const bool same = log_readable_ && log_salt1_ == seal.salt1 && log_salt2_ == seal.salt2;
  // Each time the log starts anew, its first salt is one more, and all of the log before is in the file.
  const bool later = log_readable_ && static_cast<std::int32_t>(log_salt1_ - seal.salt1) > 0;
  if (same) {
    const bool whole = log_frames_ >= seal.frames;
    log_ = whole ? LogState::whole : seal.copied ? LogState::not_needed : LogState::behind;
  } else if (seal.copied) {
    log_ = log_readable_ && log_frames_ > 0 ? LogState::whole
           : size_of(log_file_) > 0         ? LogState::not_needed
                                            : LogState::none_needed;
  } else if (seal.frames == 0 || later) {
    log_ = LogState::whole;
  } else {
    log_ = LogState::behind;
  }
  if (log_ == LogState::not_needed) {
    in_log_.clear();
    log_frames_ = 0;
  }
}

/// As it counts: in the log where it stands there, whatever its check.
bool StoreImage::read_first(PageBytes& page) const {
  const auto in_log = in_log_.find(1);
  return in_log != in_log_.end() ? read_at(log_file_, page.data(), page.size(), in_log->second)
                                 : read_at(file_, page.data(), page.size(), 0);
}

void StoreImage::read_header() {
  PageBytes first{};
  pages_ = static_cast<std::uint32_t>(size_ / store_page_size);
  if (seal_.seal) schema_ = seal_.seal->schema;
  const bool got = read_first(first);
  const std::string_view bytes(first.data(), first.size());
  // What the file says of itself counts only where its check is right; the log's frames have sums of their
  // own.
  const bool whole = in_log_.contains(1) || is_whole_page(bytes, 1);
  const bool has_checks = got && static_cast<unsigned char>(first[20]) == page_check_size && whole;
  // A seal that nobody can read was made by a version that has checks.
  const bool must_have = seal_.seal ? seal_.seal->checks : seal_.there;
  checks_ = has_checks || must_have;
  header_good_ = got && bytes.starts_with(database_magic) && (has_checks || !must_have);
  if (!header_good_) return;
  schema_ = word(first, 60);
  // SQLite trusts the count only where the two versions agree; the log always brings it.
  if (log_frames_ > 0) {
    pages_ = log_pages_;
  } else if (word(first, 24) == word(first, 92) && word(first, 28) != 0) {
    pages_ = word(first, 28);
  }
  if (has_checks && !seal_.there && schema_ > 0) log_ = LogState::unknown;
}

std::uint32_t StoreImage::word(const PageBytes& page, std::size_t at) const {
  return big_endian(page.data() + at);
}

bool StoreImage::read(std::uint32_t number, PageBytes& page) const {
  if (number == 0) return false;
  if (const auto found = in_log_.find(number); found != in_log_.end())
    return read_at(log_file_, page.data(), page.size(), found->second);
  if (!read_at(file_, page.data(), page.size(), std::uint64_t{number - 1} * store_page_size)) return false;
  return !checks_ || is_whole_page({page.data(), page.size()}, number);
}

std::vector<std::uint32_t> StoreImage::broken_pages(std::chrono::steady_clock::duration at_most,
                                                    bool& all_seen) const {
  std::vector<std::uint32_t> broken;
  const auto until = std::chrono::steady_clock::now() + at_most;
  PageBytes page{};
  all_seen = true;
  for (std::uint32_t number = 1; number <= pages_; ++number) {
    if (number % 256 == 0 && std::chrono::steady_clock::now() > until) {
      all_seen = false;
      break;
    }
    if (number == lock_byte_page || in_log_.contains(number)) continue;
    if (!read(number, page)) broken.push_back(number);
  }
  return broken;
}

}  // namespace gatehouse
