// Signed commands from the message to its reply.

#include <catch2/catch.hpp>

#include "tests/unit/command_bench.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

const std::string sign_in_args =
    R"({"access_point":"reception","direction":"in","mode":"kiosk","person":{"id":"01P"}})";
const std::string open_args = R"({"door":"net2-hq/1","reason":"parcel"})";

}  // namespace

TEST_CASE("D-6: a signed sign-in opens once, is answered with its correlation, and its copy is not obeyed",
          "[command]") {
  CommandBench bench;
  auto message = bench.message(bench.token("access.sign_in", sign_in_args));
  message.response_topic = "gatehouse/v1/acme/hq-01/up/reply/desk-7";
  bench.take(message);
  CHECK(bench.opened == 1);
  REQUIRE(bench.store->messages.size() == 1);
  const auto reply = bench.store->messages[0];
  CHECK(reply.type == "reply");
  CHECK(reply.topic == "up/reply/desk-7");
  CHECK(reply.correlation == "c-1");
  CHECK(reply.lane == Lane::access);
  const auto data = boost::json::parse(reply.data);
  CHECK(data.at("ok").as_bool());
  CHECK(data.at("jti") == "j1");
  CHECK(data.at("result").at("decision").at("outcome") == "allow");

  bench.take(message);
  CHECK(bench.opened == 1);
  CHECK(bench.last_code() == "replayed");
  CHECK(bench.replies().back().at("error").at("first") == data);
}

TEST_CASE("Each refusal has its own code, and nothing is done", "[command]") {
  CommandBench bench;
  const auto refused = [&](const Incoming& message) {
    bench.take(message);
    return bench.last_code();
  };
  const auto changed = [&](const std::string& change) {
    return refused(bench.message(bench.token("door.open", open_args, change)));
  };
  auto retained = bench.message(bench.token("door.open", open_args));
  retained.retained = true;
  CHECK(refused(bench.message(std::string(1024 * 1024 + 1, 'a'))) == "too_large");
  CHECK(refused(retained) == "retained");
  CHECK(refused(bench.message("no token")) == "malformed");
  CHECK(changed(R"({"iat":"1"})") == "malformed");
  CHECK(changed(R"({"aud":["acme/hq-01"]})") == "malformed");
  CHECK(changed(R"({"jti":null})") == "malformed");
  CHECK(changed(R"({"nbf":1})") == "malformed");
  const auto claims = bench.claims("door.open", open_args);
  CHECK(refused(bench.message(CommandSigner("other").sign(claims))) == "unknown_key");
  CHECK(refused(bench.message(CommandSigner("cloud-1").sign(claims))) == "bad_signature");
  CHECK(changed(R"({"aud":"acme/hq-02"})") == "wrong_audience");
  const auto at = [&](const std::string& name, std::int64_t offset) {
    return "\"" + name + "\":" + std::to_string(bench.second() + offset);
  };
  CHECK(changed("{" + at("iat", 6) + "," + at("exp", 20) + "}") == "not_yet_valid");
  CHECK(changed("{" + at("exp", 0) + "}") == "expired");
  CHECK(changed("{" + at("iat", -15) + "," + at("exp", 16) + "}") == "ttl_too_long");
  CHECK(changed(R"({"epoch":"01OLD"})") == "wrong_epoch");
  CHECK(changed(R"({"epoch":null})") == "wrong_epoch");
  CHECK(refused(bench.message(bench.token("door.unlock", open_args))) == "unknown_command");
  CHECK(refused(bench.message(bench.token("roster.put", "{}"))) == "unknown_command");
  auto on_roster = bench.message(bench.token("status.get", "{}"));
  on_roster.topic = "down/roster";
  CHECK(refused(on_roster) == "unknown_command");
  CHECK(refused(bench.message(bench.mute.sign(claims))) == "out_of_scope");
  CHECK(refused(bench.message(bench.token("door.open", R"({"door":"net2-hq/1"})"))) == "bad_args");
  CHECK(refused(bench.message(bench.token("door.open", R"({"door":"net2-hq/9","reason":"x"})"))) ==
        "bad_args");
  CHECK(bench.opened == 0);
  CHECK(bench.store->taken.empty());
  CHECK(changed("{}") == "");
  CHECK(changed("{" + at("iat", -1) + "}") == "superseded");
  CHECK(bench.opened == 1);
  CHECK(changed("{" + at("iat", 0) + ".75," + at("exp", 20) + ".5}") == "");  // NumericDate, RFC 7519
  CHECK(bench.opened == 2);
  // Those that nobody has signed are neither queued nor numbered.
  for (const auto& told : bench.sent) CHECK_FALSE(told.lane);
  for (const auto& told : bench.store->messages) CHECK(told.lane == Lane::access);
  CHECK(bench.sent.size() == 9);
  const auto audited = std::ranges::count(bench.store->audit, "command.refused", &AuditEntry::action);
  CHECK(static_cast<std::size_t>(audited) + 2 == bench.replies().size());
}

