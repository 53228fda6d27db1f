#include "daemon/cli/plan_words.hpp"

#include <array>

#include <boost/json/array.hpp>

#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_views.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/words.hpp"

namespace gatehouse {
namespace {

using boost::json::value;

std::string change_count(const value& plan) {
  const auto count = number_field(plan, "count").value_or(0);
  return count_words(count < 0 ? 0 : static_cast<std::uint64_t>(count), "change", "changes");
}

std::string table_of(const ListView& view, const boost::json::array& items, std::size_t width) {
  std::vector<Row> rows;
  for (const auto& one : items) rows.push_back(make_row(view, one));
  return rows.empty() ? "" : make_table(view, width).lines(rows);
}

std::string headline(const value& plan) {
  const auto integration = text_field(plan, "integration");
  std::string out = "Plan " + text_field(plan, "plan") + ": " + text_field(plan, "kind") + ", " +
                    (integration.empty() ? "all synced people" : integration) + ", " + change_count(plan);
  const auto state = text_field(plan, "state");
  if (!state.empty() && state != "open") out += ", " + state;
  return harmless(out) + '\n';
}

std::string how_to_apply(const value& plan) {
  const auto state = text_field(plan, "state");
  if (!state.empty() && state != "open") return "";
  const auto expires = text_field(plan, "expires");
  return "Nothing of this has happened yet. To do it" +
         (expires.empty() ? "" : ", before " + local_time(expires)) + ":\n  " + apply_command(plan) + '\n';
}

std::string next_step(const value& run) {
  const auto outcome = text_field(run, "outcome");
  const auto of = text_field(run, "integration");
  const auto plan = text_field(run, "plan");
  const auto read = plan.empty() ? std::string("gatehouse plan list") : "gatehouse plan show " + plan;
  if (outcome == "guarded") return "removals were withheld; read them: " + read;
  if (outcome == "draft") return "nothing of it happens before somebody confirms it; read it: " + read;
  if (outcome == "completed_with_issues") return "see: gatehouse issue list --integration " + of;
  if (outcome == "failed" || outcome == "partial") return "see: gatehouse integration check " + of;
  return "";
}

std::string concerned(const value& plan) {
  std::string out;
  const auto add = [&](const char* path, const char* one, const char* many) {
    const auto count = number_field(plan, path);
    if (!count) return;
    out += (out.empty() ? "Of these, " : ", ") + number_words(*count) + " " + (*count == 1 ? one : many);
  };
  add("with_grants", "has grants", "have grants");
  add("decoupled", "is decoupled", "are decoupled");
  return out.empty() ? "" : out + ".\n";
}

}  // namespace

std::string apply_command(const value& plan) {
  return harmless("gatehouse plan apply " + text_field(plan, "plan") + " --confirm " +
                  std::to_string(number_field(plan, "count").value_or(0)));
}

void ChangeTable::add(const boost::json::array& changes) {
  for (const auto& change : changes) {
    ++counts_[text_field(change, "op")];
    rows_.push_back(make_row(changes_view(), change));
  }
}

std::string ChangeTable::words(std::size_t width) const {
  if (rows_.empty()) return "no changes\n";
  static constexpr std::array ops{"add", "update", "link", "disable", "remove"};
  std::string out;
  for (const std::string op : ops) {
    const auto found = counts_.find(op);
    if (found != counts_.end())
      out += "  " + op + std::string(9 - op.size(), ' ') + number_words(found->second) + '\n';
  }
  return out + '\n' + make_table(changes_view(), width).lines(rows_);
}

bool plan_has_ended(const value& plan) {
  const auto state = text_field(plan, "state");
  return state == "applied" || state == "superseded" || state == "discarded";
}

std::string plan_words(const value& plan, const ChangeTable& changes, std::size_t width) {
  if (plan_has_ended(plan) && changes.size() == 0)
    return headline(plan) + "What it listed is no longer kept.\n";
  return headline(plan) + changes.words(width) + '\n' + how_to_apply(plan);
}

std::string removal_words(const value& plan, const std::string& fate, bool switched_off, std::size_t width) {
  const auto& sample = list_field(plan, "sample");
  const auto count = number_field(plan, "count").value_or(0);
  std::string out = headline(plan);
  if (!sample.empty()) out += "For example:\n" + table_of(changes_view(), sample, width);
  const auto more = count - static_cast<std::int64_t>(sample.size());
  if (more > 0)
    out += "and " + number_words(more) + " more: gatehouse plan show " + harmless(text_field(plan, "plan")) +
           '\n';
  out += concerned(plan) + '\n';
  if (fate == "delete") {
    out +=
        "This cannot be undone: these people's grants and custom tags are lost with them.\n"
        "The history of what they did at the doors is kept.\n";
  } else if (fate == "disable") {
    out += "These people stay, with their grants and custom tags, but without access through this source.\n";
  } else {
    out += "These people stay as they are, and no run changes them any more.\n";
  }
  const auto integration = text_field(plan, "integration");
  const auto which = integration.empty() ? std::string("ID") : harmless(integration);
  if (switched_off) {
    out +=
        "What they came from is switched off as well, though the configuration has it enabled; on again:\n"
        "  gatehouse integration resume " +
        which + '\n';
  } else {
    out += "What they came from stays on: its next run brings them back without their grants and tags.\n";
  }
  return out + how_to_apply(plan);
}

std::string ended_runs_words(const value& document, std::size_t width) {
  const auto& runs = list_field(document, "runs");
  if (runs.empty()) return "no integration is enabled, so nothing was run\n";
  std::string out = table_of(ended_runs_view(), runs, width);
  for (const auto& run : runs) {
    const auto step = next_step(run);
    if (!step.empty()) out += harmless(text_field(run, "integration") + ": " + step) + '\n';
    if (find_field(run, "changes") == nullptr) continue;
    ChangeTable changes;
    changes.add(list_field(run, "changes"));
    out += '\n' + harmless(text_field(run, "integration")) + " would change:\n" + changes.words(width);
  }
  return out;
}

}  // namespace gatehouse
