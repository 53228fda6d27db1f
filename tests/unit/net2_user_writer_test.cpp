// Writing users, against the simulator: lossless, verified, never twice.

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/simulated_net2.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const Ownership ours{"custom:Gatehouse", "gatehouse:01P"};

NewNet2User ada() {
  NewNet2User user;
  user.owner = ours;
  user.fields = {{"firstName", "Ada"},
                 {"lastName", "Lovelace"},
                 {"custom:Email", "ada@example.com"},
                 {"telephone", "020 7946 0018"}};
  user.access_level = 3;
  user.department = 2;
  return user;
}

/// Somebody as an installer leaves them: with everything that a careless write would lose.
sim::Person& leaver(SimulatedNet2& net2) {
  sim::Person person;
  person.first = "Ada";
  person.last = "Lovelace";
  person.middle = " Augusta ";
  person.pin = "4711";
  person.extension = "12";
  person.anti_passback = true;
  person.activates = 1'400'000'000'000;
  person.expires = 1'500'000'000'000 / 60'000 * 60'000;
  person.levels = {1, 4};
  person.individual = {{2, 1}};
  person.fields = {{8, "07700 900123"}, {9, "ada@example.com"}, {12, ours.mark}, {13, "Line one\nline two"}};
  return *net2.world.people.edit(net2.world.people.add(person));
}

std::vector<Net2FieldWrite> rename_to(std::string name) {
  return {{"lastName", "Lovelace", std::move(name)}};
}

std::size_t carrying(const sim::World& world, const std::string& mark) {
  return static_cast<std::size_t>(std::ranges::count_if(world.people.all(), [&](const sim::Person& person) {
    const auto field = person.fields.find(12);
    return person.active && field != person.fields.end() && field->second == mark;
  }));
}

std::size_t asked(const SimulatedNet2& net2, std::string_view beginning) {
  return static_cast<std::size_t>(std::ranges::count_if(
      net2.server.writes, [&](const std::string& line) { return line.starts_with(beginning); }));
}

}  // namespace

TEST_CASE("S1-24: a new user has its names, e-mail, telephone, owner mark, level and department",
          "[net2][export]") {
  SimulatedNet2 net2;
  net2.world.switches.post_status = GENERATE(200, 201);
  net2.world.switches.put_permissions_status = GENERATE(200, 204);
  auto user = ada();
  user.valid_until = Instant{std::chrono::sys_days{std::chrono::year{2026} / 7 / 1}};
  const auto made = net2.ask(net2.writer().create_user(user));
  if (!made) FAIL(made.error().detail);
  const auto* there = net2.world.people.find(made->value());
  REQUIRE(there != nullptr);
  CHECK(there->first == "Ada");
  CHECK(there->last == "Lovelace");
  CHECK(there->telephone == "020 7946 0018");
  CHECK(there->fields.at(9) == "ada@example.com");
  CHECK(there->fields.at(12) == "gatehouse:01P");
  CHECK(there->levels == std::vector<int>{3});
  CHECK(there->department == 2);
  CHECK(there->expires == 1'782'867'600'000);  // 2026-07-01T01:00 on the server's wall
  CHECK(asked(net2, "POST") == 1);

  const auto read = net2.ask(net2.writer().read_user(*made, {"lastName", "custom:email"}));
  REQUIRE(read);
  CHECK(read->values == std::vector<std::string>{"Lovelace", "ada@example.com"});
  CHECK(read->access_levels == std::vector<std::int64_t>{3});
  const auto marked = net2.ask(net2.writer().find_marked(ours));
  REQUIRE(marked);
  CHECK(*marked == std::vector<Net2UserId>{*made});
}

TEST_CASE("S1-26: a server that leaves the level of a new user out gets it by the permission set",
          "[net2][export]") {
  SimulatedNet2 net2;
  net2.server.after = [&](const sim::Request& request) {
    if (request.method == "POST" && request.path.ends_with("/users"))
      net2.world.people.edit(net2.world.people.next_id() - 1)->levels.clear();
  };
  const auto made = net2.ask(net2.writer().create_user(ada()));
  if (!made) FAIL(made.error().detail);
  CHECK(net2.world.people.find(made->value())->levels == std::vector<int>{3});
  CHECK(asked(net2, "PUT /api/v1/users/4/doorpermissionset") == 1);
}

