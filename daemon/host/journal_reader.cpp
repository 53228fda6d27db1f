#include "daemon/host/journal_reader.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>

#include <systemd/sd-journal.h>

namespace gatehouse {
namespace {

struct CloseJournal {
  void operator()(sd_journal* journal) const { sd_journal_close(journal); }
};

std::string field_of(sd_journal* journal, const char* name) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (sd_journal_get_data(journal, name, &data, &size) < 0) return {};
  std::string text(static_cast<const char*>(data), size);
  return text.substr(std::min(text.find('=') + 1, text.size()));
}

}  // namespace

Result<std::vector<std::string>> last_journal_lines(const std::string& unit, std::size_t at_most,
                                                    Duration at_most_time) {
  const auto until = std::chrono::steady_clock::now() + at_most_time;
  sd_journal* opened = nullptr;
  if (const int code = sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM); code < 0)
    return Error{Errc::forbidden, std::string("the journal cannot be opened: ") + std::strerror(-code)};
  const std::unique_ptr<sd_journal, CloseJournal> journal(opened);
  const std::string match = "_SYSTEMD_UNIT=" + unit;
  if (sd_journal_add_match(opened, match.c_str(), match.size()) < 0 || sd_journal_seek_tail(opened) < 0)
    return Error{Errc::forbidden, "the journal cannot be searched"};
  std::vector<std::string> lines;
  while (lines.size() < at_most && std::chrono::steady_clock::now() < until &&
         sd_journal_previous(opened) > 0) {
    std::uint64_t microseconds = 0;
    sd_journal_get_realtime_usec(opened, &microseconds);
    const Instant at{std::chrono::duration_cast<Duration>(std::chrono::microseconds(microseconds))};
    lines.push_back(format_utc(at) + ' ' + field_of(opened, "PRIORITY") + ' ' + field_of(opened, "MESSAGE"));
  }
  if (lines.empty())
    return Error{Errc::not_found, "the journal has nothing of " + unit +
                                      ", or nothing that you may read (group systemd-journal, or root)"};
  std::ranges::reverse(lines);
  return lines;
}

}  // namespace gatehouse
