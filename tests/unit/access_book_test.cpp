// Who is known, in memory, and how old that is.

#include <catch2/catch.hpp>

#include "tests/unit/access_desk_case.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using namespace std::chrono_literals;

TEST_CASE("The book gives back what was put, until it is put anew or dropped", "[access]") {
  const PlainFold fold;
  AccessBook book(fold);
  auto ada = person("Ada");
  ada.person.grants.push_back(
      {.id = "g", .door = front_door, .scope = {}, .site = {}, .hours = {}, .from = {}, .until = {}});
  ada.visits.push_back({.id = "v", .site = head_office});
  book.put(ada);
  book.put(person("Bob"));
  REQUIRE(book.find(PersonId("Ada")));
  CHECK(book.find(PersonId("Ada"))->person == known_person(ada.person, fold));
  CHECK(book.find(PersonId("Ada"))->grants == ada.person.grants);
  CHECK(book.find(PersonId("Ada"))->visits == ada.visits);
  CHECK(book.find_cloud("c-Ada")->person.id == PersonId("Ada"));
  CHECK_FALSE(book.find(PersonId("Eve")));
  CHECK_FALSE(book.find_cloud(""));
  ada.person.grants.clear();
  ada.person.sources[1].external_id = ExternalId("c-other");
  book.put(ada);
  CHECK(book.size() == 2);
  CHECK(book.find(PersonId("Ada"))->grants.empty());
  CHECK_FALSE(book.find_cloud("c-Ada"));
  CHECK(book.find_cloud("c-other"));
  auto bob = person("Bob");
  bob.person.sources[1].external_id = ExternalId("c-other");
  book.put(bob);
  CHECK_FALSE(book.find_cloud("c-other"));  // two claim it
  book.drop(PersonId("Bob"));
  CHECK(book.find_cloud("c-other"));
  CHECK(book.size() == 1);
}

TEST_CASE("A disabled namesake counts as long as there is one", "[access]") {
  const PlainFold fold;
  AccessBook book(fold);
  auto one = person("one");
  auto two = person("two");
  one.person.facts.first_name = two.person.facts.first_name = "Ada";
  one.person.admin_enabled = two.person.admin_enabled = false;
  book.put(one);
  book.put(two);
  book.put(two);
  CHECK(book.namesake_disabled("ADA ", "lovelace"));
  book.drop(PersonId("one"));
  CHECK(book.namesake_disabled("Ada", "Lovelace"));
  two.person.admin_enabled = true;
  book.put(two);
  CHECK_FALSE(book.namesake_disabled("Ada", "Lovelace"));
  CHECK_FALSE(book.namesake_disabled("", ""));
}

TEST_CASE("D-3: the oldest source counts, and what was never proved has no age", "[access]") {
  DeskClock clock;
  KnowledgeAges ages(clock);
  const KnownPerson::Source local{net2, SourceKind::net2, true};
  const KnownPerson::Source cloud{IntegrationId("cloud"), SourceKind::cloud, true};
  const KnownPerson::Source walk_in{IntegrationId("walk_in"), SourceKind::walk_in, true};
  CHECK_FALSE(ages.of({local}).age);
  CHECK_FALSE(ages.of(std::vector<KnownPerson::Source>{}).age);
  ages.load({{net2, clock.now() - 3h}, {cloud.integration, clock.now() + 1h}});
  CHECK(ages.of({local}) == KnowledgeAge{Duration(3h), true});
  CHECK_FALSE(ages.of({cloud}).age);  // a proof from the future proves nothing
  ages.proved(net2);
  ages.proved(walk_in.integration);
  clock.pass(5min);
  CHECK(ages.of({local}) == KnowledgeAge{Duration(5min), false});
  CHECK_FALSE(ages.of({local, cloud}).age);  // one without an age leaves all without
  CHECK(ages.of({local, walk_in}) == KnowledgeAge{Duration(5min), false});  // a name said once is no doubt
  CHECK_FALSE(ages.of({walk_in}).age);
  auto unsaved = ages.take_unsaved();
  REQUIRE(unsaved.size() == 2);
  CHECK(unsaved[0] == Proof{net2, clock.now() - 5min});
  CHECK(ages.take_unsaved().empty());
  ages.put_back(unsaved);
  CHECK(ages.take_unsaved() == unsaved);
  // What was read is as old as the end of the read, however long it took to write it down.
  ages.proved(net2, clock.uptime() - 2min);
  CHECK(ages.of({local}) == KnowledgeAge{Duration(2min), false});
  CHECK(ages.take_unsaved() == std::vector{Proof{net2, clock.now() - 2min}});
}
