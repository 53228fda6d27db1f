// Messages about somebody who is being erased: what waits and what was refused.
#include <algorithm>
#include <utility>

#include "daemon/store/outbox_tables.hpp"

namespace gatehouse {

namespace {

/// SQLite looks through a payload where it lies.
std::string having(const std::vector<std::string>& words) {
  std::string condition;
  for (std::size_t i = 0; i < words.size(); ++i)
    condition += (i == 0 ? " WHERE instr(payload, ?) > 0" : " OR instr(payload, ?) > 0");
  return condition + " ORDER BY row";
}

}  // namespace

/// Each run of numbers is named by a gap.
std::uint64_t OutboxTables::erase(const std::vector<std::string>& words,
                                  const std::function<bool(Lane lane, const std::string& payload)>& about) {
  constexpr std::string_view cause = "erased";
  constexpr std::string_view why = "the person whom these messages were about was erased";
  std::vector<std::pair<std::int64_t, std::uint64_t>> rows;  // with their sizes
  struct Missing {
    Lane lane;
    std::string stream;  ///< of the row: an earlier one where the store was restored meanwhile
    Run run;
  };
  std::vector<Missing> runs;
  {
    Statement row = db_.use("SELECT row, sequence, bytes, payload FROM outbox" + having(words));
    for (const auto& word : words) row.bind(word);
    while (row.step()) {
      const Lane lane = lane_of(row.integer(0));
      if (!about(lane, row.text(3))) continue;
      rows.emplace_back(row.integer(0), static_cast<std::uint64_t>(row.integer(2)));
      const auto sequence = static_cast<std::uint64_t>(row.integer(1));
      if (sequence == 0) continue;
      auto stream = message_stream(row.text(3));
      const bool goes_on = !runs.empty() && runs.back().lane == lane && runs.back().stream == stream &&
                           runs.back().run.to + 1 == sequence;
      if (goes_on)
        runs.back().run.to = sequence;
      else
        runs.push_back({lane, std::move(stream), {sequence, sequence}});
    }
  }
  for (const auto& [row, bytes] : rows) {
    db_.use("DELETE FROM outbox WHERE row = ?").bind(row).run();
    subtract(lane_of(row), 1, bytes);
  }
  for (const auto& [lane, stream, run] : runs) {
    append_gap({lane, run.from, run.to, run.to - run.from + 1, std::string(cause), std::string(why)}, stream);
  }
  std::vector<std::int64_t> letters;
  {
    Statement row = db_.use("SELECT row, payload FROM dead_letter" + having(words));
    for (const auto& word : words) row.bind(word);
    while (row.step()) {
      if (about(lane_of(row.integer(0)), row.text(1))) letters.push_back(row.integer(0));
    }
  }
  for (const auto row : letters) forget(dead_letter(row), why);
  return rows.size() + letters.size();
}

}  // namespace gatehouse
