// People: list, create, change, delete (net2-api.md §3.3).

#include "tests/sim/router.hpp"
#include "tests/sim/user_json.hpp"

namespace gatehouse::sim {
namespace {

/// Every user for whom `wanted` holds, rendered in one go.
template <typename Wanted>
std::string render(const World& world, Wanted wanted) {
  std::string body;
  body.reserve(world.people.all().size() * 560 + 16);
  JsonText out(body);
  out.open_array();
  for (const auto& person : world.people.all()) {
    if (person.active && wanted(person)) write_user(out, person, world.clock, false);
  }
  out.close_array();
  return body;
}

Response get_users(Call& call) {
  auto& world = call.world;
  if (!world.rendered_users || world.rendered_revision != world.people.revision()) {
    world.rendered_users =
        std::make_shared<const std::string>(render(world, [](const Person&) { return true; }));
    world.rendered_revision = world.people.revision();
  }
  if (*world.rendered_users == "[]") return list_answer(world, "[]");
  Response out;
  out.shared = world.rendered_users;
  return out;
}

Response department_users(Call& call) {
  const auto id = call.ids.empty() ? 0 : call.ids[0];
  if (id != 0 && !call.world.directory.department(static_cast<int>(id)))
    return fault(404, "The department was not found.");
  return list_answer(call.world, render(call.world, [id](const Person& p) { return p.department == id; }));
}

Response user_answer(const World& world, int id, int status) {
  Response out;
  out.status = status;
  JsonText text(out.body);
  write_user(text, *world.people.find(id), world.clock, true);
  return out;
}

Response get_user(Call& call) {
  if (!call.world.people.find(call.ids[0])) return no_user();
  return user_answer(call.world, static_cast<int>(call.ids[0]), 200);
}

Response post_user(Call& call) {
  auto& world = call.world;
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  Person person;
  person.activates = world.now_local() - world.now_local() % 86'400'000;
  person.updated = world.now_local();
  const auto read = read_user(*body, world, person);
  if (!read) return fault(400, read.error().detail);
  const auto name = person.full_name();
  const int id = world.people.add(std::move(person));
  world.log({.type = 570, .sub_type = 590, .details = name});
  return user_answer(world, id, world.switches.post_status);
}

Response put_user(Call& call) {
  auto& world = call.world;
  const auto* known = world.people.find(call.ids[0]);
  if (!known) return no_user();
  const auto body = call.body();
  if (!body) return fault(400, body.error().detail);
  Person next = *known;
  // The trap of §3.3.3: a PUT without expiryDate makes the person valid for ever.
  if (!find(*body, "expiryDate") && !world.switches.keep_expiry) next.expires = std::nullopt;
  const auto read = read_user(*body, world, next);
  if (!read) return fault(400, read.error().detail);
  next.updated = world.now_local();
  *world.people.edit(next.id) = next;
  world.log({.type = 570, .sub_type = 591, .details = next.full_name()});
  return world.switches.put_user_object ? user_answer(world, next.id, 200) : answer(200);
}

void remove_one(World& world, std::int64_t id, bool purge) {
  const auto* person = world.people.find(id);
  const auto name = person ? person->full_name() : "";
  if (world.people.remove(id, purge)) world.log({.type = 570, .sub_type = 592, .details = name});
}

Response delete_user(Call& call) {
  if (!call.world.people.find(call.ids[0])) return no_user();
  remove_one(call.world, call.ids[0], false);
  return answer(call.world.switches.delete_status);
}

Response delete_users(Call& call) {
  const auto body = parse_json(call.request.body);
  if (!body || !body->is_array()) return fault(400, "an array of user ids was expected");
  const auto* purge = call.request.parameter("purge");
  for (const auto& entry : body->get_array()) {
    if (const auto id = as_integer(entry)) remove_one(call.world, *id, purge && same_word(*purge, "true"));
  }
  return answer(call.world.switches.delete_status);
}

void write_field(JsonText& out, const CustomField& field) {
  out.open_object()
      .member("id", field.id)
      .member("name", field.name)
      .member("type", field.type)
      .member("maxLength", field.max_length)
      .close_object();
}

Response get_field_names(Call& call) {
  std::string body;
  JsonText out(body);
  out.open_array();
  for (const auto& field : call.world.directory.fields) write_field(out, field);
  out.close_array();
  return list_answer(call.world, std::move(body));
}

Response get_field_name(Call& call) {
  for (const auto& field : call.world.directory.fields) {
    if (field.id != call.ids[0]) continue;
    Response out;
    JsonText text(out.body);
    write_field(text, field);
    return out;
  }
  return fault(404, "The custom field was not found.");
}

}  // namespace

void add_user_routes(Router& router) {
  router.add("GET", "users", Right::read, get_users);
  router.add("POST", "users", Right::people, post_user);
  router.add("DELETE", "users", Right::people, delete_users);
  router.add("GET", "users/{id}", Right::read, get_user);
  router.add("PUT", "users/{id}", Right::people, put_user);
  router.add("DELETE", "users/{id}", Right::people, delete_user);
  router.add("GET", "users/customfieldnames", Right::read, get_field_names);
  router.add("GET", "users/customfieldnames/{id}", Right::read, get_field_name);
  router.add("GET", "departments/{id}/users", Right::read, department_users);
  router.add("GET", "departments/root/users", Right::read, department_users);
}

}  // namespace gatehouse::sim
