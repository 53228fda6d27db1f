#include "daemon/host/journal_log.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <array>
#include <cstdio>
#include <cstdlib>

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

namespace gatehouse {
namespace {

/// systemd.exec(5): JOURNAL_STREAM names the device and inode of a standard error that is the journal's.
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino) == stream;
}

/// syslog(3)'s numbers.
int priority_of(Level level) {
  switch (level) {
    case Level::debug:
      return 7;
    case Level::info:
      return 6;
    case Level::warning:
      return 4;
    case Level::error:
      return 3;
  }
  return 6;
}

std::string_view word_of(Level level) {
  constexpr std::array<std::string_view, 4> words{"debug", "info", "warning", "error"};
  return words[static_cast<std::size_t>(level)];
}

}  // namespace

JournalLog::JournalLog(Level least) : least_(least), journal_(stderr_is_journal()) {}

void JournalLog::write(Level level, std::string_view text, std::initializer_list<LogField> fields) {
  if (level < least_) return;
  if (journal_) {
    std::vector<std::string> lines{"PRIORITY=" + std::to_string(priority_of(level)),
                                   "SYSLOG_IDENTIFIER=gatehoused", "MESSAGE=" + std::string(text)};
    for (const auto& [name, value] : fields)
      lines.push_back("GATEHOUSE_" + std::string(name) + '=' + std::string(value));
    std::vector<iovec> parts;
    parts.reserve(lines.size());
    for (auto& line : lines) parts.push_back({.iov_base = line.data(), .iov_len = line.size()});
    if (sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0) return;
  }
  std::string line(word_of(level));
  line += ": ";
  line += text;
  for (const auto& [name, value] : fields) {
    line += ' ';
    line += name;
    line += '=';
    line += value;
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::optional<Level> parse_level(std::string_view text) {
  for (auto level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (word_of(level) == text) return level;
  }
  return std::nullopt;
}

}  // namespace gatehouse
