// The verb "people": add, edit, remove, by count or one by one.

#include "tests/sim/control.hpp"
#include "tests/sim/json_text.hpp"
#include "tests/sim/user_json.hpp"

namespace gatehouse::sim {
namespace {

/// What REST takes, and beside it: department (name, or id; null none), email, cards (numbers), id.
Result<void> read_person(const json::object& in, World& world, Person& person) {
  auto read = read_user(in, world, person);
  if (!read) return read;
  if (const auto* department = find(in, "department")) {
    const auto name = as_text(*department).value_or("");
    const auto* known = world.directory.department(name);
    if (!known && to_integer(name)) known = world.directory.department(static_cast<int>(*to_integer(name)));
    if (!known && !name.empty() && name != "0") {
      int id = 1;
      for (const auto& entry : world.directory.departments) id = std::max(id, entry.id + 1);
      world.directory.departments.push_back({id, name});
      known = &world.directory.departments.back();
    }
    person.department = known ? known->id : 0;
  }
  if (const auto* email = find(in, "email")) person.fields[9] = as_text(*email).value_or("");
  person.updated = world.now_local();
  return {};
}

void add_cards(World& world, int id, const json::object& in) {
  const auto* cards = find(in, "cards");
  if (!cards || !cards->is_array()) return;
  for (const auto& value : cards->get_array()) {
    const auto number = as_text(value);
    if (number && !world.people.holder(*number)) world.people.add_card(id, {0, 3, *number, false});
  }
}

void note(World& world, bool log, int sub_type, const std::string& name) {
  if (log) world.log({.type = 570, .sub_type = sub_type, .details = name});
}

Result<void> add_one(Simulator& sim, const json::object& in, bool log, std::vector<std::int64_t>& ids) {
  Person person;
  person.id = static_cast<int>(integer_of(in, "id").value_or(0));
  auto read = read_person(in, sim.world, person);
  if (!read) return read;
  const auto name = person.full_name();
  const int id = sim.world.people.add(std::move(person));
  add_cards(sim.world, id, in);
  note(sim.world, log, 590, name);
  ids.push_back(id);
  return {};
}

Result<void> edit_one(Simulator& sim, std::int64_t id, const json::object& in, bool log,
                      std::vector<std::int64_t>& ids) {
  const auto* known = sim.world.people.find(id);
  if (!known) return Error{Errc::invalid, "nobody has the id " + std::to_string(id)};
  Person next = *known;
  auto read = read_person(in, sim.world, next);
  if (!read) return read;
  *sim.world.people.edit(id) = next;
  add_cards(sim.world, static_cast<int>(id), in);
  note(sim.world, log, 591, next.full_name());
  ids.push_back(id);
  return {};
}

/// So many people who are there, from the front.
std::vector<std::int64_t> first_people(const World& world, std::int64_t count) {
  std::vector<std::int64_t> ids;
  for (const auto& person : world.people.all()) {
    if (std::ssize(ids) >= count) break;
    if (person.active) ids.push_back(person.id);
  }
  return ids;
}

Result<void> add(Simulator& sim, const json::value& what, bool log, std::vector<std::int64_t>& ids) {
  if (const auto count = as_integer(what)) {
    const int first = sim.world.add_seeded(static_cast<int>(*count));
    for (int id = first; id < first + *count; ++id) ids.push_back(id);
    return {};
  }
  if (what.is_object()) return add_one(sim, what.get_object(), log, ids);
  if (!what.is_array()) return Error{Errc::invalid, "add: a number, an object or an array of objects"};
  for (const auto& entry : what.get_array()) {
    if (!entry.is_object()) return Error{Errc::invalid, "add: an array of objects"};
    auto done = add_one(sim, entry.get_object(), log, ids);
    if (!done) return done;
  }
  return {};
}

Result<void> edit(Simulator& sim, const json::value& what, bool log, std::vector<std::int64_t>& ids) {
  if (what.is_array()) {
    for (const auto& entry : what.get_array()) {
      const auto id = entry.is_object() ? integer_of(entry.get_object(), "id") : std::nullopt;
      if (!id) return Error{Errc::invalid, "edit: each entry needs an id"};
      auto done = edit_one(sim, *id, entry.get_object(), log, ids);
      if (!done) return done;
    }
    return {};
  }
  if (!what.is_object()) return Error{Errc::invalid, "edit: an object or an array of objects"};
  const auto& in = what.get_object();
  if (const auto id = integer_of(in, "id")) return edit_one(sim, *id, in, log, ids);
  const auto count = integer_of(in, "count");
  if (!count) return Error{Errc::invalid, "edit: id or count must be given"};
  json::object changes = in;
  if (changes.size() == 1) {
    // Only a count: everybody gets a telephone number not had before, which is a change that shows.
    changes["telephone"] = "+44 1632 9" + std::to_string(100'000 + sim.world.people.revision());
  }
  for (const auto id : first_people(sim.world, *count)) {
    auto done = edit_one(sim, id, changes, log, ids);
    if (!done) return done;
  }
  return {};
}

Result<void> remove(Simulator& sim, const json::value& what, bool purge, bool log,
                    std::vector<std::int64_t>& ids) {
  std::vector<std::int64_t> gone;
  if (what.is_array()) {
    for (const auto& entry : what.get_array()) gone.push_back(as_integer(entry).value_or(0));
  } else if (as_text(what) == "all") {
    gone = first_people(sim.world, std::ssize(sim.world.people.all()));
  } else if (const auto count = as_integer(what)) {
    gone = first_people(sim.world, *count);
  } else {
    return Error{Errc::invalid, "remove: ids, a number or \"all\""};
  }
  for (const auto id : gone) {
    const auto* person = sim.world.people.find(id);
    if (!person) return Error{Errc::invalid, "nobody has the id " + std::to_string(id)};
    note(sim.world, log, 592, person->full_name());
    sim.world.people.remove(id, purge);
    ids.push_back(id);
  }
  return {};
}

}  // namespace

Result<std::string> do_people(Simulator& sim, const json::object& in) {
  const bool log = flag_of(in, "log").value_or(false);
  std::vector<std::int64_t> ids;
  Result<void> done;
  if (const auto* what = find(in, "add")) done = add(sim, *what, log, ids);
  if (const auto* what = find(in, "edit"); what && done) done = edit(sim, *what, log, ids);
  if (const auto* what = find(in, "remove"); what && done)
    done = remove(sim, *what, flag_of(in, "purge").value_or(false), log, ids);
  if (!done) return done.error();
  std::string out;
  JsonText text(out);
  text.open_object().member("people", sim.world.people.count()).key("ids").open_array();
  for (std::size_t i = 0; i < std::min<std::size_t>(ids.size(), 1000); ++i) text.value(ids[i]);
  text.close_array().close_object();
  return out;
}

}  // namespace gatehouse::sim
