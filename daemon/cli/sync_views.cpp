// Tables of the directory sync.

#include "daemon/cli/cells.hpp"
#include "daemon/cli/list_views.hpp"

namespace gatehouse {
namespace {

using namespace cells;

std::string run_outcome_cell(const value& run) {
  const auto outcome = text_field(run, "outcome");
  return outcome.empty() ? text_field(run, "phase") : outcome;
}

std::string run_finished_cell(const value& run) {
  const auto finished = text_field(run, "finished");
  return finished.empty() ? "running" : local_time(finished);
}

std::string run_counts_cell(const value& run) {
  const auto* counts = find_field(run, "counts");
  return counts == nullptr ? "" : counts_words(*counts);
}

std::string plan_integration_cell(const value& plan) {
  const auto integration = text_field(plan, "integration");
  return integration.empty() ? "all" : integration;
}

std::string link_record_cell(const value& link) {
  return join(text_field(link, "integration"), text_field(link, "external_id"), "/");
}

}  // namespace

const ListView& runs_view() {
  static const ListView view{"runs",
                             "run",
                             "runs",
                             {{"STARTED", time_cell<"started">},
                              {"FINISHED", run_finished_cell},
                              {"INTEGRATION", text_cell<"integration">},
                              {"TRIGGER", text_cell<"trigger">},
                              {"OUTCOME", run_outcome_cell},
                              {"COUNTS", run_counts_cell},
                              {"DETAIL", text_cell<"detail">}}};
  return view;
}

const ListView& ended_runs_view() {
  static const ListView view{"runs",
                             "run",
                             "runs",
                             {{"INTEGRATION", text_cell<"integration">},
                              {"OUTCOME", run_outcome_cell},
                              {"COUNTS", run_counts_cell},
                              {"DETAIL", text_cell<"detail">}}};
  return view;
}

const ListView& plans_view() {
  static const ListView view{"plans",
                             "plan",
                             "plans",
                             {{"PLAN", text_cell<"plan">},
                              {"INTEGRATION", plan_integration_cell},
                              {"KIND", text_cell<"kind">},
                              {"STATE", text_cell<"state">},
                              {"CHANGES", text_cell<"count">, true},
                              {"MADE", time_cell<"created">},
                              {"EXPIRES", time_cell<"expires">}}};
  return view;
}

const ListView& changes_view() {
  static const ListView view{"changes",
                             "change",
                             "changes",
                             {{"OP", text_cell<"op">},
                              {"EXTERNAL ID", text_cell<"external_id">},
                              {"NAME", text_cell<"name">},
                              {"FIELDS", fields_cell<"fields">}}};
  return view;
}

const ListView& issues_view() {
  static const ListView view{"issues",
                             "open issue",
                             "open issues",
                             {{"N", text_cell<"id">, true},
                              {"KIND", text_cell<"kind">},
                              {"REASON", text_cell<"reason">},
                              {"INTEGRATION", text_cell<"integration">},
                              {"EXTERNAL ID", text_cell<"external_id">},
                              {"NAME", text_cell<"name">},
                              {"FIELDS", fields_cell<"fields">},
                              {"OTHERS", fields_cell<"others">},
                              {"SINCE", time_cell<"since">}}};
  return view;
}

const ListView& activity_view() {
  static const ListView view{"activity",
                             "record",
                             "records",
                             {{"TIME", time_cell<"at">},
                              {"INTEGRATION", text_cell<"integration">},
                              {"EXTERNAL ID", text_cell<"external_id">},
                              {"NAME", text_cell<"name">},
                              {"OUTCOME", text_cell<"outcome">},
                              {"REASON", text_cell<"reason">},
                              {"FIELDS", fields_cell<"fields">},
                              {"HINT", text_cell<"hint">, false, false},
                              {"RUN", text_cell<"run">, false, false},
                              {"ID", text_cell<"id">, true, false}}};
  return view;
}

const ListView& api_calls_view() {
  static const ListView view{"calls",
                             "call",
                             "calls",
                             {{"TIME", time_cell<"at">},
                              {"INTEGRATION", text_cell<"integration">},
                              {"VERB", text_cell<"verb">},
                              {"PATH", text_cell<"path">},
                              {"STATUS", text_cell<"status">, true},
                              {"MS", text_cell<"ms">, true},
                              {"BYTES", text_cell<"bytes">, true},
                              {"ERROR", text_cell<"error">}}};
  return view;
}

const ListView& links_view() {
  static const ListView view{"links",
                             "record",
                             "records",
                             {{"RECORD", link_record_cell},
                              {"PRESENT", yes_no_cell<"present">},
                              {"LINKED", time_cell<"linked">},
                              {"BY", text_cell<"rule">},
                              {"EVIDENCE", text_cell<"evidence">},
                              {"NOT SYNCED", text_cell<"skip">},
                              {"SET HERE", fields_cell<"overrides">}}};
  return view;
}

}  // namespace gatehouse
