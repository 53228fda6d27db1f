// A plan is made by the code that applies it. These hold it to that, over random histories.
#include <algorithm>
#include <sstream>

#include <rapidcheck.h>

#include "tests/unit/store_people.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// A clock that tells how many ids were asked of it.
class CountingClock : public SetClock {
 public:
  std::string new_id() override {
    ++ids;
    return SetClock::new_id();
  }
  std::atomic<std::uint64_t> ids = 0;
};

struct Desk {
  StoreDirectory directory;
  CountingClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += word + ',';
  return text;
}

/// Everybody, in an order and with names that do not depend on ids.
std::vector<std::string> registry_of(Store& store) {
  std::vector<std::string> people;
  for (const auto& person : get(store.list_people({}, {"", 1000})).rows) {
    std::ostringstream text;
    for (const auto& source : person.sources) {
      // former_id() names a person, who has another id in each store.
      const auto& id = source.external_id.value();
      text << source.integration.value() << '/' << id.substr(0, id.find('/')) << ' ' << source.present << ' '
           << to_string(source.rule) << ' ' << source.evidence << ' '
           << format_utc(source.linked.value_or(Instant{})) << "; ";
    }
    text << person.facts.first_name << ' ' << person.facts.last_name << ' ' << person.facts.email << ' '
         << to_string(person.facts.person_type) << ' ' << person.tracked << ' '
         << format_utc(person.last_synced.value_or(Instant{}));
    people.push_back(text.str());
  }
  std::ranges::sort(people);
  return people;
}

/// For whoever has to find out what went wrong.
std::string words(const DirectoryCommit& commit) {
  std::ostringstream text;
  text << commit.run.value() << " of " << commit.integration.value() << ':';
  for (const auto& fate : commit.fates) {
    text << " take " << external_id_text(fate.number, fate.external_id);
    if (fate.facts) text << ' ' << fate.facts->last_name << ' ' << to_string(fate.facts->person_type);
    if (fate.skip) text << ' ' << to_string(*fate.skip) << (fate.leaves ? " leaves" : "");
    if (fate.stranger) text << " stranger";
    if (fate.link) text << ' ' << to_string(fate.link->rule) << " to " << fate.link->person.value();
    if (fate.link && fate.link->other_record) text << *fate.link->other_record;
    text << ';';
  }
  for (const auto& gone : commit.gone) text << " gone " << gone.record;
  for (const auto number : commit.withheld) text << " withheld " << number;
  for (const auto number : commit.erased) text << " erased " << number;
  return text.str();
}

/// What apply did, from what it kept of it: op, record and fields.
std::vector<std::string> done_in(Store& store, const RunId& run) {
  std::vector<std::string> done;
  for (const auto& row : get(store.list_activity({}, std::nullopt, {"0", 1000})).rows) {
    if (row.run != run) continue;
    const auto known = {Outcome::added, Outcome::updated, Outcome::disabled, Outcome::removed};
    if (std::ranges::find(known, row.outcome) == known.end()) continue;
    done.push_back(row.external_id + ' ' + std::string(to_string(row.outcome)) + ' ' + joined(row.fields));
  }
  std::ranges::sort(done);
  return done;
}

/// The same of a plan. A link and a lost source are told as updates, the loss of the last as removals.
std::vector<std::string> promised(const std::vector<PlanChange>& changes) {
  std::vector<std::string> promised;
  for (const auto& change : changes) {
    const bool lost = !change.fate && change.op != PlanOp::disable && !is_replaced(change);
    std::string_view word = "updated";
    if (change.op == PlanOp::add) word = "added";
    if (change.op == PlanOp::disable) word = "disabled";
    if (lost) word = "removed";
    promised.push_back(change.external_id + ' ' + std::string(word) + ' ' + joined(change.changed));
  }
  std::ranges::sort(promised);
  return promised;
}

