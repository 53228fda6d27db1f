#pragma once
// The store's file and its write-ahead log as they lie on the disk, read without SQLite: which pages are as
// they were written, and whether the log is whole. https://www.sqlite.org/fileformat2.html

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/store/log_seal.hpp"
#include "daemon/store/page_check.hpp"

namespace gatehouse {

using PageBytes = std::array<char, store_page_size>;

/// What the log is worth.
enum class LogState {
  none_needed,  ///< there is none, or all of it is in the file
  whole,        ///< all that its seal says is there
  not_needed,   ///< it is damaged, but all that it had is in the file: SQLite must not see it
  behind,       ///< commits are missing from it: the file alone is of a time before
  unknown,      ///< there is no seal that says what it had
};

/// What can be told of a file before it is opened.
class StoreImage {
 public:
  /// Opens both read-only. Nothing is locked: while somebody writes, nonsense is read.
  explicit StoreImage(const std::filesystem::path& file);
  ~StoreImage();
  StoreImage(const StoreImage&) = delete;
  StoreImage& operator=(const StoreImage&) = delete;

  /// There is a file that is not empty.
  bool there() const { return size_ > 0; }
  /// It was ours at some time: it has a seal, or the first page of a store.
  bool ours() const { return seal_.there || (header_good_ && schema_ > 0); }
  /// Its pages carry checks.
  bool checks() const { return checks_; }
  LogState log() const { return log_; }
  /// The version of its schema, as far as the first page or the seal tells; 0: nobody knows.
  std::uint32_t schema() const { return schema_; }
  bool header_good() const { return header_good_; }
  /// As many as it has, or should have.
  std::uint32_t pages() const { return pages_; }

  /// The page as it is in force; false where it cannot be read or is not as it was written.
  bool read(std::uint32_t number, PageBytes& page) const;
  /// The pages that are not whole, looking for so long at most; those that the log has anew do not count.
  std::vector<std::uint32_t> broken_pages(std::chrono::steady_clock::duration at_most, bool& all_seen) const;

 private:
  void read_log();
  void judge_log();
  bool read_first(PageBytes& page) const;
  void read_header();
  std::uint32_t word(const PageBytes& page, std::size_t at) const;

  int file_ = -1;
  int log_file_ = -1;
  std::uint64_t size_ = 0;
  SealFound seal_;
  LogState log_ = LogState::none_needed;
  std::uint32_t log_salt1_ = 0, log_salt2_ = 0;
  std::uint32_t log_frames_ = 0;                             ///< up to the last whole commit
  std::uint32_t log_pages_ = 0;                              ///< size of the database after that
  bool log_readable_ = false;                                ///< its header is good
  std::unordered_map<std::uint32_t, std::uint64_t> in_log_;  ///< where each page's newest content begins
  bool checks_ = false;
  bool header_good_ = false;
  std::uint32_t schema_ = 0;
  std::uint32_t pages_ = 0;
};

}  // namespace gatehouse
