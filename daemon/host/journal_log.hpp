#pragma once
// The log: the journal with fields under systemd, standard error with a level in front anywhere else.

#include "daemon/app/ports.hpp"

namespace gatehouse {

class JournalLog final : public Log {
 public:
  /// Lines below `least` are left out.
  explicit JournalLog(Level least);
  void write(Level level, std::string_view text, std::initializer_list<LogField> fields = {}) override;

 private:
  const Level least_;
  const bool journal_;
};

/// "debug" | "info" | "warning" | "error".
std::optional<Level> parse_level(std::string_view text);

}  // namespace gatehouse