TEST_CASE("D-9: an uncertain create is resolved by reading back, and nobody is made twice",
          "[net2][export]") {
  struct Row {
    const char* fault;
    bool done;  ///< by the server
  };
  const auto row = GENERATE(values<Row>({
      {R"({"kind":"after_write","path":"users","method":"POST","count":1})", true},
      {R"({"kind":"after_write","path":"users","method":"POST","count":1,"status":504})", true},
      {R"({"kind":"reset","path":"users","method":"POST","count":1})", true},
      {R"({"kind":"cut","path":"users","method":"POST","count":1})", true},
      {R"({"kind":"truncate","path":"users","method":"POST","count":1})", true},
      {R"({"kind":"empty","path":"users","method":"POST","count":1})", false},
      {R"({"kind":"html","path":"users","method":"POST","count":1})", false},
      {R"({"kind":"502","path":"users","method":"POST","count":1})", false},
      {R"({"kind":"refuse","path":"users","method":"POST","count":1})", false},
      {R"({"kind":"silence","path":"users","method":"POST","count":1})", false},
  }));
  DYNAMIC_SECTION(row.fault) {
    SimulatedNet2 net2;
    net2.server.fault(row.fault);
    const auto made = net2.ask(net2.writer().create_user(ada()));
    const auto there = carrying(net2.world, ours.mark);
    INFO((made ? std::string("made") : made.error().detail));
    CHECK(asked(net2, "POST") <= 1);
    CHECK(made.ok() == (there == 1));
    if (!made) {
      CHECK(made.error().code == Errc::busy);  // nothing was written: ask again later
      const auto again = net2.ask(net2.writer().create_user(ada()));
      if (!again) FAIL(again.error().detail);
    }
    CHECK(carrying(net2.world, ours.mark) == 1);
    if (row.done) CHECK(made.ok());
  }
}

TEST_CASE("D-9: where the truth cannot be read back, it is said to be unknown", "[net2][export]") {
  SimulatedNet2 net2;
  net2.server.fault(R"({"kind":"after_write","path":"users","method":"POST","count":1})");
  net2.server.after = [&](const sim::Request& request) {
    if (request.method == "POST" && request.path.ends_with("/users"))
      net2.server.fault(R"({"kind":"502","count":50})");
  };
  const auto made = net2.ask(net2.writer().create_user(ada()));
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::incomplete);
  CHECK(asked(net2, "POST") == 1);

  // What is left of it is done later, without another.
  net2.world.faults.clear("");
  const auto found = net2.ask(net2.writer().find_marked(ours));
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(net2.ask(net2.writer().finish_user(found->front(), ours, 3, 2)).ok());
  CHECK(net2.world.people.find(found->front().value())->department == 2);
  CHECK(asked(net2, "POST") == 1);
}

TEST_CASE("S1-26: finishing a user leaves whatever permissions it has", "[net2][export]") {
  SimulatedNet2 net2;
  auto& person = leaver(net2);
  const auto id = person.id;
  person.levels = GENERATE(std::vector<int>{5}, std::vector<int>{});
  REQUIRE(net2.ask(net2.writer().finish_user(Net2UserId(id), ours, 3, std::nullopt)));
  CHECK(asked(net2, "PUT") == 0);  // individual permissions are permissions, too
}

TEST_CASE("D-9: a new name keeps dates, PIN, permissions and all else, so that no leaver comes back",
          "[net2][export]") {
  SimulatedNet2 net2;
  net2.world.switches.keep_expiry = GENERATE(false, true);
  net2.world.switches.put_user_object = GENERATE(false, true);
  net2.world.switches.key_case = GENERATE(values<std::string>({"camel", "pascal"}));
  const sim::Person before = leaver(net2);
  const auto done = net2.ask(net2.writer().update_user(Net2UserId(before.id), ours, rename_to("King")));
  if (!done) FAIL(done.error().detail);
  const auto& after = *net2.world.people.find(before.id);
  CHECK(after.last == "King");
  CHECK(after.first == before.first);
  CHECK(after.middle == before.middle);
  CHECK(after.expires == before.expires);
  CHECK(after.activates == before.activates);
  CHECK(after.pin == before.pin);
  CHECK(after.extension == before.extension);
  CHECK(after.anti_passback);
  CHECK(after.levels == before.levels);
  REQUIRE(after.individual.size() == 1);
  CHECK(after.individual[0].area == 2);
  CHECK(after.fields == before.fields);
  REQUIRE(net2.server.writes.size() == 1);
  CHECK(net2.server.writes[0].find("ermission") == std::string::npos);  // S1-35
  CHECK(net2.server.writes[0].find("4711") == std::string::npos);
}

TEST_CASE("S1-35: an update of a custom field leaves the others", "[net2][export]") {
  SimulatedNet2 net2;
  const sim::Person before = leaver(net2);
  const auto done = net2.ask(net2.writer().update_user(
      Net2UserId(before.id), ours,
      {{"custom:Email", "ada@example.com", "ada@king.example"}, {"telephone", "", "1234"}}));
  if (!done) FAIL(done.error().detail);
  auto fields = before.fields;
  fields[9] = "ada@king.example";
  CHECK(net2.world.people.find(before.id)->fields == fields);
  CHECK(net2.world.people.find(before.id)->telephone == "1234");
  // Done already: nothing is written.
  CHECK(net2.ask(net2.writer().update_user(Net2UserId(before.id), ours, {{"telephone", "", "1234"}})).ok());
  CHECK(net2.server.writes.size() == 1);
}

