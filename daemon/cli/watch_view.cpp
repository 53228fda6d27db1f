#include "daemon/cli/watch_view.hpp"

#include <algorithm>
#include <utility>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_views.hpp"
#include "daemon/cli/status_view.hpp"
#include "daemon/cli/terminal_text.hpp"

namespace gatehouse {
namespace {

using boost::json::array;
using boost::json::value;
using Lines = std::vector<std::string>;

constexpr std::size_t most_troubles = 3;
constexpr std::size_t most_integrations = 5;

Lines split(const std::string& text) {
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// A title with a rule behind it.
std::string title(const std::string& words, std::size_t width) {
  std::string line = words + " ";
  for (auto used = display_width(line); used < width; ++used) line += "─";
  return line;
}

/// The newest items that fit into so many lines, oldest first; a column heading is not worth a line here.
Lines newest(const ListView& view, const array& items, std::size_t most, std::size_t width) {
  const auto first = items.size() > most ? items.size() - most : 0;
  std::vector<Row> rows;
  for (auto at = first; at < items.size(); ++at) rows.push_back(make_row(view, items[at]));
  auto lines = split(make_table(view, width).lines(rows));
  if (!lines.empty()) lines.erase(lines.begin());  // the headings
  return lines;
}

ListView usual(const ListView& view, const std::vector<std::string>& columns) {
  auto chosen = choose_columns(view, columns);
  return chosen ? std::move(*chosen) : view;
}

Lines links(const value& status, std::size_t most, std::size_t width) {
  auto lines = split(cloud_and_queue_words(status));
  const auto& all = list_field(status, "integrations");
  std::vector<Row> rows;
  static const ListView view =
      usual(integrations_view(), {"id", "status", "people", "issues", "last_run", "events_behind"});
  // Those that are not well come first: where there is no room, the others are counted.
  std::vector<const value*> order;
  for (const bool well : {false, true}) {
    for (const auto& one : all) {
      if (integration_troubles(one).empty() == well) order.push_back(&one);
    }
  }
  for (const auto* one : order) {
    if (rows.size() == most) break;
    rows.push_back(make_row(view, *one));
  }
  if (!rows.empty()) std::ranges::move(split(make_table(view, width).lines(rows)), std::back_inserter(lines));
  if (all.size() > rows.size()) lines.push_back("and " + std::to_string(all.size() - rows.size()) + " more");
  return lines;
}

Lines troubles(const WatchFacts& facts) {
  if (!facts.trouble.empty()) return {"! " + facts.trouble.substr(0, facts.trouble.find('\n'))};
  const auto all = find_troubles(facts.status);
  if (all.empty()) return {"All is well."};
  Lines lines;
  for (const auto& trouble : all) {
    if (lines.size() == most_troubles) break;
    lines.push_back("! " + trouble.what + (trouble.remedy.empty() ? "" : "  → " + trouble.remedy));
  }
  if (all.size() > lines.size())
    lines.back() = "! and " + std::to_string(all.size() - lines.size() + 1) + " more: gatehouse status";
  return lines;
}

struct Section {
  std::string title;
  const ListView* view;
  const array* items;
  std::size_t lines = 0;  ///< with the title; less than two: there is no room for it

  std::size_t wanted() const { return std::max<std::size_t>(items->size(), 1) + 1; }
};

}  // namespace

std::vector<std::string> watch_lines(const WatchFacts& facts, ScreenSize size, const std::string& now) {
  Lines lines;
  std::string head = facts.status.is_object() ? gateway_words(facts.status) : "Gatehouse";
  const std::string corner = now + "  q quits";
  const auto room = size.width > display_width(corner) + 2 ? size.width - display_width(corner) - 2 : 0;
  head = cut_to_width(harmless(head), room);
  head += std::string(room - std::min(room, display_width(head)) + 2, ' ') + corner;
  lines.push_back(head);
  for (auto& line : troubles(facts)) lines.push_back(std::move(line));

  if (facts.status.is_object()) {
    const auto most = size.height > 20 ? most_integrations : std::size_t{2};
    for (auto& line : links(facts.status, most, size.width)) lines.push_back(std::move(line));
    static const ListView events = usual(events_view(), {"time", "door", "who", "what"});
    static const ListView decisions =
        usual(decisions_view(), {"time", "outcome", "reason", "access_point", "who"});
    static const ListView issues = usual(issues_view(), {"n", "kind", "reason", "integration", "name"});
    const auto open = facts.issues.size();
    Section sections[] = {
        {"Events", &events, &facts.events},
        {"Decisions", &decisions, &facts.decisions},
        {"Issues" + (open == 0 ? std::string() : " (" + std::to_string(open) + " open)"), &issues,
         &facts.issues},
    };
    // A quarter each for decisions and issues, as far as they need it; the rest is for events.
    auto left = size.height > lines.size() ? size.height - lines.size() : 0;
    const auto quarter = left < 8 ? 0 : left / 4;
    for (auto* section : {&sections[1], &sections[2], &sections[0]}) {
      section->lines = std::min({section == &sections[0] ? left : quarter, section->wanted(), left});
      left -= section->lines;
    }
    for (const auto& section : sections) {
      if (section.lines < 2) continue;
      lines.push_back(title(section.title, size.width));
      auto shown = newest(*section.view, *section.items, section.lines - 1, size.width);
      if (shown.empty()) shown.emplace_back("none");
      for (auto& line : shown) lines.push_back(std::move(line));
    }
  }
  if (lines.size() > size.height) lines.resize(size.height);
  for (auto& line : lines) line = cut_to_width(harmless(line), size.width);
  return lines;
}

std::string watch_line(const WatchFacts& facts) {
  if (!facts.trouble.empty()) return harmless(facts.trouble.substr(0, facts.trouble.find('\n')));
  const auto& status = facts.status;
  std::string line = text_field(status, "gateway") + ": ";
  line += bool_field(status, "cloud.configured") == false ? "no cloud configured"
          : bool_field(status, "cloud.connected") == true ? "cloud connected"
                                                          : "cloud NOT connected";
  line += ", " + text_field(status, "outbox.pending") + " waiting";
  for (const auto& one : list_field(status, "integrations"))
    line += ", " + text_field(one, "id") + " " + text_field(one, "status");
  const auto all = find_troubles(status);
  if (!all.empty()) line += "; " + all.front().what;
  if (all.size() > 1) line += " (and " + std::to_string(all.size() - 1) + " more: gatehouse status)";
  return harmless(line);
}

}  // namespace gatehouse
