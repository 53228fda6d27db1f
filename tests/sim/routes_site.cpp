// Operators, roll call, I/O boards, the server's own settings (net2-api.md §3.10, §3.12).

#include <algorithm>

#include "tests/sim/json_text.hpp"
#include "tests/sim/router.hpp"

namespace gatehouse::sim {
namespace {

Response get_operators(Call& call) {
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& op : call.world.sign_in.operators) {
    out.open_object().member("userID", op.id).member("firstName", op.first).member("surname", op.surname);
    out.member("displayName", op.name()).close_object();
  }
  out.close_array();
  return list_answer(call.world, std::move(body));
}

RollCall* report_of(Call& call) {
  for (auto& report : call.world.directory.roll_calls) {
    if (report.id == call.ids[0]) return &report;
  }
  return nullptr;
}
Response no_report() {
  return fault(404, "The report was not found.");
}

void write_report(JsonText& out, const RollCall& report) {
  out.open_object().member("id", report.id).member("name", report.name).close_object();
}

Response get_reports(Call& call) {
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& report : call.world.directory.roll_calls) write_report(out, report);
  out.close_array();
  return list_answer(call.world, std::move(body));
}

Response post_report(Call& call) {
  const auto body = call.body();
  const auto name = body ? text_of(*body, "name").value_or("") : "";
  if (trimmed(name).empty()) return fault(400, "The report name is missing.");
  auto& list = call.world.directory.roll_calls;
  list.push_back({static_cast<int>(list.size()) + 1, name, {}});
  Response out;
  out.status = call.world.switches.post_status;
  JsonText text(out.body);
  write_report(text, list.back());
  return out;
}

Response get_report(Call& call) {
  const auto* report = report_of(call);
  if (!report) return no_report();
  Response out;
  JsonText text(out.body);
  write_report(text, *report);
  return out;
}

/// Who is inside: their last granted reader was an (In) side.
bool inside(const World& world, const Person& person) {
  const auto* area = person.active && person.last_area ? world.directory.area(person.last_area) : nullptr;
  return area && area->name.ends_with("(In)");
}

void write_item(JsonText& out, const World& world, const RollCall& report, const Person& person) {
  const bool safe = std::any_of(report.safe.begin(), report.safe.end(),
                                [&](const SafeMark& mark) { return mark.user == person.id; });
  std::string at;
  append_local(at, person.last_access.value_or(0), false);
  out.open_object().member("userId", person.id).member("userName", person.surname_first());
  out.member("lastArea", world.directory.area(person.last_area)->name)
      .member("lastAccessTime", at)
      .member("isSafe", safe)
      .close_object();
}

Response get_items(Call& call) {
  const auto* report = report_of(call);
  if (!report) return no_report();
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& person : call.world.people.all()) {
    if (inside(call.world, person)) write_item(out, call.world, *report, person);
  }
  out.close_array();
  return list_answer(call.world, std::move(body));
}

Response get_item(Call& call) {
  const auto* report = report_of(call);
  const auto* person = call.world.people.find(call.ids[1]);
  if (!report || !person || !inside(call.world, *person)) return no_report();
  Response out;
  JsonText text(out.body);
  write_item(text, call.world, *report, *person);
  return out;
}

Response mark_safe(Call& call) {
  auto* report = report_of(call);
  const auto* person = call.world.people.find(call.ids[1]);
  if (!report || !person) return no_report();
  report->safe.push_back({person->id, call.caller->id});
  if (call.world.listener) call.world.listener->mustered(report->id, person->id, call.caller->id);
  return answer(200);
}

Response unmark_safe(Call& call) {
  auto* report = report_of(call);
  if (!report) return no_report();
  const auto gone = std::erase_if(
      report->safe, [&](const SafeMark& mark) { return mark.user == call.ids[1] && mark.by == call.ids[2]; });
  return gone ? answer(call.world.switches.delete_status) : no_report();
}

