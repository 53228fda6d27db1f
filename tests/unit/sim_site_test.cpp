#include <set>

#include <catch2/catch.hpp>

#include "tests/sim/door_mechanics.hpp"
#include "tests/sim/seed.hpp"
#include "tests/sim/world.hpp"

using namespace gatehouse::sim;

namespace {

World small_world(int people = 60) {
  return World({.people = people}, *SiteClock::in_zone("Europe/London"), 1);
}

}  // namespace

TEST_CASE("The same seed gives the same people, and nobody's name, e-mail or card comes twice",
          "[sim][seed]") {
  const auto directory = make_directory(make_doors({}));
  std::set<std::string> names, emails, cards;
  std::size_t held = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto person = make_person({.seed = 7}, i, directory);
    names.insert(person.full_name());
    emails.insert(person.fields.at(9));
    for (const auto& card : person.cards) cards.insert(card_key(card.value));
    held += person.cards.size();
  }
  CHECK(names.size() == 20'000);
  CHECK(emails.size() == 20'000);
  CHECK(cards.size() == held);
  CHECK(make_person({.seed = 7}, 123, directory).full_name() ==
        make_person({.seed = 7}, 123, directory).full_name());
  CHECK(make_doors({}).all.at(0).address == 6203980);
  CHECK(make_doors({}).all.at(0).name == "Front door");
}

TEST_CASE("An off-line controller keeps its events and gives them later, with their old times and new ids",
          "[sim][events]") {
  auto world = small_world();
  auto& door = world.doors.all[0];
  world.set_online(door, false);
  CHECK(world.log({.type = 20, .door = door.address}) == 0);
  world.clock.shift(3'600'000);
  const auto later = world.log({.type = 20, .door = world.doors.all[1].address});
  world.set_online(door, true);
  const auto& last = world.events.rows().back();
  CHECK(last.id > later);
  CHECK(last.address == door.address);
  CHECK(last.at < world.events.rows()[static_cast<std::size_t>(later) - 1].at);
}

TEST_CASE("Rows are found by id and by wall time, late arrivals too", "[sim][events]") {
  EventLog log(1);
  for (int i = 0; i < 100; ++i) log.append({.at = i % 10 == 9 ? 0 : i * 1000});
  CHECK(log.first_from(51) == 50);
  CHECK(log.first_from(1000) == 100);
  const auto first = log.first_not_before(50'000);
  for (std::size_t i = 0; i < first; ++i) CHECK(log.rows()[i].local() < 50'000);
}

TEST_CASE("A reader decides by card, dates, lockdown and access level", "[sim][doors]") {
  auto world = small_world();
  const auto& door = world.doors.all[0];
  Person person;
  person.first = "Test";
  person.levels = {1};
  const Card card{1, 3, "12345678", false};
  const auto verdict = [&](const Card* held) { return decide_at_reader(world, door, &person, held, true); };
  CHECK(verdict(&card).type == 20);
  CHECK(verdict(nullptr).sub_type == 22);
  const Card lost{1, 3, "12345678", true};
  CHECK(verdict(&lost).sub_type == 72);
  person.expires = world.now_local() - 1;
  CHECK(verdict(&card).sub_type == 70);
  person.expires.reset();
  person.levels.clear();
  CHECK(verdict(&card).sub_type == 20);
  person.levels = {1};
  world.lockdown = true;
  CHECK(verdict(&card).type == 112);
  person.lockdown_exempt = true;
  CHECK(verdict(&card).type == 113);
}

TEST_CASE("A card's leading zeros do not make it another card, and a deleted person's card is free",
          "[sim][people]") {
  auto world = small_world();
  Person person;
  person.first = "Ann";
  const int id = world.people.add(person);
  world.people.add_card(id, {0, 3, "00012345", false});
  REQUIRE(world.people.holder("12345") != nullptr);
  CHECK(world.people.holder("12345")->id == id);
  CHECK(world.people.remove(id, false));
  CHECK(world.people.holder("12345") == nullptr);
  CHECK(world.people.find(id) == nullptr);
  CHECK(world.people.find_any(id) != nullptr);
  CHECK(world.people.remove(id, true));
  CHECK(world.people.find_any(id) == nullptr);
}

TEST_CASE("A fault hits the path and the number of requests it was made for", "[sim][faults]") {
  Faults faults;
  const auto rule = Faults::parse({{"kind", "502"}, {"path", "/USERS"}, {"count", 1}, {"skip", 1}});
  REQUIRE(rule.ok());
  faults.add(*rule);
  Request request;
  request.method = "GET";
  request.path = "/api/v1/doors";
  CHECK_FALSE(faults.take(request).has_value());
  request.path = "/api/v1/users";
  CHECK_FALSE(faults.take(request).has_value());
  CHECK(faults.take(request)->status == 502);
  CHECK_FALSE(faults.take(request).has_value());
  CHECK_FALSE(Faults::parse({{"kind", "flood"}}).ok());
}