TEST_CASE("A clock that cannot be trusted: the steady clock and the epoch decide for every command",
          "[command]") {
  CommandBench bench;
  bench.clock.trusted = false;
  const auto code = [&](const std::string& cmd, const std::string& args, const std::string& change) {
    bench.take(cmd, args, change);
    return bench.last_code();
  };
  // Ten minutes since the epoch; a command may live 30 s.
  CHECK(code("door.open", open_args, "{}") == "clock_untrusted");
  CHECK(code("status.get", "{}", "{}") == "clock_untrusted");
  CHECK(code("door.open", open_args, R"({"exp_uptime_ms":600000})") == "expired");
  CHECK(code("door.open", open_args, R"({"exp_uptime_ms":-1})") == "expired");
  CHECK(code("door.open", open_args, R"({"exp_uptime_ms":630001})") == "ttl_too_long");
  CHECK(code("door.open", open_args, R"({"exp_uptime_ms":630000,"epoch":"01OLD"})") == "wrong_epoch");
  CHECK(code("status.get", "{}", R"({"exp_uptime_ms":630000,"epoch":null})") == "wrong_epoch");
  CHECK(bench.opened == 0);
  CHECK(code("door.open", open_args, R"({"exp_uptime_ms":630000,"iat":5,"exp":6})") == "");
  CHECK(code("status.get", "{}", R"({"exp_uptime_ms":600001,"iat":5,"exp":6})") == "");
  CHECK(bench.opened == 1);
}

TEST_CASE("What is used up stays so over a restart, and what was open is unknown", "[command]") {
  auto disk = std::make_shared<CommandStore>();
  CommandBench bench(disk);
  const auto done = bench.message(bench.token("door.open", open_args));
  bench.take(done);
  Wakeup never(bench.io.get_executor());
  bench.hold = &never;
  const auto open = bench.message(bench.token("door.open", R"({"door":"net2-hq/2","reason":"x"})"));
  bench.take(open);
  CHECK(bench.opened == 2);
  bench.hold = nullptr;
  bench.left_open = {{.owner = "act", .door = *parse_door_id("net2-hq/2"), .action = DoorAction::open}};
  bench.make_desk();  // what waits there is cancelled, as by a crash
  const auto replies = bench.replies();
  REQUIRE(replies.size() == 2);
  CHECK(replies[1].at("jti") == "j2");
  CHECK(replies[1].at("result").at("doors").at(0).at("door") == "net2-hq/2");
  CHECK(replies[1].at("result").at("doors").at(0).at("command") == "unknown");
  for (const auto& member : replies[0].at("result").as_object())  // in the shape of every other
    CHECK(replies[1].at("result").as_object().contains(member.key()));
  CHECK(replies[1].at("result").at("action") == "open");
  CHECK(replies[1].at("result").at("command") == "unknown");
  CHECK(replies[1].at("result").at("why").is_string());
  bench.take(done);
  CHECK(bench.last_code() == "replayed");
  CHECK(bench.replies().back().at("error").at("first") == replies[0]);
  bench.take(open);
  CHECK(bench.last_code() == "replayed");
  CHECK(bench.opened == 2);
  bench.take("door.open", open_args, R"({"iat":)" + std::to_string(bench.second() - 1) + "}");
  CHECK(bench.last_code() == "superseded");
}

TEST_CASE("While it is not known what is used up, nothing is carried out", "[command]") {
  CommandBench bench;
  bench.store->unreadable = true;
  bench.make_desk();
  const auto open = bench.message(bench.token("door.open", open_args));
  bench.take(open);
  CHECK(bench.opened == 0);
  CHECK(bench.last_code() == "store_unwritable");
  bench.store->unreadable = false;
  bench.get(bench.desk->load());
  bench.take(open);
  CHECK(bench.opened == 1);
  CHECK(bench.last_code() == "");
}

