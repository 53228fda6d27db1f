#include "tests/unit/store_access.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Desk {
  StoreDirectory directory;
  SetClock clock;
  std::unique_ptr<Store> store = open_store(directory.path, clock);
  PersonWord word;

  Desk() {
    get(store->apply(pass({fate(7, "Lovelace")})));
    word.person = the_person(*store, "net2-hq/7").id;
    settle_all(*store);
  }
  Person say() { return get(store->set_person(word)); }
  std::string last() { return waiting(*store, Lane::people).back().payload; }
};

Grant grant_for(const DoorId& door) {
  Grant grant;
  grant.id = "G1";
  grant.door = door;
  return grant;
}

}  // namespace

TEST_CASE("Whom an administrator disables is told as disabled, and as changed", "[store][person]") {
  Desk desk;
  desk.word.admin_enabled = false;
  const Person disabled = desk.say();
  CHECK_FALSE(disabled.effective());
  CHECK(disabled == get(desk.store->person(desk.word.person)));
  CHECK(told(*desk.store) ==
        std::vector<std::string>{"gatehouse.person.upserted.v1", "gatehouse.person.disabled.v1"});
  CHECK(member(desk.last(), "reason") == "admin");
  CHECK(waiting(*desk.store, Lane::people)[0].payload.find(R"("changed":["admin_enabled"])") !=
        std::string::npos);

  // A pass does not undo it.
  get(desk.store->apply(pass({fate(7, "King", 2)})));
  CHECK_FALSE(get(desk.store->person(desk.word.person)).admin_enabled);

  settle_all(*desk.store);
  desk.word.admin_enabled = true;
  CHECK(desk.say().effective());
  CHECK(told(*desk.store) == std::vector<std::string>{"gatehouse.person.upserted.v1"});
  CHECK(desk.last().find(R"("changed":["admin_enabled"])") != std::string::npos);
}

TEST_CASE("Who had no access before is not told as disabled again", "[store][person]") {
  Desk desk;
  get(desk.store->apply(pass({}, {7})));
  settle_all(*desk.store);
  desk.word.admin_enabled = false;
  desk.say();
  CHECK(told(*desk.store) == std::vector<std::string>{"gatehouse.person.upserted.v1"});
}

TEST_CASE("Coupling somebody whose source has them no more ends their access", "[store][person]") {
  Desk desk;
  get(desk.store->apply(pass({}, {7})));
  desk.word.tracked = false;
  CHECK(desk.say().effective());
  settle_all(*desk.store);
  desk.word.tracked = true;
  CHECK_FALSE(desk.say().effective());
  CHECK(told(*desk.store) ==
        std::vector<std::string>{"gatehouse.person.upserted.v1", "gatehouse.person.disabled.v1"});
  // Its record is looked at anew by the next pass.
  CHECK(get(desk.store->load_index(hq))[0].fingerprint == 0);
}

TEST_CASE("Several things are said in one message, and what is not set stays", "[store][person]") {
  Desk desk;
  desk.word.custom_tags = {{"vip", "a \"b\""}};
  desk.word.grants = {{grant_for(front), grant_for(back)}};
  desk.word.audit = {audit_entry("person.set")};
  const Person said = desk.say();
  CHECK(said.custom_tags == *desk.word.custom_tags);
  CHECK(said.grants == *desk.word.grants);
  CHECK(said.admin_enabled);
  CHECK(told(*desk.store).size() == 1);
  CHECK(desk.last().find(R"("changed":["custom_tags","grants"])") != std::string::npos);

  PersonWord fewer;
  fewer.person = desk.word.person;
  fewer.grants.emplace();
  CHECK(get(desk.store->set_person(fewer)).grants.empty());
  CHECK(get(desk.store->person(fewer.person)).custom_tags == *desk.word.custom_tags);
}

TEST_CASE("Where nothing changes nothing is written but audit and command", "[store][person]") {
  Desk desk;
  desk.word.admin_enabled = true;
  desk.word.custom_tags.emplace();
  const auto log = log_size(desk.directory.path);
  desk.say();
  CHECK(log_size(desk.directory.path) == log);

  desk.word.audit = {audit_entry("person.set")};
  desk.word.command = command_named("jti-1");
  desk.say();
  CHECK(waiting(*desk.store, Lane::people).empty());
  CHECK(get(desk.store->audit_head()).number == 1);
  CHECK(get(desk.store->taken_commands(noon)).size() == 1);

  desk.word.admin_enabled = false;
  const auto refused = ask(desk.store->set_person(desk.word));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::refused);
  CHECK(get(desk.store->person(desk.word.person)).admin_enabled);
  CHECK(get(desk.store->audit_head()).number == 1);
}

TEST_CASE("A word about nobody is an error", "[store][person]") {
  Desk desk;
  desk.word.person = PersonId("nobody");
  desk.word.audit = {audit_entry("person.set")};
  CHECK(ask(desk.store->set_person(desk.word)).error().code == Errc::not_found);
  CHECK(ask(desk.store->person(PersonId("nobody"))).error().code == Errc::not_found);
  CHECK(get(desk.store->audit_head()).number == 0);
}