TEST_CASE("D-9: an uncertain update is read back, and repeated only where it was not done",
          "[net2][export]") {
  struct Row {
    const char* fault;
    std::size_t puts;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"kind":"after_write","method":"PUT","count":1})", 1},
      {R"({"kind":"reset","method":"PUT","count":1})", 1},
      {R"({"kind":"502","method":"PUT","count":1})", 1},
      {R"({"kind":"refuse","method":"PUT","count":1})", 1},
      {R"({"kind":"silence","method":"PUT","count":1})", 1},
      {R"({"kind":"html","method":"PUT","count":1})", 1},
  }));
  DYNAMIC_SECTION(row.fault) {
    SimulatedNet2 net2;
    const sim::Person before = leaver(net2);
    net2.server.fault(row.fault);
    const auto done = net2.ask(net2.writer().update_user(Net2UserId(before.id), ours, rename_to("King")));
    if (!done) FAIL(done.error().detail);
    const auto& after = *net2.world.people.find(before.id);
    CHECK(after.last == "King");
    CHECK(after.expires == before.expires);
    CHECK(asked(net2, "PUT") == row.puts);
  }
}

TEST_CASE("D-9: what was written is told as uncertain where something else is lost by it", "[net2][export]") {
  SimulatedNet2 net2;
  const auto id = leaver(net2).id;
  net2.server.after = [&](const sim::Request& request) {
    if (request.method == "PUT") net2.world.people.edit(id)->individual.clear();
  };
  const auto done = net2.ask(net2.writer().update_user(Net2UserId(id), ours, rename_to("King")));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::incomplete);
  CHECK(done.error().detail.find("doorAccessPermissionSet") != std::string::npos);
  CHECK(done.error().detail.find("4711") == std::string::npos);
}

TEST_CASE("D-9: a server that cuts the time of an expiry is told as uncertain, and no date is made later",
          "[net2][export]") {
  SimulatedNet2 net2;
  net2.world.switches.truncate_expiry = true;
  const sim::Person before = leaver(net2);
  const auto done = net2.ask(net2.writer().update_user(Net2UserId(before.id), ours, rename_to("King")));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::incomplete);
  REQUIRE(net2.world.people.find(before.id)->expires);
  CHECK(*net2.world.people.find(before.id)->expires <= *before.expires);
}

TEST_CASE("D-9: a user who was changed in between is not written", "[net2][export]") {
  SimulatedNet2 net2;
  auto& person = leaver(net2);
  const auto id = person.id;
  Errc expected = Errc::refused;
  SECTION("the field is another") {
    person.last = "Byron";
  }
  SECTION("the mark was removed by hand") {
    person.fields[12] = "";
  }
  SECTION("the mark is another person's") {
    person.fields[12] = "gatehouse:01Q";
  }
  SECTION("the user is gone") {
    net2.world.people.remove(id, false);
    expected = Errc::not_found;
  }
  const auto done = net2.ask(net2.writer().update_user(Net2UserId(id), ours, rename_to("King")));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == expected);
  CHECK(net2.server.writes.empty());
}

TEST_CASE("S1-24: what Net2 cannot hold is said before anything is written", "[net2][export]") {
  SimulatedNet2 net2;
  auto user = ada();
  SECTION("an e-mail of 60 characters") {
    user.fields[2].second = std::string(48, 'a') + "@example.com";
  }
  SECTION("a field that it has not") {
    user.fields[2].first = "custom:E-mail";
  }
  SECTION("no field for the mark") {
    net2.world.directory.fields[11].name = "Car";
  }
  const auto made = net2.ask(net2.writer().create_user(user));
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::invalid);
  CHECK(net2.server.writes.empty());
}

TEST_CASE("S1-24: a refusal is told in Net2's words, and is no uncertainty", "[net2][export]") {
  SimulatedNet2 net2;
  SECTION("an operator who may not") {
    net2.server.fault(R"({"kind":"forbidden","path":"users","method":"POST"})");
    const auto made = net2.ask(net2.writer().create_user(ada()));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::forbidden);
  }
  SECTION("a level that it has not") {
    auto user = ada();
    user.access_level = 77;
    const auto made = net2.ask(net2.writer().create_user(user));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::refused);
    CHECK(made.error().detail.find("Unknown access level") != std::string::npos);
  }
  CHECK(carrying(net2.world, ours.mark) == 0);
}

TEST_CASE("D-9: a token that has ended costs a write one more sign-in, and the write is done once",
          "[net2][export]") {
  SimulatedNet2 net2;
  REQUIRE(net2.ask(net2.writer().access_levels()));
  net2.world.sign_in.forget_all();
  const auto made = net2.ask(net2.writer().create_user(ada()));
  if (!made) FAIL(made.error().detail);
  CHECK(carrying(net2.world, ours.mark) == 1);
}
