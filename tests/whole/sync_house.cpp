#include "tests/whole/sync_house.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/json/serialize.hpp>

namespace gatehouse::whole {

SyncHouse::SyncHouse(const std::string& first, int people)
    : House({.people = people, .doors = 2, .sim_arguments = {"--plain"}}) {
  gateway.site().first = first;
  gateway.site().poll = "{people: 1s, events: 1s, doors: 5s, live: false, events_from: now}";
  gateway.write_config();
}

int SyncHouse::add(const Somebody& somebody) const {
  const json::object entry{{"firstName", somebody.first},
                           {"lastName", somebody.last},
                           {"email", somebody.email},
                           {"telephone", somebody.phone},
                           {"department", somebody.department}};
  const auto added = net2.act("people", json::serialize(json::object{{"add", entry}})).as_object();
  return static_cast<int>(added.at("ids").as_array().at(0).as_int64());
}

void SyncHouse::add_staff(int count) const {
  for (int i = 0; i < count; ++i) {
    const auto name = "Person" + std::to_string(staff_.size() + 1);
    staff_.push_back(add({.first = name, .last = "Staff", .email = name + "@example.org"}));
  }
}

json::array SyncHouse::list(Argv verb, const std::string& name) const {
  const auto answer = gateway.json(std::move(verb));
  const auto* found = answer.if_contains(name);
  return found != nullptr && found->is_array() ? found->as_array() : json::array();
}

json::array SyncHouse::issues(const std::string& kind) const {
  Argv verb{"issue", "list"};
  if (!kind.empty()) verb.insert(verb.end(), {"--kind", kind});
  return list(std::move(verb), "issues");
}

json::array SyncHouse::people(Argv filters) const {
  filters.insert(filters.begin(), {"people", "list"});
  return list(std::move(filters), "people");
}

json::array SyncHouse::activity(Argv filters) const {
  filters.insert(filters.begin(), "activity");
  return list(std::move(filters), "activity");
}

json::object SyncHouse::pass(const std::string& id) const {
  const auto runs = list({"sync", "run", id, "--full", "--wait"}, "runs");
  return runs.empty() ? json::object() : runs.at(0).as_object();
}

std::vector<json::object> SyncHouse::changes(const json::object& of) const {
  std::vector<json::object> out;
  for (const auto& change : list({"plan", "show", text_at(of, "plan")}, "changes"))
    out.push_back(change.as_object());
  return out;
}

std::string SyncHouse::refusal(Argv verb) const {
  const auto outcome = gateway.ask(std::move(verb));
  return outcome.status == 0 ? "" : std::to_string(outcome.status) + ": " + outcome.err;
}

Outcome SyncHouse::apply(const json::object& plan) const {
  return gateway.ask(
      {"plan", "apply", text_at(plan, "plan"), "--confirm", std::to_string(number_at(plan, "count"))});
}

void SyncHouse::configure() {
  gateway.write_config();
  auto text = read_file(gateway.config_path());
  for (const auto& [from, to] : edits_) {
    const auto found = text.find(from);
    if (found == std::string::npos) throw std::runtime_error("not in the configuration: " + from);
    text.replace(found, from.size(), to);
  }
  write_file(gateway.config_path(), text);
}

std::string SyncHouse::reload() {
  configure();
  return refusal({"config", "reload"});
}

json::object SyncHouse::plan_of_kind(const std::string& kind, const std::string& integration) const {
  json::object out;
  eventually(20s, [&] {
    for (const auto& plan : plans()) {
      const auto& object = plan.as_object();
      if (text_at(object, "kind") == kind && text_at(object, "integration") == integration) out = object;
    }
    return !out.empty();
  });
  return out;
}

bool SyncHouse::no_plan(const std::string& kind) const {
  return eventually(20s, [&] {
    return std::ranges::none_of(
        plans(), [&](const json::value& plan) { return text_at(plan.as_object(), "kind") == kind; });
  });
}

json::object SyncHouse::issue_about(int id, const std::string& reason) const {
  json::object out;
  eventually(20s, [&] {
    for (const auto& issue : issues()) {
      const auto& object = issue.as_object();
      if (text_at(object, "external_id") == std::to_string(id) && text_at(object, "reason") == reason)
        out = object;
    }
    return !out.empty();
  });
  return out;
}

bool SyncHouse::no_issues() const {
  return eventually(20s, [&] { return gateway.ask({"issue", "list"}).status == 0; });
}

bool SyncHouse::becomes(const std::string& state, const std::string& id) const {
  return eventually(20s, [&] { return gateway.state(id) == state; });
}

bool SyncHouse::told(const std::string& type, std::size_t count) {
  return recorder.wait(20s, [&](const Ledger& ledger) { return ledger.count(type) >= count; });
}

std::size_t SyncHouse::tellings(const std::string& type) const {
  return recorder.ask([&](const Ledger& ledger) { return ledger.count(type); });
}

std::size_t SyncHouse::alerts(const std::string& kind, const std::string& state) const {
  const auto all = data_of(recorder.ledger(), "alert");
  return static_cast<std::size_t>(std::ranges::count_if(all, [&](const json::object& alert) {
    return text_at(alert, "kind") == kind && text_at(alert, "state") == state;
  }));
}

bool SyncHouse::polled(int times) const {
  const auto reads = [&] { return net2.asked("customfieldnames"); };  // once in each read of the people
  const auto before = reads();
  return eventually(30s, [&] { return reads() > before + times; });
}

std::vector<json::object> data_of(const Ledger& ledger, const std::string& type) {
  std::vector<json::object> out;
  for (const auto& fact : ledger.of(type)) out.push_back(fact.data());
  return out;
}

std::string key_of(int id) {
  return "net2-hq/" + std::to_string(id);
}

json::object at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found != nullptr && found->is_object() ? found->as_object() : json::object();
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key) {
  std::vector<std::string> out;
  const auto* found = object.if_contains(key);
  if (found == nullptr || !found->is_array()) return out;
  for (const auto& entry : found->as_array()) {
    if (entry.is_string()) out.emplace_back(entry.as_string());
  }
  return out;
}

bool flag_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found != nullptr && found->is_bool() && found->as_bool();
}

std::string text(const json::object& object) {
  return json::serialize(object);
}

}  // namespace gatehouse::whole