TEST_CASE("A command that cannot be kept moves no door, and may come again", "[command]") {
  CommandBench bench;
  const auto open = bench.message(bench.token("door.open", open_args));
  bench.store->fail_on_call(1, Errc::storage_full);
  bench.take(open);
  CHECK(bench.opened == 0);
  CHECK(bench.last_code() == "store_unwritable");
  const auto sign_in = bench.message(bench.token("access.sign_in", sign_in_args));
  bench.store->fail_on_call(1, Errc::storage_full);
  bench.take(sign_in);
  CHECK(bench.opened == 0);
  REQUIRE(bench.sent.size() == 2);
  CHECK(boost::json::parse(bench.sent[1].data).at("result").at("decision").at("doors").at(0).at("why") ==
        "store_unwritable");
  bench.take(open);
  bench.take(sign_in);
  CHECK(bench.opened == 2);
}

TEST_CASE("A key does what its scopes say, where they say it", "[command]") {
  CommandBench bench;
  const auto allow = [&](const std::string& scopes) {
    bench.write_keys({bench.signer.jwk(scopes)});
    bench.desk->use(command_settings(bench.keys_file));
  };
  const auto code = [&](const std::string& cmd, const std::string& args) {
    bench.take(cmd, args);
    return bench.last_code();
  };
  const std::string annex_door = R"({"door":"net2-hq/2","reason":"x"})";
  const std::string loose_door = R"({"door":"net2-hq/3","reason":"x"})";
  allow(
      R"([{"cmd":"door.open","sites":["hq"]},{"cmd":"access.sign_in","sites":["hq"]},{"cmd":"lockdown.set","sites":["hq"]}])");
  CHECK(code("door.open", open_args) == "");
  CHECK(code("door.open", annex_door) == "out_of_scope");
  CHECK(code("door.open", loose_door) == "out_of_scope");  // at hq and at the annex
  CHECK(code("door.close", open_args) == "out_of_scope");
  CHECK(code("door.open", R"({"door":"net2-hq/9","reason":"x"})") == "out_of_scope");
  CHECK(code("access.sign_in", sign_in_args) == "");
  CHECK(code("lockdown.set", R"({"site":"hq","on":true})") == "");
  CHECK(code("lockdown.set", R"({"site":"annex","on":true})") == "out_of_scope");
  allow(
      R"([{"cmd":"access.sign_in","doors":["net2-hq/1"]},{"cmd":"door.open","doors":["net2-hq/3"]},{"cmd":"lockdown.set","doors":["net2-hq/1"]},{"cmd":"status.get","sites":["hq"]}])");
  CHECK(code("access.sign_in", sign_in_args) == "out_of_scope");  // it has a second door
  CHECK(code("door.open", loose_door) == "");
  CHECK(code("lockdown.set", R"({"site":"hq","on":false})") == "out_of_scope");
  CHECK(code("status.get", "{}") == "out_of_scope");
  REQUIRE(bench.locked.size() == 1);
}

