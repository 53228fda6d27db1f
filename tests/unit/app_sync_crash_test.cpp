// The process dies at every step of a pass and of a plan; the end is the one it would have had.

#include <catch2/catch.hpp>

#include "tests/unit/failing_store.hpp"
#include "tests/unit/sync_desk.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// Everybody, without what differs by chance: the ids.
std::vector<std::string> registry_of(SyncDesk& desk) {
  std::vector<std::string> people;
  for (const auto& person : desk.everybody()) {
    std::string text = person.facts.first_name + ' ' + person.facts.last_name + ' ' + person.facts.email;
    text += ' ' + std::string(to_string(person.facts.person_type));
    std::vector<std::string> claims;
    for (const auto& source : person.sources)
      claims.push_back(source.external_id.value() + (source.present ? "+" : "-"));
    std::ranges::sort(claims);
    for (const auto& claim : claims) text += ' ' + claim;
    people.push_back(text);
  }
  std::ranges::sort(people);
  return people;
}

std::vector<std::string> mirror_of(SyncDesk& desk) {
  std::vector<std::string> records;
  for (const auto& known : get(desk.world.store->load_index(hq))) {
    records.push_back(std::to_string(known.number) + (known.present ? "+" : "-") +
                      (known.imported ? "p" : "") + (known.unsettled ? "u" : "") +
                      (known.skip ? std::string(to_string(*known.skip)) : ""));
  }
  return records;
}

/// Each record that was imported has its person, and each person of the integration has the record.
bool registry_and_mirror_agree(SyncDesk& desk) {
  std::vector<std::string> imported;
  for (const auto& known : get(desk.world.store->load_index(hq))) {
    if (known.imported) imported.push_back(std::to_string(known.number));
  }
  std::vector<std::string> claimed;
  for (const auto& person : desk.everybody()) {
    for (const auto& source : person.sources) claimed.push_back(source.external_id.value());
  }
  std::ranges::sort(imported);
  std::ranges::sort(claimed);
  return imported == claimed;
}

/// The daemon dies at one call of the store, and is started again.
bool die_at(SyncDesk& desk, int call, FailingStore::How how, const std::optional<PlanId>& plan) {
  FailingStore failing(*desk.world.store, call, how);
  desk.make(failing, failing, failing, failing);
  bool died = !ask(desk.sync->load());
  died = died || !ask(desk.sync->resume_plan());
  if (!died) {
    PassAsk asked;
    if (plan) {
      asked.trigger = Trigger::manual;
      asked.apply = get(desk.world.store->plan(*plan));
    }
    died = !desk.try_run(std::move(asked));
  }
  desk.restart();
  CHECK(died == failing.failed());
  return died;
}

void change_much(SyncDesk& desk) {
  desk.people(4, 33);
  desk.source.at(4) = record(4, "Changed");
  desk.source.at(5).department = "Leavers";
  desk.source.at(6).values[2] = "none";
  desk.source.people.push_back(somebody(40, "Ada", "Nr8", "ada8@example.com"));
  desk.source.people.push_back(somebody(41, "Ada", "Nr41", "ada41@example.com"));
  desk.source.people.push_back(somebody(42, "Ada", "Nr41", "ada41@example.com"));
}

}  // namespace

TEST_CASE("B.2-15: wherever a pass dies registry and mirror agree, and the next makes it good",
          "[sync][crash]") {
  const auto how = GENERATE(FailingStore::How::not_made, FailingStore::How::answer_lost);
  const auto begin = [](SyncDesk& desk) {
    desk.people(1, 30);
    desk.run();
    change_much(desk);
  };
  SyncDesk right;
  begin(right);
  right.run();
  right.run();

  int call = 1;
  for (;; ++call) {
    INFO("call " << call << (how == FailingStore::How::not_made ? "" : ", answer lost"));
    SyncDesk desk;
    begin(desk);
    const bool died = die_at(desk, call, how, std::nullopt);
    CHECK(registry_and_mirror_agree(desk));
    desk.run();
    desk.run();
    CHECK(registry_of(desk) == registry_of(right));
    CHECK(mirror_of(desk) == mirror_of(right));
    CHECK(desk.issues().size() == right.issues().size());
    const auto before = desk.world.written();
    desk.run();
    CHECK(desk.world.written() == before);
    if (!died) break;
  }
  CHECK(call > (how == FailingStore::How::not_made ? 12 : 4));
}

TEST_CASE("S2-54: a plan that was confirmed is carried out to its end, wherever the daemon dies",
          "[sync][crash]") {
  const auto [what, how] = GENERATE(table<PlanKind, FailingStore::How>({
      {PlanKind::first_sync, FailingStore::How::not_made},
      {PlanKind::first_sync, FailingStore::How::answer_lost},
      {PlanKind::mapping_change, FailingStore::How::not_made},
      {PlanKind::guard, FailingStore::How::answer_lost},
  }));
  const PlanKind kind = what;
  const auto begin = [kind](SyncDesk& desk) {
    desk.people(1, 30);
    switch (kind) {
      case PlanKind::guard:
        desk.run();
        desk.people(21, 30);
        break;
      case PlanKind::mapping_change:
        desk.run();
        desk.integration.sync.groups = {{"Staff", PersonType::contractor}, {"Guests", PersonType::visitor}};
        desk.source.at(7).department = "Leavers";
        desk.source.people.push_back(record(31));
        desk.begin();
        break;
      default:
        desk.source.people.push_back(somebody(31, "Ada", "Nr3", "ada3@example.com"));
        desk.say(3, RecordChoice::Kind::link, {}, 31);
    }
    return desk.run().plan.value().id;
  };
  const auto settings =
      sync_settings(kind == PlanKind::first_sync ? FirstSync::confirm : FirstSync::automatic);
  SyncDesk right(settings);
  right.apply(begin(right));
  right.run();

  int call = 1;
  bool went_on = false;
  for (;; ++call) {
    INFO(to_string(kind) << ", call " << call << (how == FailingStore::How::not_made ? "" : ", answer lost"));
    SyncDesk desk(settings);
    const auto plan = begin(desk);
    const bool died = die_at(desk, call, how, plan);
    const auto state = get(desk.world.store->plan(plan)).state;
    CHECK((state == PlanState::open || state == PlanState::applied));  // nothing, or all of it
    if (state == PlanState::open) {
      CHECK(died);
      CHECK(desk.run().plan.value().id == plan);
      desk.apply(plan);
    } else if (died) {
      went_on = true;
    }
    desk.run();
    CHECK(registry_of(desk) == registry_of(right));
    CHECK(mirror_of(desk) == mirror_of(right));
    CHECK(desk.plans().empty());
    if (!died) break;
  }
  CHECK(went_on);
  CHECK(call > (how == FailingStore::How::not_made ? 12 : 4));
}
