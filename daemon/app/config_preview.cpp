#include "daemon/app/config_preview.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "daemon/app/wakeup.hpp"
#include "daemon/core/decision.hpp"
#include "daemon/core/json_writer.hpp"
#include "daemon/core/mapping.hpp"

namespace gatehouse {
namespace {

constexpr std::size_t people_a_page = 2000;  // KnowledgeStore::known_people
constexpr std::size_t most_examples = 20;
constexpr Duration let_others_run = std::chrono::milliseconds(1);
constexpr std::size_t people_a_portion = 100;

/// Ids of one kind of thing, before and after.
template <typename T>
std::vector<std::string> ids_of(const std::vector<T>& things) {
  std::vector<std::string> ids;
  for (const auto& thing : things) {
    if constexpr (std::is_same_v<T, ConfiguredDoor>) {
      ids.push_back(to_string(thing.id));
    } else {
      ids.push_back(thing.id.value());
    }
  }
  return ids;
}

struct Things {
  std::vector<std::string> added, changed, removed;
};

template <typename T>
Things compare_things(const std::vector<T>& before, const std::vector<T>& after) {
  Things things;
  const auto was = ids_of(before);
  const auto is = ids_of(after);
  for (std::size_t i = 0; i < was.size(); ++i) {
    const auto at = std::ranges::find(is, was[i]);
    if (at == is.end()) {
      things.removed.push_back(was[i]);
    } else if (!(before[i] == after[static_cast<std::size_t>(at - is.begin())])) {
      things.changed.push_back(was[i]);
    }
  }
  for (const auto& id : is) {
    if (std::ranges::find(was, id) == was.end()) things.added.push_back(id);
  }
  return things;
}

void write_list(JsonWriter& json, const char* name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const auto& text : texts) json.value(text);
  json.end_array();
}

void write_things(JsonWriter& json, const Settings& before, const Settings& after) {
  const std::pair<const char*, Things> all[] = {
      {"integrations", compare_things(before.integrations, after.integrations)},
      {"doors", compare_things(before.doors, after.doors)},
      {"access_points", compare_things(before.access_points, after.access_points)},
      {"scopes", compare_things(before.scopes, after.scopes)}};
  const std::pair<const char*, std::vector<std::string> Things::*> ways[] = {
      {"added", &Things::added}, {"changed", &Things::changed}, {"removed", &Things::removed}};
  for (const auto& [way, member] : ways) {
    json.key(way).begin_object();
    for (const auto& [name, things] : all) write_list(json, name, things.*member);
    json.end_object();
  }
}

void write_keys(JsonWriter& json, const std::vector<ChangedKey>& keys) {
  json.key("keys").begin_array();
  for (const auto& key : keys) {
    json.begin_object().member("key", key.key).key("before");
    key.before.empty() ? json.null() : json.value(key.before);
    json.key("after");
    key.after.empty() ? json.null() : json.value(key.after);
    json.end_object();
  }
  json.end_array();
}

std::vector<SiteId> sites_of(const Settings& settings) {
  std::vector<SiteId> ids;
  for (const auto& site : settings.gateway.sites) ids.push_back(site.id);
  return ids;
}

const Integration* find(const Settings& settings, const IntegrationId& id) {
  const auto found = std::ranges::find(settings.integrations, id, &Integration::id);
  return found == settings.integrations.end() ? nullptr : &*found;
}

/// What another configuration means for an integration's people; empty where nothing.
struct SyncEffect {
  std::string what;
  std::string text;  ///< behind "N records"
};

SyncEffect effect_on(const Integration* was, const Integration* is, const Settings& before,
                     const Settings& after, const TextFold& fold) {
  if (was == nullptr)
    return {"added",
            is->enabled ? "it will be read for the first time" : "nothing is read until it is enabled"};
  if (is == nullptr) return {"removed", "its records stay known and age until: gatehouse integration remove"};
  if (was->enabled != is->enabled)
    return is->enabled ? SyncEffect{"enabled", "it will be read again"}
                       : SyncEffect{"disabled", "it is read no more, and what is known of its people ages"};
  const auto old_mapping = make_mapping(*was, sites_of(before), fold);
  const auto new_mapping = make_mapping(*is, sites_of(after), fold);
  if (old_mapping.shape != new_mapping.shape)
    return {"mapping", "a mapping change: they are read anew and compared, and a plan will be made"};
  if (old_mapping.seed != new_mapping.seed)
    return {"rules", "they are all looked at again by the new rules at the next read"};
  const auto& old_server = was->net2;
  const auto& new_server = is->net2;
  if (old_server.url != new_server.url || old_server.username != new_server.username ||
      old_server.password != new_server.password || old_server.client_id != new_server.client_id ||
      old_server.tls != new_server.tls)
    return {"server", "it connects anew; other people behind it stop at a plan"};
  return {};
}

/// A page of people, and what becomes of each.
class PeopleEffects {
 public:
  PeopleEffects(const AccessPolicy& before, const AccessPolicy& after, std::vector<Instant> at, bool trusted)
      : before_(before), after_(after), at_(std::move(at)), trusted_(trusted) {
    for (const auto* policy : {&before_, &after_}) {
      for (const auto& point : policy->settings().access_points) points_.insert(point.id);
    }
  }

