#include "daemon/app/access_verbs.hpp"

#include <algorithm>

#include "daemon/app/access_asks.hpp"
#include "daemon/app/look_back.hpp"
#include "daemon/app/person_key.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/core/replay.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t page_of_store = 500;
constexpr std::size_t most_listed = 5000;  // of what a replay would change

/// {"a":1} and "b":2 as one object.
std::string joined(std::string object, const std::string& members) {
  object.pop_back();
  if (object.size() > 1) object += ',';
  return object + members + '}';
}

std::string string_member(std::string_view name, std::string_view text) {
  std::string out;
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
  return out;
}

std::string full_name(const Person& person) {
  const auto& facts = person.facts;
  const bool both = !facts.first_name.empty() && !facts.last_name.empty();
  return facts.first_name + (both ? " " : "") + facts.last_name;
}

/// The decision as it was told, with what people want to see beside it.
std::string shown(const DecisionRecord& decision, const std::string& name) {
  auto members = string_member("sentence", sentence(decision.reason));
  if (!name.empty()) members += ',' + string_member("name", name);
  return joined(decision_json(decision), members);
}

/// What the decision rested on, and how old that was.
std::string basis_json(const DecisionBasis& basis) {
  JsonWriter json;
  json.begin_object().key("age_s");
  if (basis.age.age) {
    json.value(static_cast<std::int64_t>(std::chrono::floor<std::chrono::seconds>(*basis.age.age).count()));
  } else {
    json.null();
  }
  json.member("by_wall_clock", basis.age.by_wall_clock);
  json.member("clock", basis.moment.trusted ? "ok" : "unsynced").member("now", format_utc(basis.moment.now));
  json.key("sources").begin_array();
  if (basis.person) {
    for (const auto& source : basis.person->sources) {
      json.begin_object().member("integration", source.integration.value());
      json.member("present", source.present).end_object();
    }
  }
  json.end_array();
  json.member("walk_in", basis.walk_in);
  json.member("grants", static_cast<std::uint64_t>(basis.grants.size()));
  json.member("visits", static_cast<std::uint64_t>(basis.visits.size()));
  json.end_object();
  return json.take();
}

std::string_view outcome(bool allow) {
  return allow ? "allow" : "deny";
}

void write_ending(JsonWriter& json, std::string_view name, const ReplayedAnswer& ending) {
  json.key(name).begin_object().member("outcome", outcome(ending.allow));
  json.member("reason", to_string(ending.reason)).key("doors").begin_array();
  for (const auto& door : ending.doors) {
    if (door.allow) json.value(to_string(door.door));
  }
  json.end_array().end_object();
}

void write_change(JsonWriter& json, const DecisionRecord& decision, const Replayed& replayed) {
  json.begin_object().member("id", decision.id).member("at", format_utc(decision.at));
  json.key("person");
  decision.person ? json.value(decision.person->value()) : json.null();
  json.member("access_point", decision.asked.access_point.value());
  write_ending(json, "was", replayed.was);
  write_ending(json, "would_be", replayed.would_be);
  json.end_object();
}

/// Counts and lists what would end otherwise.
class Replay {
 public:
  explicit Replay(const AccessPolicy& policy) : policy_(policy) { json_.begin_array(); }

  void look_at(const DecisionRow& row) {
    const auto basis = unpack_basis(row.basis);
    if (!basis) {
      ++unreadable_;
      return;
    }
    const auto replayed = replay(row.decision, *basis, policy_);
    count_.add(replayed);
    if (!replayed.other_outcome()) return;
    if (listed_++ < most_listed) write_change(json_, row.decision, replayed);
  }

  std::string document() {
    const auto number = [](std::size_t of) { return static_cast<std::uint64_t>(of); };
    JsonWriter json;
    json.begin_object().member("looked_at", number(count_.decisions)).member("changed", number(listed_));
    json.member("newly_allowed", number(count_.newly_allowed));
    json.member("newly_denied", number(count_.newly_denied));
    json.member("other_doors", number(count_.other_doors));
    json.member("other_reason", number(count_.other_reason));
    if (unreadable_ > 0) json.member("unreadable", number(unreadable_));
    json.key("decisions").raw(json_.end_array().take());
    if (listed_ > most_listed) json.member("left_out", number(listed_ - most_listed));
    json.end_object();
    return json.take();
  }

