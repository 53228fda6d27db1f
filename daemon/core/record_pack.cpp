#include "daemon/core/record_pack.hpp"

#include <cstring>

namespace gatehouse {
namespace {

constexpr std::size_t block_size = 64 * 1024;

template <typename Number>
void put_number(std::string& out, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

void put_instant(std::string& out, const std::optional<Instant>& at) {
  put_number(out, at ? at->time_since_epoch().count() : std::int64_t{INT64_MIN});
}

template <typename Number>
Number get_number(const std::string& in, std::size_t& at) {
  Number number;
  std::memcpy(&number, in.data() + at, sizeof number);
  at += sizeof number;
  return number;
}

std::string get_text(const std::string& in, std::size_t& at) {
  const auto size = get_number<std::uint32_t>(in, at);
  std::string text = in.substr(at, size);
  at += size;
  return text;
}

std::optional<Instant> get_instant(const std::string& in, std::size_t& at) {
  const auto ms = get_number<std::int64_t>(in, at);
  if (ms == INT64_MIN) return std::nullopt;
  return Instant(std::chrono::milliseconds(ms));
}

void put_list(std::string& out, const std::vector<std::string>& items) {
  put_number(out, static_cast<std::uint32_t>(items.size()));
  for (const auto& item : items) put_text(out, item);
}

std::vector<std::string> get_list(const std::string& in, std::size_t& at) {
  std::vector<std::string> items(get_number<std::uint32_t>(in, at));
  for (auto& item : items) item = get_text(in, at);
  return items;
}

SourceRecord unpack(const std::string& in, std::size_t& at) {
  SourceRecord record;
  record.number = get_number<std::int64_t>(in, at);
  record.external_id = get_text(in, at);
  record.group = get_text(in, at);
  record.department = get_text(in, at);
  record.access_levels = get_list(in, at);
  record.valid_from = get_instant(in, at);
  record.valid_until = get_instant(in, at);
  record.values = get_list(in, at);
  record.email_verified = get_number<char>(in, at) != 0;
  return record;
}

}  // namespace

void RecordPack::put(const SourceRecord& record) {
  if (blocks_.empty() || blocks_.back().size() >= block_size) {
    blocks_.emplace_back();
    blocks_.back().reserve(block_size + 1024);
  }
  std::string& out = blocks_.back();
  put_number(out, record.number);
  put_text(out, record.external_id);
  put_text(out, record.group);
  put_text(out, record.department);
  put_list(out, record.access_levels);
  put_instant(out, record.valid_from);
  put_instant(out, record.valid_until);
  put_list(out, record.values);
  put_number(out, static_cast<char>(record.email_verified ? 1 : 0));
  ++count_;
}

std::optional<SourceRecord> RecordPack::take() {
  if (count_ == 0) return std::nullopt;
  if (read_at_ >= blocks_.front().size()) {
    blocks_.pop_front();
    read_at_ = 0;
  }
  auto record = unpack(blocks_.front(), read_at_);
  --count_;
  return record;
}

void RecordPack::for_each(const std::function<void(const SourceRecord&, Place)>& visit) const {
  for (std::size_t block = 0; block < blocks_.size(); ++block) {
    std::size_t at = block == 0 ? read_at_ : 0;
    while (at < blocks_[block].size()) {
      const Place place{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(at)};
      visit(unpack(blocks_[block], at), place);
    }
  }
}

SourceRecord RecordPack::at(Place place) const {
  std::size_t at = place.offset;
  return unpack(blocks_[place.block], at);
}

}  // namespace gatehouse
