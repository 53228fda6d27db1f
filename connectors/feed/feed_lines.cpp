#include "connectors/feed/feed_lines.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace gatehouse {
namespace {

Error in_line(std::uint64_t line, const Error& why) {
  return {why.code, fmt::format("line {}: {}", line, why.detail)};
}

Error too_long(std::uint64_t line) {
  return in_line(line, {Errc::malformed, fmt::format("it is longer than {} bytes", max_feed_line)});
}

}  // namespace

FeedLines::FeedLines(std::vector<SourceField> fields, Take take)
    : fields_(std::move(fields)), take_(std::move(take)) {}

Result<void> FeedLines::add(std::string_view piece) {
  bytes_ += piece.size();
  if (bytes_ > max_feed_file)
    return Error{Errc::malformed, fmt::format("it is larger than {} MiB", max_feed_file / 1024 / 1024)};
  pending_ += piece;
  return split();
}

Result<void> FeedLines::split() {
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

Result<void> FeedLines::take_line(std::string_view line) {
  if (++line_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
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

Result<void> FeedLines::finish() {
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