  void look_at(const PersonEntry& entry, const KnownPerson& known, const KnowledgeAge& age) {
    ++looked_at_;
    std::optional<AccessPointId> in;
    std::optional<AccessPointId> out;
    for (const auto& point : points_) {
      for (const auto at : at_) {
        const bool was = allowed(before_, point, entry, known, age, at);
        const bool is = allowed(after_, point, entry, known, age, at);
        if (is && !was && !in) in = point;
        if (was && !is && !out) out = point;
      }
    }
    if (in) note(let_in_, "let_in", entry, *in);
    if (out) note(kept_out_, "kept_out", entry, *out);
  }

  std::string document() {
    JsonWriter json;
    json.begin_object().member("looked_at", static_cast<std::uint64_t>(looked_at_)).key("at").begin_array();
    for (const auto at : at_) json.value(format_utc(at));
    json.end_array();
    write(json, "let_in", let_in_);
    write(json, "kept_out", kept_out_);
    json.key("examples").begin_array().raw(examples_.take()).end_array().end_object();
    return json.take();
  }

 private:
  using ByType = std::map<PersonType, std::uint64_t>;

  bool allowed(const AccessPolicy& policy, const AccessPointId& id, const PersonEntry& entry,
               const KnownPerson& known, const KnowledgeAge& age, Instant at) const {
    const auto* point = policy.access_point(id);
    if (point == nullptr || point->settings.open_on.empty() || point->settings.open_modes.empty())
      return false;
    SignIn asked;
    asked.access_point = id;
    asked.direction = point->settings.open_on.front();
    asked.mode = point->settings.open_modes.front();
    Subject subject;
    subject.person = &known;
    subject.grants = &entry.person.grants;
    subject.visits = &entry.visits;
    subject.age = age;
    // A lockdown passes; what is asked is what the configuration says.
    return decide(asked, subject, policy, Lockdown{}, Moment{.now = at, .trusted = trusted_}).allow;
  }

  void note(ByType& count, const char* effect, const PersonEntry& entry, const AccessPointId& point) {
    ++count[entry.person.facts.person_type];
    if (listed_++ >= most_examples) return;
    const auto& facts = entry.person.facts;
    examples_.begin_object().member("person", entry.person.id.value());
    examples_.member("name", facts.first_name + ' ' + facts.last_name);
    examples_.member("person_type", to_string(facts.person_type)).member("effect", effect);
    examples_.member("access_point", point.value()).end_object();
  }

  static void write(JsonWriter& json, const char* name, const ByType& count) {
    json.key(name).begin_object();
    for (const auto& [type, people] : count) json.member(to_string(type), people);
    json.end_object();
  }

  const AccessPolicy& before_;
  const AccessPolicy& after_;
  std::vector<Instant> at_;
  bool trusted_;
  std::set<AccessPointId> points_;
  std::size_t looked_at_ = 0;
  std::size_t listed_ = 0;
  ByType let_in_;
  ByType kept_out_;
  JsonWriter examples_;
};

}  // namespace

