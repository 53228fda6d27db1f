// Tables of decisions, presence and the audit.

#include "daemon/cli/cells.hpp"
#include "daemon/cli/list_views.hpp"

namespace gatehouse {
namespace {

using namespace cells;

std::string decision_doors_cell(const value& decision) {
  std::string out;
  for (const auto& door : list_field(decision, "doors")) {
    out = join(out, text_field(door, "door") + " " + text_field(door, "command"), ", ");
  }
  return out;
}

std::string decision_who_cell(const value& decision) {
  const auto id = text_field(decision, "person_id");
  return id.empty() ? "nobody known" : id;
}

std::string replayed_who_cell(const value& decision) {
  const auto id = text_field(decision, "person");
  return id.empty() ? "nobody known" : id;
}

template <Path path>
std::string ending_cell(const value& decision) {
  const auto* ending = find_field(decision, path.text);
  return ending == nullptr ? "" : join(text_field(*ending, "outcome"), text_field(*ending, "reason"), " ");
}

std::string muster_name_cell(const value& present) {
  const auto name = text_field(present, "name");
  return name.empty() ? "(name cannot be read)" : name;
}

// Where it was seen: at an access point, or at a door.
std::string muster_where_cell(const value& present) {
  const auto point = text_field(present, "access_point");
  return point.empty() ? text_field(present, "door") : point;
}

std::string audit_detail_cell(const value& row) {
  if (bool_field(row, "erased") == true) return "(erased)";
  return fields_cell<"detail">(row);
}

}  // namespace

const ListView& decisions_view() {
  static const ListView view{"decisions",
                             "decision",
                             "decisions",
                             {{"TIME", time_cell<"at">},
                              {"OUTCOME", text_cell<"outcome">},
                              {"REASON", text_cell<"reason">},
                              {"ACCESS POINT", text_cell<"access_point">},
                              {"WHO", decision_who_cell},
                              {"TYPE", text_cell<"person_type">},
                              {"VIA", text_cell<"via">},
                              {"DOORS", decision_doors_cell},
                              {"ID", text_cell<"id">}}};
  return view;
}

const ListView& decided_doors_view() {
  static const ListView view{"doors",
                             "door",
                             "doors",
                             {{"DOOR", text_cell<"door">},
                              {"OUTCOME", text_cell<"outcome">},
                              {"REASON", text_cell<"reason">},
                              {"COMMAND", text_cell<"command">},
                              {"WHY", text_cell<"why">}}};
  return view;
}

const ListView& replay_view() {
  static const ListView view{"decisions",
                             "sign-in would end otherwise",
                             "sign-ins would end otherwise",
                             {{"TIME", time_cell<"at">},
                              {"ACCESS POINT", text_cell<"access_point">},
                              {"WHO", replayed_who_cell},
                              {"WAS", ending_cell<"was">},
                              {"WOULD BE", ending_cell<"would_be">},
                              {"DECISION", text_cell<"id">}}};
  return view;
}

const ListView& muster_view() {
  static const ListView view{"on_site",
                             "person on site",
                             "people on site",
                             {{"NAME", muster_name_cell},
                              {"TYPE", text_cell<"person_type">},
                              {"SITE", text_cell<"site">},
                              {"SINCE", time_cell<"since">},
                              {"AGO", seconds_cell<"age_s">, true},
                              {"WHERE", muster_where_cell},
                              {"ID", text_cell<"person_id">}}};
  return view;
}

const ListView& audit_view() {
  static const ListView view{"audit",
                             "row",
                             "rows",
                             {{"NUMBER", text_cell<"number">, true},
                              {"TIME", time_cell<"at">},
                              {"ACTOR", text_cell<"actor">},
                              {"ACTION", text_cell<"action">},
                              {"TARGET", text_cell<"target">},
                              {"OUTCOME", text_cell<"outcome">},
                              {"DETAIL", audit_detail_cell}}};
  return view;
}

}  // namespace gatehouse