constexpr std::string_view board = R"({"id":1,"name":"Plant room","macAddress":"00:11:22:33:44:55"})";
constexpr std::string_view inputs =
    R"([{"id":1,"name":"Fire panel","isPressed":false},{"id":2,"name":"Intruder panel","isPressed":false}])";
constexpr std::string_view outputs =
    R"([{"id":1,"name":"Sounder","isEnergised":false},{"id":2,"name":"Strobe","isEnergised":false}])";

Response board_part(Call& call, std::string text) {
  return call.ids[0] == 1 ? answer(200, std::move(text)) : fault(404, "The I/O board was not found.");
}
Response get_boards(Call&) {
  return answer(200, "[" + std::string(board) + "]");
}
Response get_board(Call& call) {
  return board_part(call, std::string(board));
}
Response get_inputs(Call& call) {
  return board_part(call, std::string(inputs));
}
Response get_outputs(Call& call) {
  return board_part(call, std::string(outputs));
}
Response board_detail(Call& call) {
  auto text = std::string(board);
  text.pop_back();
  return board_part(
      call, text + ",\"inputs\":" + std::string(inputs) + ",\"outputs\":" + std::string(outputs) + "}");
}
Response post_relays(Call& call) {
  if (call.ids[0] == 1) call.world.log({.type = 60, .details = "Plant room"});
  return board_part(call, "");
}

Response get_features(Call&) {
  return answer(200, R"(["LocalAPI","TriggersAndActions","RollCall","Timesheet"])");
}
Response get_properties(Call& call) {
  return answer(
      200, std::string(R"({"serverName":"NET2SIM","siteName":"Gatehouse simulated site","productType":)") +
               (call.world.switches.lite ? "1" : "2") + "}");
}
Response product_type(Call& call) {
  return answer(200, call.world.switches.lite ? R"("Net2 Lite")" : R"("Net2 Pro")");
}
Response get_version(Call& call) {
  return answer(200, "\"" + call.world.version + "\"");
}
Response version_history(Call& call) {
  return answer(200, R"([{"version":")" + call.world.version + R"(","installed":"2026-01-05T09:00:00"}])");
}
Response api_versions(Call&) {
  return answer(200, R"(["v1"])");
}

}  // namespace

void add_site_routes(Router& router) {
  router.add("GET", "operators", Right::open, get_operators);
  router.add("GET", "rollcallreports", Right::read, get_reports);
  router.add("POST", "rollcallreports", Right::configure, post_report);
  router.add("GET", "rollcallreports/{id}", Right::read, get_report);
  router.add("GET", "rollcallreports/{id}/reportitems", Right::read, get_items);
  router.add("GET", "rollcallreports/{id}/reportitems/{id}", Right::read, get_item);
  router.add("POST", "rollcallreports/{id}/reportitems/{id}/safeupdates", Right::read, mark_safe);
  router.add("DELETE", "rollcallreports/{id}/reportitems/{id}/safeupdates/{id}", Right::read, unmark_safe);
  router.add("GET", "ioboards", Right::read, get_boards);
  router.add("GET", "ioboards/{id}", Right::read, get_board);
  router.add("GET", "ioboards/{id}/inputs", Right::read, get_inputs);
  router.add("GET", "ioboards/{id}/outputs", Right::read, get_outputs);
  router.add("GET", "ioboards/{id}/detail", Right::read, board_detail);
  router.add("POST", "ioboards/{id}/relays", Right::doors, post_relays);
  router.add("GET", "serversettings/features", Right::read, get_features);
  router.add("GET", "serversettings/properties", Right::read, get_properties);
  router.add("GET", "serversettings/producttype", Right::read, product_type);
  router.add("GET", "serversettings/version", Right::read, get_version);
  router.add("GET", "serversettings/version/history", Right::read, version_history);
  router.add("GET", "versions", Right::read, api_versions);
}

}  // namespace gatehouse::sim