TEST_CASE("Tags and grants need a right of their own, and name what there is", "[command]") {
  CommandBench bench;
  auto& entry = bench.people[PersonId("01P")];
  entry.person.site = SiteId("hq");
  entry.grants = {{.id = "g1",
                   .door = parse_door_id("net2-hq/2"),
                   .scope = {},
                   .site = {},
                   .hours = {},
                   .from = {},
                   .until = {}}};
  const auto code = [&](const std::string& args) {
    bench.clock.pass(std::chrono::seconds(1));
    bench.take("person.set", args);
    return bench.last_code();
  };
  const std::string kept =
      R"({"id":"g1","door":"net2-hq/2","scope":null,"site":null,"hours":null,"from":null,"until":null})";
  bench.write_keys({bench.signer.jwk(R"([{"cmd":"person.set","sites":["hq"]}])")});
  bench.desk->use(command_settings(bench.keys_file));
  CHECK(code(R"({"person":"01P","admin_enabled":false})") == "");
  CHECK(code(R"({"person":"01P","custom_tags":["vip"]})") == "out_of_scope");
  CHECK(code(R"({"person":"01P","grants":[]})") == "out_of_scope");
  bench.write_keys(
      {bench.signer.jwk(R"([{"cmd":"person.set","sites":["hq"]},{"cmd":"person.grant","sites":["hq"]}])")});
  bench.desk->use(command_settings(bench.keys_file));
  CHECK(code(R"({"person":"01P","custom_tags":["vip"]})") == "");
  CHECK(code(R"({"person":"01P","grants":[]})") == "out_of_scope");  // takes one away at the annex
  CHECK(code(R"({"person":"01P","grants":[)" + kept + R"(,{"site":"annex"}]})") == "out_of_scope");
  CHECK(code(R"({"person":"01P","grants":[)" + kept + R"(,{"scope":"main"}]})") == "");
  REQUIRE(bench.store->words.back().grants);
  CHECK(bench.store->words.back().grants->size() == 2);
  CHECK_FALSE((*bench.store->words.back().grants)[1].id.empty());
  bench.write_keys({bench.signer.jwk(all_scopes())});
  bench.desk->use(command_settings(bench.keys_file));
  bench.store->nobody.insert(PersonId("01X"));
  CHECK(code(R"({"person":"01X","tracked":false})") == "not_found");
  CHECK(code(R"({"person":"01P","custom_tags":["vip"," vip ","gold"]})") == "");
  CHECK(bench.store->words.back().custom_tags == std::vector<std::string>{"vip", "gold"});
  CHECK(code(R"({"person":"01P","grants":[{"door":"net2-hq/9"}]})") == "bad_args");
  CHECK(code(R"({"person":"01P","grants":[{"scope":"none"}]})") == "bad_args");
  CHECK(code(R"({"person":"01P","grants":[{"site":"moon"}]})") == "bad_args");
  CHECK(code(R"({"person":"01P","grants":[{"site":"hq","hours":"never"}]})") == "bad_args");
  CHECK(code(R"({"person":"01P","grants":[{"site":"hq","door":"net2-hq/1"}]})") == "bad_args");
  CHECK(code(R"({"person":"01P"})") == "bad_args");
  CHECK(code(R"({"person":"01P","grants":[{"site":"hq","hours":"business"}]})") == "");
}

TEST_CASE("Whoever is coupled or decoupled by a command is looked at anew by their sources", "[command]") {
  CommandBench bench;
  bench.people[PersonId("01P")].person.site = SiteId("hq");
  bench.take("person.set", R"({"person":"01P","admin_enabled":false})");
  CHECK(bench.last_code() == "");
  CHECK(bench.looked_at.empty());
  bench.clock.pass(std::chrono::seconds(1));
  bench.take("person.set", R"({"person":"01P","tracked":true})");
  CHECK(bench.last_code() == "");
  CHECK(bench.looked_at == std::vector<std::string>{"01P"});
}

TEST_CASE("Of what nobody has signed twenty a minute and code are told, the rest is counted", "[command]") {
  CommandBench bench;
  for (int i = 0; i < 1000; ++i) bench.take(bench.message("rubbish"));
  CHECK(bench.sent.size() == 20);
  CHECK(bench.store->audit.size() == 20);
  bench.clock.pass(std::chrono::minutes(1));
  bench.take(bench.message("rubbish"));
  CHECK(bench.sent.size() == 21);
  REQUIRE(bench.store->audit.size() == 22);
  CHECK(bench.store->audit[20].outcome == "malformed");
  CHECK(bench.store->audit[20].detail == R"({"count":980})");
}

