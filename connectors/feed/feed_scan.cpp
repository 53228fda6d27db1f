#include "connectors/feed/feed_scan.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {
namespace {

constexpr std::size_t slice = std::size_t{1024} * 1024;
constexpr std::size_t most_tail = max_feed_line + 4096;  ///< an end line and some blank ones behind it

}  // namespace

Result<bool> has_end_line(const FileHandle& file) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_error("look at it", errno);
  const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  std::string tail(std::min(size, most_tail), '\0');
  std::size_t got = 0;
  while (got < tail.size()) {
    const auto at = static_cast<off_t>(size - tail.size() + got);
    const auto count = ::pread(file.get(), tail.data() + got, tail.size() - got, at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read its end", errno);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  std::string_view rest(tail.data(), got);
  if (got == size && rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  const auto last = rest.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return false;
  rest = rest.substr(0, last + 1);
  const auto before = rest.rfind('\n');
  // Its beginning lies further back: a line that long is no end line.
  if (before == std::string_view::npos && got < size) return false;
  const auto line = parse_feed_line(before == std::string_view::npos ? rest : rest.substr(before + 1), {});
  return line && std::holds_alternative<FeedEnd>(*line);
}

FeedScan::FeedScan(FileHandle file, std::vector<SourceField> fields, FeedLines::Take take)
    : file_(std::move(file)), slice_(slice, '\0'), lines_(std::move(fields), std::move(take)) {}

Result<bool> FeedScan::read_on() {
  const auto count = ::pread(file_.get(), slice_.data(), slice_.size(), static_cast<off_t>(lines_.bytes()));
  if (count < 0 && errno == EINTR) return true;
  if (count < 0) return system_error("read it", errno);
  if (count == 0) {
    auto whole = lines_.finish();
    if (!whole) return whole.error();
    return false;
  }
  auto taken = lines_.add(std::string_view(slice_).substr(0, static_cast<std::size_t>(count)));
  if (!taken) return taken.error();
  return true;
}

}  // namespace gatehouse
