#include "connectors/lan/feed_drop.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/app/on_worker.hpp"

namespace gatehouse {
namespace {

constexpr std::string_view hidden_prefix = ".lan-";
constexpr std::string_view hidden_suffix = ".part";
constexpr auto leftover_age = std::chrono::hours(1);

Error disk_error(const std::string& doing) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT;
  std::array<char, 128> words{};
  return {full ? Errc::storage_full : Errc::storage,
          doing + ": " + strerror_r(number, words.data(), words.size())};
}

}  // namespace

FeedDrop::FeedDrop(boost::asio::any_io_executor worker, std::string name,
                   std::unique_ptr<SnapshotCheck> check)
    : worker_(std::move(worker)),
      name_(std::move(name)),
      hidden_(std::string(hidden_prefix) + name_ + std::string(hidden_suffix)),
      check_(std::move(check)) {}

FeedDrop::~FeedDrop() {
  if (file_ >= 0) ::close(file_);
  if (there_) ::unlinkat(directory_, hidden_.c_str(), 0);
  if (directory_ >= 0) ::close(directory_);
}

Task<Result<std::unique_ptr<FeedDrop>>> FeedDrop::begin(boost::asio::any_io_executor worker,
                                                        std::string directory, std::string name,
                                                        std::unique_ptr<SnapshotCheck> check) {
  std::unique_ptr<FeedDrop> drop(new FeedDrop(worker, std::move(name), std::move(check)));
  Result<void> opened;
  std::function<void()> work = [&] { opened = drop->open(directory); };
  co_await on_worker(worker, std::move(work));
  if (!opened) co_return opened.error();
  co_return std::move(drop);
}

Result<void> FeedDrop::open(const std::string& directory) {
  directory_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_ < 0) return disk_error("open the feed's directory " + directory);
  remove_leftovers(directory);
  file_ = ::openat(directory_, hidden_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
  if (file_ < 0) return disk_error("write into the feed's directory " + directory);
  there_ = true;
  return {};
}

/// Of a gateway that was killed in the middle of one.
void FeedDrop::remove_leftovers(const std::string& directory) const {
  std::error_code error;
  const auto now = std::filesystem::file_time_type::clock::now();
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(hidden_prefix) || !name.ends_with(hidden_suffix)) continue;
    std::error_code gone;
    const auto written = entry.last_write_time(gone);
    if (!gone && now - written > leftover_age) ::unlinkat(directory_, name.c_str(), 0);
  }
}

Task<Result<void>> FeedDrop::write(std::string piece) {
  bytes_ += piece.size();
  Result<void> written;
  std::function<void()> work = [&] {
    written = check_->add(piece);
    if (written) written = append(piece);
  };
  co_await on_worker(worker_, std::move(work));
  co_return written;
}

Result<void> FeedDrop::append(std::string_view piece) const {
  while (!piece.empty()) {
    const auto written = ::write(file_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return disk_error("write the snapshot");
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Task<Result<void>> FeedDrop::commit() {
  Result<void> published;
  std::function<void()> work = [&] {
    published = check_->finish();
    if (published) published = publish();
  };
  co_await on_worker(worker_, std::move(work));
  if (published) there_ = false;
  co_return published;
}

Result<void> FeedDrop::publish() const {
  if (::fsync(file_) != 0) return disk_error("write the snapshot");
  const std::string name = name_ + ".jsonl";
  if (::renameat(directory_, hidden_.c_str(), directory_, name.c_str()) != 0)
    return disk_error("name the snapshot");
  // From here on the feed may take it: it is not to be called a failure any more.
  ::fsync(directory_);
  return {};
}

}  // namespace gatehouse