/// From `from` to below `to`, as likely at the first cases as at the last.
template <typename T>
T number_in(T from, T to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(from, to));
}

template <typename T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

RecordFate random_fate(std::int64_t number, const std::string& external_id,
                       const std::vector<PersonId>& people, bool with_failures) {
  RecordFate made =
      fate(number, one_of<std::string>({"Lovelace", "Hopper", "King"}), number_in<std::uint64_t>(1, 100));
  made.external_id = external_id;
  made.facts->person_type = one_of({PersonType::employee, PersonType::visitor});
  switch (number_in(0, 11)) {
    case 0:
      made.facts.reset();
      made.skip = SkipReason::no_site;
      break;
    case 1:
      made.facts.reset();
      made.skip = SkipReason::group_not_mapped;
      made.leaves = true;
      break;
    case 2:
      made.stranger = true;
      break;
    case 3:
    case 6:
    case 7:
      made.link = RecordLink{.person = {},
                             .other_record = number_in<std::int64_t>(1, 7),
                             .rule = one_of({LinkRule::merged, LinkRule::relinked}),
                             .evidence = ""};
      made.link->evidence = std::to_string(*made.link->other_record);
      break;
    case 4:
      if (people.empty()) break;
      made.link = RecordLink{.person = *rc::gen::elementOf(people),
                             .other_record = std::nullopt,
                             .rule = LinkRule::email,
                             .evidence = "ada@example.com"};
      break;
    case 5:
      if (!with_failures) break;
      made.facts.reset();
      made.skip = SkipReason::identity_changed;
      break;
    default:
      break;
  }
  return made;
}

/// Each record once, in any order. `people`: whom links may name.
DirectoryCommit random_commit(int run, const std::vector<PersonId>& people, bool with_failures) {
  const bool from_feed = number_in(0, 3) == 0;
  DirectoryCommit commit = from_feed ? feed_pass({}) : pass({});
  commit.run = RunId("run-" + std::to_string(run));
  commit.on_removed = one_of({OnRemoved::disable, OnRemoved::disable, OnRemoved::erase, OnRemoved::keep});
  commit.authority.email = one_of({Authority::source, Authority::none});
  std::vector<std::int64_t> numbers{1, 2, 3, 4, 5, 6};
  for (std::size_t i = numbers.size(); i > 1; --i)
    std::swap(numbers[i - 1], numbers[number_in<std::size_t>(0, i)]);
  for (auto number : numbers) {
    const std::string external_id = from_feed ? "hr-" + std::to_string(number) : "";
    if (from_feed) number = record_number(external_id);
    switch (number_in(0, 8)) {
      case 0:
        break;
      case 1:
        commit.gone.push_back({number, std::nullopt});
        break;
      case 2:
        commit.gone.push_back({number, SkipReason::group_not_mapped});
        break;
      case 3:
        commit.withheld.push_back(number);
        break;
      case 4:
        commit.erased.push_back(number);
        break;
      default:
        commit.fates.push_back(random_fate(number, external_id, people, with_failures));
        break;
    }
  }
  return commit;
}

std::vector<PersonId> ids_of(Store& store) {
  std::vector<PersonId> ids;
  for (const auto& person : get(store.list_people({}, {"", 1000})).rows) ids.push_back(person.id);
  return ids;
}

void decouple_somebody(const std::vector<Store*>& stores, const std::vector<std::string>& keys) {
  if (keys.empty() || number_in(0, 3) != 0) return;
  const auto key = *rc::gen::elementOf(keys);
  const bool tracked = *rc::gen::arbitrary<bool>();
  for (auto* store : stores) {
    for (const auto& person : get(store->find_people(key))) {
      get(store->set_tracked(person.id, tracked, "test", std::nullopt));
    }
  }
}

}  // namespace