std::vector<Instant> preview_moments(Instant now, const TimeZone& zone) {
  const auto today = std::chrono::floor<std::chrono::days>(zone.local(now));
  for (int days = 1;; ++days) {
    const auto day = today + std::chrono::days(days);
    const std::chrono::weekday weekday(day);
    if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) continue;
    return {now, zone.first_instant_of(LocalTime(day) + std::chrono::minutes(10 * 60 + 30))};
  }
}

Task<Result<std::uint64_t>> ConfigPreview::records_of(IntegrationId id) {
  auto index = co_await parts_.directory.load_index(std::move(id));
  if (!index) co_return index.error();
  const auto present = std::ranges::count_if(*index, [](const auto& record) { return record.present; });
  co_return static_cast<std::uint64_t>(present);
}

/// Which of their records would be read, judged or left: of single people no more can be said, because the
/// mirror keeps what the mapping asked for, and nothing that another mapping would.
Task<Result<std::string>> ConfigPreview::sync_changes(Settings next) {
  const Settings now = parts_.settings;
  std::set<IntegrationId> ids;
  for (const auto* settings : {&now, static_cast<const Settings*>(&next)}) {
    for (const auto& integration : settings->integrations) ids.insert(integration.id);
  }
  JsonWriter json;
  json.begin_array();
  for (const auto& id : ids) {
    const auto effect = effect_on(find(now, id), find(next, id), now, next, parts_.fold);
    if (effect.what.empty()) continue;
    auto records = co_await records_of(id);
    if (!records) co_return within("read the records of " + id.value(), records.error());
    json.begin_object().member("integration", id.value()).member("what", effect.what);
    json.member("records", *records).member("text", effect.text).end_object();
  }
  json.end_array();
  co_return json.take();
}

Task<Result<std::string>> ConfigPreview::people_changes(CandidateConfig next) {
  auto state = co_await parts_.knowledge.access_state();
  if (!state) co_return within("read the modes of the doors", state.error());
  auto zones = parts_.zones(parts_.settings);
  if (!zones) co_return zones.error();
  auto moments = preview_moments(parts_.clock.now(), *next.zone);
  const AccessPolicy now(parts_.settings, std::move(*zones), state->modes);
  const AccessPolicy after(std::move(next.settings), std::move(next.zones), std::move(state->modes));
  PeopleEffects count(now, after, std::move(moments), parts_.clock.quality() == ClockQuality::ok);
  PersonId last;
  for (;;) {
    auto page = co_await parts_.knowledge.known_people(last);
    if (!page) co_return within("read the people", page.error());
    for (std::size_t i = 0; i < page->size(); ++i) {
      const auto& entry = (*page)[i];
      const auto known = known_person(entry.person, parts_.fold);
      count.look_at(entry, known, parts_.ages().of(known.sources));
      if (i % people_a_portion == people_a_portion - 1) co_await pause(let_others_run);
    }
    if (page->size() < people_a_page) break;
    last = page->back().person.id;
  }
  co_return count.document();
}

Task<Result<std::string>> ConfigPreview::look(std::string yaml) {
  auto next = parts_.load(yaml);
  if (!next) co_return next.error();
  const auto keys = parts_.compare(parts_.settings, next->settings);
  JsonWriter json;
  json.begin_object().member("same", keys.empty()).member("revision", parts_.revision);
  write_list(json, "needs_restart", parts_.needs_restart(parts_.settings, next->settings));
  write_keys(json, keys);
  write_things(json, parts_.settings, next->settings);
  auto syncing = sync_changes(next->settings);
  auto sync = co_await std::move(syncing);
  if (!sync) co_return sync.error();
  json.key("sync").raw(*sync);
  auto looking = people_changes(std::move(*next));
  auto people = co_await std::move(looking);
  if (!people) co_return people.error();
  json.key("people").raw(*people);
  auto deciding = parts_.replay(std::move(yaml), "7d");
  auto decisions = co_await std::move(deciding);
  if (!decisions) co_return decisions.error();
  json.key("decisions").raw(*decisions).end_object();
  co_return json.take();
}

}  // namespace gatehouse