TEST_CASE("Slow work holds up no sign-in, and there is a bound to what waits", "[command]") {
  CommandBench bench;
  bench.console.closed = true;  // status.get hangs
  auto settings = command_settings(bench.keys_file);
  settings.cloud->rate.per_key = {1'000, std::chrono::seconds(1)};
  settings.cloud->rate.per_door = {1'000, std::chrono::seconds(1)};
  bench.desk->use(settings);
  for (int i = 0; i < 64; ++i) bench.take("status.get", "{}");
  CHECK(bench.replies().empty());
  bench.take("status.get", "{}");
  CHECK(bench.last_code() == "rate_limited");
  bench.take("access.sign_in", sign_in_args);
  CHECK(bench.last_code() == "");
  CHECK(bench.opened == 1);
  bench.console.closed = false;
  bench.console.gate.cancel();
  bench.run();
  CHECK(bench.replies().size() == 66);
}

TEST_CASE("Puts of the roster keep their order and carry their command", "[command]") {
  CommandBench bench;
  const auto put = [&](const std::string& args, const std::string& change = "{}") {
    auto message = bench.message(bench.token("roster.put", args, change));
    message.topic = "down/roster";
    bench.take(message);
  };
  put(R"({"from":null,"to":"1"})", R"({"epoch":null})");
  REQUIRE(bench.roster.commits.size() == 1);
  const auto& commit = bench.roster.commits[0];
  CHECK(bench.roster.puts[0] == R"({"from":null,"to":"1"})");
  REQUIRE(commit.command);
  CHECK(commit.command->answer == R"({"jti":"j1","ok":true,"result":{"cursor":"2"}})");
  REQUIRE(commit.messages.size() == 1);
  CHECK(commit.messages[0].data == commit.command->answer);
  bench.roster.refuse = Error{Errc::refused, "cursor_mismatch: the cursor here is 2"};
  put(R"({"from":"7","to":"8"})");
  CHECK(bench.last_code() == "cursor_mismatch");
}

TEST_CASE("A plan is applied by its token and its count", "[command]") {
  CommandBench bench;
  Plan plan;
  plan.id = PlanId("01PLAN");
  plan.token = "abc";
  plan.count = 3;
  bench.plans.all.push_back(plan);
  const auto code = [&](const std::string& args) {
    bench.take("plan.apply", args);
    return bench.last_code();
  };
  CHECK(code(R"({"plan":"01PLAN","token":"abd","confirm":3})") == "plan_stale");
  CHECK(code(R"({"plan":"01PLAN","token":"abc","confirm":2})") == "confirm_mismatch");
  CHECK(code(R"({"plan":"01NONE","token":"abc","confirm":3})") == "not_found");
  CHECK(code(R"({"plan":"01PLAN","token":"abc"})") == "bad_args");
}

TEST_CASE("Facts are sent again as new messages between two markers", "[command]") {
  CommandBench bench;
  for (int i = 0; i < 5; ++i) {
    Person person;
    person.id = PersonId("01P" + std::to_string(i));
    bench.facts.people.push_back(person);
    EventRow row;
    row.integration = IntegrationId("net2-hq");
    row.event.id = Net2EventId(i + 1);
    row.event.at = bench.clock.at + std::chrono::minutes(i);
    row.event.type = i == 2 ? 21 : 20;
    bench.facts.events.push_back(row);
  }
  bench.take("people.resend", "{}");
  CHECK(bench.last_code() == "");
  REQUIRE(bench.outbox.appended.size() == 7);
  CHECK(bench.outbox.appended.front().type == "resend");
  CHECK(bench.outbox.appended[1].type == "person.upserted");
  const auto end = boost::json::parse(bench.outbox.appended.back().data);
  CHECK(end.at("state") == "end");
  CHECK(end.at("count") == 5);
  CHECK(end.at("complete").as_bool());

  auto settings = command_settings(bench.keys_file);
  settings.integrations.emplace_back().id = IntegrationId("net2-hq");
  bench.desk->use(settings);
  bench.outbox.appended.clear();
  bench.take("events.resend",
             R"({"integration":"net2-hq","from":"2026-06-01T08:01:00Z","to":"2026-06-01T08:03:00Z"})");
  CHECK(bench.last_code() == "");
  REQUIRE(bench.outbox.appended.size() == 4);
  std::set<std::string> ids;
  for (const auto& told : bench.outbox.appended) ids.insert(told.id);
  CHECK(ids.size() == 4);
  CHECK_FALSE(ids.contains("net2-hq/1/2"));
  CHECK(boost::json::parse(bench.outbox.appended.front().data).at("count") == 2);
}

TEST_CASE("A response topic is used only below ROOT/up/reply", "[command]") {
  const std::string root = "gatehouse/v1/acme/hq-01";
  const auto topic = [&](const std::string& asked) {
    Incoming message;
    message.response_topic = asked;
    return reply_to(message, root, "j").topic;
  };
  CHECK(topic(root + "/up/reply/a/b") == "up/reply/a/b");
  CHECK(topic("") == "up/reply");
  CHECK(topic(root + "/up/reply") == "up/reply");
  CHECK(topic(root + "/up/reply/") == "up/reply");
  CHECK(topic(root + "/up/replyx") == "up/reply");
  CHECK(topic(root + "/up/state") == "up/reply");
  CHECK(topic(root + "/up/reply/#") == "up/reply");
  CHECK(topic(root + "/up/reply/+") == "up/reply");
  CHECK(topic("gatehouse/v1/acme/hq-012/up/reply/a") == "up/reply");
  CHECK(topic(root + "/up/reply/" + std::string(300, 'a')) == "up/reply");
}