TEST_CASE("What a commit would do is what it then does, and looking does nothing", "[store][preview]") {
  CHECK(rc::check("changes previewed are changes made", [] {
    Desk desk;
    for (int run = 1; run <= 4; ++run) {
      desk.clock.ms += 1000;
      const DirectoryCommit commit = random_commit(run, ids_of(*desk.store), true);
      RC_LOG() << words(commit) << '\n';
      const auto before = registry_of(*desk.store);
      const auto ids = desk.clock.ids.load();
      const auto size = log_size(desk.directory.path);
      const auto changes = get(desk.store->preview(commit));
      RC_ASSERT(desk.clock.ids.load() == ids);
      RC_ASSERT(log_size(desk.directory.path) == size);
      RC_ASSERT(registry_of(*desk.store) == before);
      for (const auto& change : changes) {
        RC_ASSERT(change.op != PlanOp::add || change.person.value().empty());
        RC_ASSERT(change.person.value().empty() || change.person.value().size() == 26);
      }
      get(desk.store->apply(commit));
      RC_ASSERT(promised(changes) == done_in(*desk.store, commit.run));
      decouple_somebody({desk.store.get()}, {"net2-hq/1", "net2-hq/2", "hr/hr-1"});
    }
  }));
}

TEST_CASE("Applying a plan leaves the people as applying its records does", "[store][preview][plans]") {
  CHECK(rc::check("by pieces of any size", [] {
    Desk direct;
    Desk planned;
    for (int run = 1; run <= 3; ++run) {
      direct.clock.ms += 1000;
      planned.clock.ms.store(direct.clock.ms);
      // Links by id would name different people in the two.
      const DirectoryCommit commit = random_commit(run, {}, false);
      RC_LOG() << words(commit) << '\n';
      get(direct.store->apply(commit));
      const auto changes = get(planned.store->preview(commit));
      Plan plan = plan_named(planned.clock, "plan-" + std::to_string(run));
      plan.integration = commit.integration;
      plan = offered(*planned.store, plan, changes);
      get(planned.store->set_plan_state(plan.id, PlanState::applying));
      DirectoryCommit settings = commit;
      settings.fates.clear();
      settings.gone.clear();
      settings.withheld.clear();
      settings.erased.clear();
      const auto at_most = number_in<std::size_t>(1, 5);
      PlanProgress progress{.report = {}, .done = 0, .count = plan.count};
      while (progress.done < progress.count) {
        const auto next = get(planned.store->apply_changes(plan.id, settings, at_most));
        RC_ASSERT(next.done == std::min<std::uint64_t>(plan.count, progress.done + at_most));
        progress = next;
      }
      get(planned.store->end_plan({.plan = plan.id, .run = {}, .mapping = {}, .switched_off = {}}));
      RC_ASSERT(registry_of(*planned.store) == registry_of(*direct.store));
      decouple_somebody({direct.store.get(), planned.store.get()}, {"net2-hq/1", "net2-hq/3", "hr/hr-2"});
    }
  }));
}

TEST_CASE("A record may rest on one before it in the same piece of work", "[store][preview]") {
  Desk desk;
  DirectoryCommit commit =
      pass({fate(2, "Lovelace"),
            linked(fate(5, "Lovelace"),
                   {.person = {}, .other_record = 2, .rule = LinkRule::merged, .evidence = "by olga"})});
  const auto changes = get(desk.store->preview(commit));
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].op == PlanOp::add);
  CHECK(changes[1].op == PlanOp::link);
  CHECK(changes[1].person.value().empty());
  CHECK(changes[1].name == "Ada Lovelace");
  CHECK_THAT(plan_change_json(changes[1]), Catch::EndsWith(R"("fields":{}})"));  // only what it changes
  get(desk.store->apply(commit));
  const Person person = the_person(*desk.store, "net2-hq/5");
  REQUIRE(person.sources.size() == 2);
  CHECK(person.sources[0].external_id == ExternalId("2"));
  CHECK(person.sources[1].rule == LinkRule::merged);
  CHECK(person.sources[1].evidence == "by olga");
}
