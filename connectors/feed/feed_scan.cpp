#include "connectors/feed/feed_scan.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {
namespace {

constexpr std::size_t slice = std::size_t{1024} * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t most_tail = max_feed_line + 4096;  ///< an end line and some blank ones behind it

Error in_line(std::uint64_t line, const Error& why) {
  return {why.code, fmt::format("line {}: {}", line, why.detail)};
}

Error too_long(std::uint64_t line) {
  return in_line(line, {Errc::malformed, fmt::format("it is longer than {} bytes", max_feed_line)});
}

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

FeedScan::FeedScan(FileHandle file, std::vector<SourceField> fields, Take take)
    : file_(std::move(file)), fields_(std::move(fields)), take_(std::move(take)) {}

Result<bool> FeedScan::read_on() {
  const std::size_t kept = pending_.size();
  pending_.resize(kept + slice);
  const auto count = ::pread(file_.get(), pending_.data() + kept, slice, static_cast<off_t>(bytes_));
  const int code = errno;
  pending_.resize(kept + (count > 0 ? static_cast<std::size_t>(count) : 0));
  if (count < 0 && code == EINTR) return true;
  if (count < 0) return system_error("read it", code);
  if (count == 0) {
    auto whole = finish();
    if (!whole) return whole.error();
    return false;
  }
  const bool at_beginning = bytes_ == 0;
  bytes_ += static_cast<std::uint64_t>(count);
  if (bytes_ > max_feed_file) {
    return Error{Errc::malformed, fmt::format("it is larger than {} MiB", max_feed_file / 1024 / 1024)};
  }
  if (at_beginning && pending_.starts_with(byte_order_mark)) pending_.erase(0, byte_order_mark.size());
  auto taken = split();
  if (!taken) return taken.error();
  return true;
}

Result<void> FeedScan::split() {
  std::string_view rest = pending_;
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    auto taken = take_line(rest.substr(0, end));
    if (!taken) return taken;
    rest.remove_prefix(end + 1);
  }
  if (rest.size() > max_feed_line + 1) return too_long(line_ + 1);  // a carriage return may be its last byte
  pending_.erase(0, pending_.size() - rest.size());
  return {};
}

Result<void> FeedScan::take_line(std::string_view line) {
  ++line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > max_feed_line) return too_long(line_);
  if (is_blank_line(line)) return {};
  if (end_) {
    return in_line(line_, {Errc::malformed, "it stands behind the end line; write one snapshot to one file"});
  }
  auto parsed = parse_feed_line(line, fields_);
  if (!parsed) return in_line(line_, parsed.error());
  if (const auto* end = std::get_if<FeedEnd>(&*parsed)) {
    end_ = *end;
    return {};
  }
  auto& record = std::get<SourceRecord>(*parsed);
  seen_.emplace_back(record.number, line_);
  if (take_) take_(std::move(record));
  return {};
}

Result<void> FeedScan::finish() {
  if (!pending_.empty()) {
    auto taken = take_line(pending_);
    pending_.clear();
    if (!taken) return taken;
  }
  if (!end_) return Error{Errc::incomplete, "it has no end line {\"end\":true,\"count\":N}"};
  if (end_->count != seen_.size()) {
    return Error{Errc::incomplete,
                 fmt::format("line {}: the end line counts {}, the file has {}; it was cut, or two programs "
                             "wrote it at once",
                             line_, end_->count, seen_.size())};
  }
  std::ranges::sort(seen_);
  const auto same = std::ranges::adjacent_find(seen_, {}, [](const auto& one) { return one.first; });
  if (same != seen_.end()) {
    return in_line(std::next(same)->second,
                   {Errc::malformed,
                    fmt::format("it has the external_id of line {}; one person, one line", same->second)});
  }
  return {};
}

}  // namespace gatehouse
