// The main job on a fine day: people in, people out; swipes in, swipes out.
#include <algorithm>
#include <map>
#include <set>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

json::object last_sync(const Ledger& ledger) {
  json::object out;
  for (const auto& fact : ledger.of("sync")) out = fact.data();
  return out;
}

std::size_t listed_people(const Gateway& gateway) {
  const auto answer = gateway.json({"people", "list"});
  const auto* list = answer.if_contains("people");
  return list && list->is_array() ? list->as_array().size() : 0;
}

TEST_CASE("S0-1, S2-1: the first sync brings every importable person of 500 to the cloud, each once",
          "[sync]") {
  House house({.people = 500, .doors = 12});
  house.start_and_import();
  const auto sync = last_sync(house.recorder.ledger());
  const auto counts = sync.at("counts").as_object();
  INFO(json::serialize(json::value(sync)));
  const auto added = number_at(counts, "added");
  const auto skipped = number_at(counts, "skipped");
  CHECK(number_at(counts, "seen") == 500);
  CHECK(added + skipped == 500);
  CHECK(added > 400);
  CHECK(skipped > 0);
  CHECK(text_at(sync, "outcome") == "complete");

  REQUIRE(house.recorder.wait(20s, [&](const Ledger& ledger) {
    return ledger.count("person.upserted") >= static_cast<std::size_t>(added) &&
           ledger.count("activity") >= static_cast<std::size_t>(skipped);
  }));
  const auto ledger = house.recorder.ledger();
  std::set<std::string> numbers, ids;
  for (const auto& fact : ledger.of("person.upserted")) {
    const auto person = fact.data().at("person").as_object();
    ids.insert(text_at(person, "id"));
    const auto source = person.at("sources").as_array().at(0).as_object();
    CHECK(text_at(source, "integration") == "net2-hq");
    numbers.insert(text_at(source, "external_id"));
    const bool reachable = !text_at(person, "email").empty() || !text_at(person, "phone").empty();
    CHECK(reachable);  // require_identifier: email_or_phone
    CHECK(person.at("access").as_object().at("effective").as_bool());
  }
  CHECK(ids.size() == static_cast<std::size_t>(added));
  CHECK(numbers.size() == static_cast<std::size_t>(added));

  std::map<std::string, int> reasons;
  for (const auto& fact : ledger.of("activity")) {
    const auto data = fact.data();
    if (text_at(data, "outcome") == "skipped") ++reasons[text_at(data, "reason")];
  }
  int explained = 0;
  for (const auto& [reason, count] : reasons) {
    INFO(reason << " " << count);
    CHECK((reason == "group_not_mapped" || reason == "missing_identifier"));
    explained += count;
  }
  CHECK(explained == skipped);
  CHECK(listed_people(house.gateway) == static_cast<std::size_t>(added));
  CHECK(lines(ledger.broken()).empty());
}

TEST_CASE("Swipes reach the cloud while they happen", "[events]") {
  House house({.people = 20, .doors = 4});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(30);
  REQUIRE(house.all_events_out(10s, first));
  const auto ledger = house.recorder.ledger();
  std::size_t granted = 0;
  for (const auto& fact : ledger.of("access.granted")) {
    const auto data = fact.data();
    CHECK_FALSE(data.at("catch_up").as_bool());
    CHECK(text_at(data, "door").starts_with("net2-hq/"));
    CHECK(text_at(data, "at").ends_with("Z"));
    ++granted;
  }
  CHECK(granted > 0);
  CHECK(lines(ledger.broken()).empty());

  SECTION("and the retained state says that the gateway is online") {
    const auto state = ledger.last("/up/state").at("data").as_object();
    CHECK(state.at("online").as_bool());
    CHECK_FALSE(text_at(state, "epoch").empty());
  }
}

TEST_CASE("S0-1, S2-14: what changes in Net2 changes in the cloud, and nothing else is told", "[sync]") {
  House house({.people = 60, .doors = 4, .sim_arguments = {"--plain"}});
  house.start_and_import();
  REQUIRE(house.state_becomes("active"));
  const auto upserted = [](const Ledger& ledger) { return ledger.count("person.upserted"); };
  const auto before = house.recorder.ask(upserted);
  REQUIRE(before == 60);

  const auto one = house.net2.add_people(1);
  REQUIRE(house.recorder.wait(15s, [&](const Ledger& ledger) { return upserted(ledger) == before + 1; }));
  house.net2.change_person(one, R"({"firstName":"Grace"})");
  REQUIRE(house.recorder.wait(15s, [&](const Ledger& ledger) { return upserted(ledger) == before + 2; }));
  const auto changed = house.recorder.ledger().of("person.upserted").back().data();
  CHECK(text_at(changed.at("person").as_object(), "first_name") == "Grace");
  CHECK(changed.at("changed").as_array().size() == 1);
  house.net2.remove_person(one);
  REQUIRE(
      house.recorder.wait(15s, [](const Ledger& ledger) { return ledger.count("person.disabled") == 1; }));
  const auto gone = house.recorder.ledger().of("person.disabled").back().data();
  CHECK(text_at(gone, "reason") == "removed_at_source");

  // A few more passes over the same people: silence, once that pass has said its last word.
  const auto reads = [&] { return house.net2.asked("querydb") + house.net2.asked("users"); };
  const auto of_that_pass = reads();
  REQUIRE(eventually(20s, [&] { return reads() >= of_that_pass + 2; }));
  const auto told = house.recorder.ask([](const Ledger& ledger) { return ledger.facts().size(); });
  const auto so_far = reads();
  REQUIRE(eventually(20s, [&] { return reads() >= so_far + 4; }));
  CHECK(house.recorder.ask(upserted) == before + 2);
  CHECK(house.recorder.ask([](const Ledger& ledger) { return ledger.facts().size(); }) == told);
  CHECK(lines(house.recorder.ledger().broken()).empty());
}

}  // namespace
}  // namespace gatehouse::whole
