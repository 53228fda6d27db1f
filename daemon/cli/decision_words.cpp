#include "daemon/cli/decision_words.hpp"

#include <algorithm>

#include <boost/json/array.hpp>

#include "daemon/cli/cells.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_views.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse {
namespace {

using boost::json::value;
using cells::join;

std::string table_of(const ListView& view, const boost::json::array& items, std::size_t width) {
  std::vector<Row> rows;
  for (const auto& one : items) rows.push_back(make_row(view, one));
  return rows.empty() ? "" : make_table(view, width).lines(rows);
}

std::string who(const value& decision) {
  const auto type = text_field(decision, "person_type");
  auto name = text_field(decision, "name");
  if (name.empty()) name = text_field(decision, "person_id");
  if (name.empty()) return "Nobody who is known";
  return name + (type.empty() ? "" : " (" + type + ")");
}

std::string circumstances(const value& decision) {
  std::string out = who(decision) + ", " + text_field(decision, "direction") + " at " +
                    text_field(decision, "access_point") + " by " + text_field(decision, "mode");
  const auto at = text_field(decision, "at");
  if (!at.empty()) out += ", " + local_time(at);
  return harmless(out) + '\n';
}

std::string step_words(const value& step) {
  const auto result = text_field(step, "result");
  std::string out = (result == "fail" ? "FAIL" : result) + "  " + text_field(step, "check");
  std::string about = text_field(step, "door");
  about = join(about, text_field(step, "fact"), ": ");
  const auto until = text_field(step, "until");
  if (!until.empty()) about = join(about, local_time(until), ", ");
  if (const auto age = number_field(step, "age_s")) about = join(about, duration_words(*age) + " old", ", ");
  return "  " + harmless(join(out, about, "  ")) + '\n';
}

}  // namespace

std::string decision_words(const value& decision, std::size_t width) {
  const bool allowed = text_field(decision, "outcome") == "allow";
  std::string out = harmless((allowed ? "ALLOWED: " : "DENIED: ") + text_field(decision, "reason")) + '\n';
  const auto sentence = text_field(decision, "sentence");
  if (!sentence.empty()) out += "To be said: " + harmless(sentence) + '\n';
  out += circumstances(decision);
  const auto& doors = list_field(decision, "doors");
  if (!doors.empty()) out += '\n' + table_of(decided_doors_view(), doors, width);
  const auto& trace = list_field(decision, "trace");
  if (!trace.empty()) out += "\nHow it came about\n";
  for (const auto& step : trace) {
    const auto line = step_words(step);
    out += width > 0 ? cut_to_width(line.substr(0, line.size() - 1), width) + '\n' : line;
  }
  return out;
}

std::string basis_words(const value& decision) {
  const auto* basis = find_field(decision, "basis");
  if (basis == nullptr) return "\nWhat it rested on can no longer be read.\n";
  std::string out = "\nWhat it rested on\n";
  std::string sources;
  for (const auto& source : list_field(*basis, "sources")) {
    sources = join(
        sources,
        text_field(source, "integration") + (bool_field(source, "present") == false ? " (gone)" : ""), ", ");
  }
  if (!sources.empty()) out += "  sources  " + harmless(sources) + '\n';
  const auto age = number_field(*basis, "age_s");
  out += "  age      " + (age ? duration_words(*age) : std::string("never proved current")) +
         (bool_field(*basis, "by_wall_clock") == true ? ", reckoned over a restart" : "") + '\n';
  out += "  clock    " + harmless(text_field(*basis, "clock")) + '\n';
  const auto count = [&](const char* path) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number_field(*basis, path).value_or(0), 0));
  };
  out += "  beside   " + count_words(count("grants"), "grant", "grants") + ", " +
         count_words(count("visits"), "visit", "visits") + '\n';
  out += "  policy   " + harmless(text_field(decision, "policy_revision")) + '\n';
  return out;
}

std::string replay_words(const value& document, std::size_t width) {
  const auto number = [&](const char* path) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number_field(document, path).value_or(0), 0));
  };
  std::string out = "Decided again: " + count_words(number("looked_at"), "sign-in", "sign-ins") + "; " +
                    count_words(number("changed"), "would end otherwise", "would end otherwise") + ".\n";
  if (number("unreadable") > 0)
    out +=
        count_words(number("unreadable"), "was", "were") + " kept in a form that cannot be read any more.\n";
  if (number("other_reason") > 0)
    out +=
        count_words(number("other_reason"), "would end alike", "would end alike") + " for another reason.\n";
  const auto& changed = list_field(document, "decisions");
  if (changed.empty()) return out;
  out += count_words(number("newly_denied"), "sign-in", "sign-ins") + " would now be refused, " +
         count_words(number("newly_allowed"), "let in", "let in") + ", " +
         count_words(number("other_doors"), "let in by other doors", "let in by other doors") + ":\n\n" +
         table_of(replay_view(), changed, width);
  if (number("left_out") > 0)
    out += "and " + number_words(static_cast<std::int64_t>(number("left_out"))) + " more\n";
  return out;
}

}  // namespace gatehouse
