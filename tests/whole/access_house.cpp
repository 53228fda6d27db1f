#include "tests/whole/access_house.hpp"

#include <chrono>

#include <boost/json/serialize.hpp>
#include <sys/stat.h>

namespace gatehouse::whole {
namespace {

constexpr auto usual_policy = R"(
policy:
  employees: {open: true, roamers: true}
  visitors: {open: preregistered, early: 2h, late: 2h}
  contractors: {open: false}
)";

constexpr auto doors = R"(
doors:
  - {id: net2-hq/6203980, name: Front door, site: hq, kind: timed, open: 2s, allow_hold: true}
access_points:
  - {id: reception, name: Reception kiosk, site: hq, doors: [net2-hq/6203980], open_on: [in], open_modes: [kiosk], walk_ins: true}
  - {id: slow, name: Slow gate, site: hq, doors: [net2-hq/6203980], open_on: [in], open_modes: [kiosk], delay: 2s}
)";

constexpr auto every_scope =
    R"([{"cmd":"access.sign_in"},{"cmd":"door.open"},{"cmd":"door.hold_open"},{"cmd":"door.close"},
  {"cmd":"lockdown.set"},{"cmd":"sync.run"},{"cmd":"plan.apply"},{"cmd":"plan.discard"},{"cmd":"issue.resolve"},
  {"cmd":"person.set"},{"cmd":"person.grant"},{"cmd":"person.invited"},{"cmd":"people.resend"},{"cmd":"events.resend"},
  {"cmd":"roster.put"},{"cmd":"status.get"}])";

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

AccessHouse::AccessHouse(const std::string& policy) {
  gateway.site().cloud_more = "  command_keys: " + (dir / "command-keys.json") + "\n";
  gateway.site().more = (policy.empty() ? std::string(usual_policy) : policy) + doors;
  gateway.site().poll = "{people: 1s, events: 200ms, doors: 1s, live: true, events_from: now}";
  gateway.write_config();
  write_keys(every_scope);
}

void AccessHouse::write_keys(const std::string& scopes) const {
  const auto file = dir / "command-keys.json";
  write_file(file, json::serialize(json::object{{"keys", json::array{key.jwk(scopes)}}}));
  chmod(file.c_str(), 0644);
}

json::object AccessHouse::claims(const std::string& cmd, json::object args) const {
  static int made = 0;
  const auto now = unix_now();
  return {{"iss", "cloud"},
          {"aud", "acme/hq-01"},
          {"jti", "jti-" + std::to_string(now) + "-" + std::to_string(++made)},
          {"iat", now},
          {"exp", now + 20},
          {"cmd", cmd},
          {"args", std::move(args)},
          {"epoch", deep(recorder.ask([](const Ledger& l) { return l.last("/up/state"); }), "data.epoch")}};
}

Publisher& AccessHouse::publisher() {
  if (!publisher_) publisher_ = std::make_unique<Publisher>(broker.port(), test_certificates());
  return *publisher_;
}

std::string AccessHouse::send(const json::object& claims) {
  const auto topic = text_at(claims, "cmd") == "roster.put" ? "roster" : "command";
  publisher().publish(std::string("gatehouse/v1/acme/hq-01/down/") + topic, key.sign(claims));
  return text_at(claims, "jti");
}

std::optional<json::object> AccessHouse::reply(const std::string& jti, Millis within) {
  const auto find = [&](const Ledger& ledger) -> std::optional<json::object> {
    for (const auto& fact : ledger.of("reply")) {
      auto data = fact.data();
      if (text_at(data, "jti") == jti) return data;
    }
    return std::nullopt;
  };
  recorder.wait(within, [&](const Ledger& ledger) { return find(ledger).has_value(); });
  return recorder.ask(find);
}

json::object AccessHouse::call(const std::string& cmd, json::object args) {
  const auto answer = reply(send(cmd, std::move(args)));
  return answer ? *answer : json::object();
}

json::object AccessHouse::sign_in(json::object person, const std::string& access_point) {
  return {
      {"access_point", access_point}, {"direction", "in"}, {"mode", "kiosk"}, {"person", std::move(person)}};
}

std::string AccessHouse::person_id(int net2_user) const {
  return text_at(person(key_of(net2_user)), "id");
}

std::int64_t AccessHouse::opens(const std::string& door) const {
  const auto state = net2.state();
  for (const auto& entry : state.at("doors").as_array()) {
    const auto& one = entry.as_object();
    if (std::to_string(number_at(one, "id")) == door) return number_at(one, "commands");
  }
  return -1;
}

json::object AccessHouse::decision(const std::string& id) const {
  json::object last;
  for (const auto& data : data_of(recorder.ledger(), "decision")) {
    if (text_at(data, "id") == id) last = data;
  }
  return last;
}

std::string deep(const json::object& object, const std::string& path) {
  const auto dot = path.find('.');
  if (dot == std::string::npos) return text_at(object, path);
  return deep(at(object, path.substr(0, dot)), path.substr(dot + 1));
}

json::object roster_person(const std::string& cloud_id, const std::string& type, const std::string& first,
                           const std::string& last) {
  return {{"cloud_id", cloud_id},       {"op", "upsert"},         {"person_type", type},
          {"first_name", first},        {"last_name", last},      {"email", first + "@cloud.example"},
          {"email_verified", true},     {"phone", nullptr},       {"site", "hq"},
          {"sites", json::array{"hq"}}, {"roamer", false},        {"roamer_sites", json::array{}},
          {"valid_from", nullptr},      {"valid_until", nullptr}, {"membership_status", nullptr},
          {"tags", json::array{}}};
}

}  // namespace gatehouse::whole