 private:
  const AccessPolicy& policy_;
  JsonWriter json_;
  ReplayCount count_;
  std::size_t listed_ = 0;
  std::size_t unreadable_ = 0;  ///< kept by a version that packed otherwise
};

}  // namespace

Task<Result<AccessConsole::Named>> AccessConsole::whom(std::string key) {
  auto person = co_await find_one_person(parts_.queries, std::move(key));
  Named named;
  if (person) {
    named.id = person->id;
    named.name = full_name(*person);
  } else if (person.error().code != Errc::not_found) {
    co_return person.error();
  }
  co_return named;
}

Task<std::string> AccessConsole::name_of(PersonId person) {
  auto found = co_await parts_.people.person(std::move(person));
  std::string name;
  if (found) name = full_name(*found);
  co_return name;
}

Task<Result<std::string>> AccessConsole::decide_access(AccessAsk ask) {
  const auto zone = parts_.zone();
  if (!zone) co_return no_zone();
  auto at = local_moment(ask.at, *zone);
  if (!at) co_return at.error();
  auto named = co_await whom(ask.person);
  if (!named) co_return named.error();
  auto asked = sign_in_of(ask, parts_.desk.policy());
  if (!asked) co_return asked.error();
  auto decision = parts_.desk.say(*asked, named->id, *at);
  if (!decision) co_return decision.error();
  co_return shown(*decision, named->name);
}

Task<Result<std::string>> AccessConsole::sign_in(AccessAsk ask, std::string by) {
  auto named = co_await whom(ask.person);
  if (!named) co_return named.error();
  auto asked = sign_in_of(ask, parts_.desk.policy());
  if (!asked) co_return asked.error();
  SignInRequest request;
  request.asked = *asked;
  request.person = named->id;
  request.asker.via = Via::local;
  request.asker.actor = std::move(by);
  auto decision = co_await parts_.desk.sign_in(std::move(request));
  if (!decision) co_return decision.error();
  co_return shown(*decision, named->name);
}

Task<Result<std::string>> AccessConsole::explain(std::string decision) {
  auto row = co_await parts_.store.decision(decision);
  if (!row && row.error().code == Errc::not_found) {
    co_return Error{Errc::not_found, "no decision \"" + decision + "\", or it is older than " +
                                         "retention.decisions keeps them (gatehouse access list)"};
  }
  if (!row) co_return row.error();
  std::string name;
  if (row->decision.person) name = co_await name_of(*row->decision.person);
  auto text = shown(row->decision, name);
  const auto basis = unpack_basis(row->basis);
  co_return joined(std::move(text), "\"basis\":" + (basis ? basis_json(*basis) : std::string("null")));
}

Task<Result<std::string>> AccessConsole::decisions(std::string since, Page page) {
  auto from = parse_look_back(since, parts_.clock.now());
  if (!from) co_return from.error();
  const Instant oldest = from->value_or(Instant());
  auto rows = co_await parts_.store.decisions(oldest, page.after);
  if (!rows) co_return rows.error();
  const std::size_t limit = std::clamp<std::size_t>(page.limit, 1, page_of_store);
  const bool more = rows->size() > limit || rows->size() >= page_of_store;
  if (rows->size() > limit) rows->resize(limit);
  JsonWriter json;
  json.begin_object().key("decisions").begin_array();
  for (const auto& row : *rows) json.raw(shown(row.decision, ""));
  json.end_array();
  if (more) json.member("next", rows->back().decision.id);
  json.end_object();
  co_return json.take();
}

Task<Result<std::string>> AccessConsole::replay(std::string config, std::string since) {
  auto from = parse_look_back(since, parts_.clock.now());
  if (!from) co_return from.error();
  auto loaded = parts_.load_policy(config);
  if (!loaded) co_return loaded.error();
  // What operators set at doors beats any file, so it does here.
  auto state = co_await parts_.knowledge.access_state();
  if (!state) co_return within("read the modes of the doors", state.error());
  const AccessPolicy policy(std::move(loaded->settings), std::move(loaded->zones), std::move(state->modes));
  Replay replayed(policy);
  const Instant oldest = from->value_or(Instant());
  std::string after;
  for (;;) {
    auto rows = co_await parts_.store.decisions(oldest, after);
    if (!rows) co_return within("read the decisions", rows.error());
    for (const auto& row : *rows) replayed.look_at(row);
    if (rows->size() < page_of_store) break;
    after = rows->back().decision.id;
  }
  co_return replayed.document();
}

}  // namespace gatehouse
