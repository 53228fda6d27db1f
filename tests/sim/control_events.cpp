// The verbs that make events: swipe, events, event, malformed, and doors.

#include "tests/sim/control.hpp"
#include "tests/sim/event_rows.hpp"
#include "tests/sim/json_text.hpp"

namespace gatehouse::sim {
namespace {

std::string logged(const World& world, std::int64_t first_id) {
  std::string out;
  JsonText(out)
      .open_object()
      .member("first_id", first_id)
      .member("last_id", world.events.last_id())
      .member("events", world.events.rows().size())
      .close_object();
  return out;
}

Result<Door*> door_in(Simulator& sim, const json::object& in) {
  const auto* value = find(in, "door");
  if (!value) return sim.world.doors.all.empty() ? nullptr : &sim.world.doors.all[0];
  if (const auto address = as_integer(*value)) {
    if (auto* door = sim.world.doors.find(*address)) return door;
  }
  const auto name = as_text(*value).value_or("");
  for (auto& door : sim.world.doors.all) {
    if (same_word(door.name, name)) return &door;
  }
  return Error{Errc::invalid, "no door is called or numbered '" + name + "'"};
}

std::vector<int> types_in(const json::object& in) {
  std::vector<int> types;
  const auto* list = find(in, "types");
  if (!list || !list->is_array()) return types;
  for (const auto& entry : list->get_array())
    types.push_back(static_cast<int>(as_integer(entry).value_or(20)));
  return types;
}

EventDraft draft_in(const json::object& in, int door) {
  EventDraft draft;
  draft.type = static_cast<int>(integer_of(in, "event_type").value_or(20));
  draft.sub_type = static_cast<int>(integer_of(in, "event_sub_type").value_or(0));
  draft.door = draft.type >= 550 && !find(in, "door") ? 0 : door;
  draft.user = static_cast<int>(integer_of(in, "user").value_or(0));
  draft.card = integer_of(in, "card").value_or(0);
  draft.details = text_of(in, "details").value_or("");
  draft.in = flag_of(in, "in").value_or(true);
  return draft;
}

}  // namespace

Result<std::string> do_swipe(Simulator& sim, const json::object& in) {
  const bool any_door = !find(in, "door");
  const auto door = door_in(sim, in);
  if (!door) return door.error();
  const auto count = integer_of(in, "count").value_or(1);
  const auto* rate = find(in, "rate");
  const bool moves = flag_of(in, "mechanics").value_or(count == 1);
  DoorMechanics::Swipe swipe;
  swipe.door = *door ? (*door)->address : 0;
  swipe.user = static_cast<int>(integer_of(in, "user").value_or(0));
  swipe.card = text_of(in, "card").value_or("");
  swipe.in = flag_of(in, "in").value_or(true);
  if (const auto type = integer_of(in, "event_type")) swipe.type = static_cast<int>(*type);
  const bool anybody = swipe.user == 0 && swipe.card.empty();
  const bool granted = anybody && !swipe.type;  // somebody who is let in, unless the caller says otherwise
  const auto one = [&sim, swipe, moves, any_door, anybody, granted] {
    auto now = swipe;
    if (any_door) {
      if (const auto* random = sim.generator.random_door()) now.door = random->address;
    }
    if (anybody) {
      for (int tries = 0; tries < 50; ++tries) {
        const auto* person = sim.generator.random_person();
        if (!person || person->cards.empty()) continue;
        now.user = person->id;
        break;
      }
    }
    if (granted) now.type = 20;
    sim.mechanics.swipe(now, moves);
  };
  const auto first = sim.world.events.last_id() + 1;
  if (rate) {
    const auto per_second = as_decimal(*rate);
    if (!per_second || *per_second <= 0) return Error{Errc::invalid, "rate must be above 0"};
    sim.generator.start(one, *per_second, find(in, "count") ? count : -1);
  } else {
    for (std::int64_t i = 0; i < count; ++i) one();
  }
  return logged(sim.world, first);
}

Result<std::string> do_events(Simulator& sim, const json::object& in) {
  if (flag_of(in, "stop").value_or(false)) {
    sim.generator.stop();
    return logged(sim.world, sim.world.events.last_id() + 1);
  }
  const auto count = integer_of(in, "count");
  const auto* rate = find(in, "rate");
  if (!count && !rate) return Error{Errc::invalid, "events: rate or count must be given"};
  const auto types = types_in(in);
  const auto first = sim.world.events.last_id() + 1;
  if (rate) {
    const auto per_second = as_decimal(*rate);
    if (!per_second || *per_second <= 0) return Error{Errc::invalid, "rate must be above 0"};
    auto many = count.value_or(-1);
    if (const auto span = span_of(in, "for"))
      many = static_cast<std::int64_t>(*per_second * static_cast<double>(*span) / 1000);
    sim.generator.start([&sim, types] { sim.world.log(sim.generator.random_event(types)); }, *per_second,
                        many);
    return logged(sim.world, first);
  }
  // All at once: history, spread evenly over the time before now, or live if asked for.
  const auto spread = span_of(in, "spread").value_or(0);
  const bool live = flag_of(in, "live").value_or(spread == 0 && *count <= 10'000);
  const auto now = sim.world.clock.now();
  for (std::int64_t i = 0; i < *count; ++i) {
    const auto back =
        spread - static_cast<std::int64_t>(static_cast<double>(spread) * static_cast<double>(i + 1) /
                                           static_cast<double>(*count));
    sim.world.log_at(sim.generator.random_event(types), now - back, live);
  }
  return logged(sim.world, first);
}

/// One event exactly as described; "at" (local, or with an offset) makes it an old one that arrives late.
Result<std::string> do_event(Simulator& sim, const json::object& in) {
  const auto door = door_in(sim, in);
  if (!door) return door.error();
  const auto draft = draft_in(in, *door ? (*door)->address : 0);
  if (draft.type < 0 || draft.type > 65'535) return Error{Errc::invalid, "event_type must be 0 to 65535"};
  const auto first = sim.world.events.last_id() + 1;
  const auto count = integer_of(in, "count").value_or(1);
  std::optional<UtcMs> when;
  if (const auto text = text_of(in, "at_time")) {
    const auto at = parse_time(*text);
    if (!at) return Error{Errc::invalid, "at_time: not a date and time"};
    when = at->offset ? at->local - *at->offset * std::int64_t{60000} : sim.world.clock.utc(at->local);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    if (when) {
      sim.world.log_at(draft, *when, flag_of(in, "live").value_or(true));
    } else {
      sim.world.log(draft);
    }
  }
  return logged(sim.world, first);
}

/// A row as no client should meet it (issue text, "Bad input").
Result<std::string> do_malformed(Simulator& sim, const json::object& in) {
  const auto kind = text_of(in, "kind").value_or("");
  const auto door = door_in(sim, in);
  if (!door) return door.error();
  const auto first = sim.world.events.last_id() + 1;
  const auto draft = draft_in(in, *door ? (*door)->address : 0);
  auto id = std::to_string(first);
  const auto row = [&](const std::string& time, const std::string& id_json, const std::string& name) {
    std::string out;
    JsonText json_row(out);
    json_row.open_object().key("eventTime").raw(time).key("id").raw(id_json).member("deviceName", name);
    json_row.member("cardNo", nullptr).member("eventType", 20).member("eventSubType", 0);
    json_row.member("eventDescription", "Access permitted - token only").member("eventDetails", nullptr);
    json_row.member("linkedEvent", nullptr).member("firstName", nullptr).member("middleName", nullptr);
    json_row.member("surname", nullptr)
        .member("userID", 0)
        .member("priority", 15)
        .member("address", draft.door);
    json_row.member("peripheralID", nullptr).member("ioBoardID", nullptr).member("doorGroupID", 0);
    json_row.member("deviceDeleted", false).close_object();
    return out;
  };
  std::string local;
  append_local(local, sim.world.now_local(), true);
  const auto now = "\"" + local + "\"";
  std::string text;
  bool duplicate = false;
  if (kind == "missing_id")
    text = R"({"eventTime":)" + now + R"(,"eventType":20,"address":)" + std::to_string(draft.door) + "}";
  else if (kind == "wrong_types")
    text = R"({"eventTime":17,"id":")" + id + R"(x","eventType":"twenty","address":{"a":1},"userID":[1]})";
  else if (kind == "invalid_utf8")
    text = row(now, id, "Caf\xE9 \xFF\xFE door");
  else if (kind == "huge_name")
    text = row(now, id, std::string(4u << 20, 'n'));
  else if (kind == "year_1753")
    text = row("\"1753-01-01T00:00:00\"", id, "Old door");
  else if (kind == "bad_time")
    text = row("\"yesterday\"", id, "Door");
  else if (kind == "null_time")
    text = row("null", id, "Door");
  else if (kind == "not_object")
    text = "42";
  else if (kind == "negative_id")
    text = row(now, "-5", "Door");
  else if (kind == "duplicate_id")
    duplicate = true;
  else if (kind == "unknown_type") {
    auto unknown = draft;
    unknown.type = static_cast<int>(integer_of(in, "event_type").value_or(4321));
    sim.world.log(unknown);
    return logged(sim.world, first);
  } else
    return Error{Errc::invalid, "no malformed event is called '" + kind + "'"};
  if (duplicate) id = std::to_string(sim.world.events.last_id());
  sim.world.log_odd(draft, duplicate ? row(now, id, "Twice") : text, duplicate);
  return logged(sim.world, first);
}

namespace {

Result<void> do_door(Simulator& sim, Door& door, const std::string& act, const json::object& in) {
  auto& mechanics = sim.mechanics;
  if (act == "open")
    mechanics.release(door, 61, span_of(in, "for"));
  else if (act == "exit_button")
    mechanics.release(door, 62, std::nullopt);
  else if (act == "hold")
    mechanics.hold(door, 61);
  else if (act == "close")
    mechanics.close(door, 61);
  else if (act == "force")
    mechanics.force(door);
  else if (act == "leave_open")
    mechanics.leave_open(door, span_of(in, "alarm_after").value_or(3000));
  else if (act == "offline")
    sim.world.set_online(door, false);
  else if (act == "online")
    sim.world.set_online(door, true);
  else if (act == "tamper" || act == "mains") {
    bool& good = act == "tamper" ? door.tamper_ok : door.mains_ok;
    good = !good;
    sim.world.log({.type = act == "tamper" ? (good ? 103 : 90) : (good ? 102 : 91), .door = door.address});
    sim.world.door_changed(door);
  } else if (act == "set") {
    door.name = text_of(in, "name").value_or(door.name);
    door.open_time = span_of(in, "open_time").value_or(door.open_time);
    door.contact = flag_of(in, "contact").value_or(door.contact);
    door.momentary = flag_of(in, "momentary").value_or(door.momentary);
  } else {
    return Error{Errc::invalid, "a door cannot '" + act + "'"};
  }
  return {};
}

}  // namespace

Result<std::string> do_doors(Simulator& sim, const json::object& in) {
  const auto act = text_of(in, "do").value_or("");
  if (act == "add") {
    Door door;
    door.address = static_cast<int>(integer_of(in, "id").value_or(0));
    door.name = text_of(in, "name").value_or("New door");
    if (door.address <= 0 || sim.world.doors.find(door.address))
      return Error{Errc::invalid, "id is missing or taken"};
    for (const char* side : {" (In)", " (Out)"}) {
      sim.world.directory.areas.push_back(
          {static_cast<int>(sim.world.directory.areas.size()) + 1, door.name + side, door.address});
    }
    sim.world.doors.all.push_back(door);
    return state_json(sim);
  }
  if (text_of(in, "door") == "all") {
    for (auto& door : sim.world.doors.all) {
      auto done = do_door(sim, door, act, in);
      if (!done) return done.error();
    }
    return state_json(sim);
  }
  const auto door = door_in(sim, in);
  if (!door) return door.error();
  if (!*door) return Error{Errc::invalid, "there is no door"};
  if (act == "remove") {
    const int address = (*door)->address;
    std::erase_if(sim.world.doors.all, [&](const Door& it) { return it.address == address; });
    return state_json(sim);
  }
  auto done = do_door(sim, **door, act, in);
  if (!done) return done.error();
  return state_json(sim);
}

}  // namespace gatehouse::sim
