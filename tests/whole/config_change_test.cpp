// Changing a live gateway's configuration: looked at before, on trial, taken back (issue 5, point 5; D-7,
// D-10, D-12; S5).
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <signal.h>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

json::object config_of(const House& house) {
  const auto status = house.gateway.status();
  const auto* config = status.if_contains("config");
  return config != nullptr && config->is_object() ? config->as_object() : json::object();
}

std::string revision(const House& house) {
  return text_at(config_of(house), "revision");
}

bool has(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found != nullptr && !found->is_null();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::size_t alerts(const Ledger& ledger, const std::string& subject, const std::string& state) {
  std::size_t count = 0;
  for (const auto& fact : ledger.of("alert")) {
    const auto data = fact.data();
    if (text_at(data, "subject") == subject && text_at(data, "state") == state) ++count;
  }
  return count;
}

bool alert_comes(House& house, const std::string& state, std::size_t times = 1) {
  return house.recorder.wait(20s,
                             [&](const Ledger& ledger) { return alerts(ledger, "trial", state) == times; });
}

/// A gateway that is well, and the text of its files.
struct Changing {
  Changing() {
    house.start_and_import();
    REQUIRE(eventually(20s, [this] {
      const auto status = house.gateway.status();
      return house.gateway.state() == "active" && status.at("cloud").as_object().at("connected").as_bool();
    }));
    good = read_file(house.gateway.config_path());
    before = revision(house);
  }
  void write(const std::string& text) { write_file(house.gateway.config_path(), text); }
  Outcome reload(Argv more = {}) const {
    Argv verb{"config", "reload"};
    verb.insert(verb.end(), more.begin(), more.end());
    return house.gateway.ask(verb, 60s);
  }
  bool taken_back(Millis within) const {
    return eventually(within,
                      [this] { return has(config_of(house), "taken_back") && revision(house) == before; });
  }

  House house{{.people = 5, .doors = 1, .sim_arguments = {"--plain"}}};
  std::string good;
  std::string before;
};

TEST_CASE("D-12: a configuration on trial that is confirmed stays, also over a restart", "[config]") {
  Changing it;
  auto& gateway = it.house.gateway;
  CHECK(gateway.ask({"config", "confirm"}).status == 1);
  it.write(it.good + "retention: {events: 30d}\n");
  const auto tried = it.reload({"--confirm-within", "10m"});
  INFO(tried.err << gateway.log());
  REQUIRE(tried.status == 0);
  CHECK(tried.out.find("gatehouse config confirm") != std::string::npos);
  const auto tried_revision = revision(it.house);
  CHECK(tried_revision != it.before);
  CHECK(text_at(config_of(it.house).at("trial").as_object(), "previous") == it.before);
  CHECK(gateway.ask({"status"}).out.find("on trial") != std::string::npos);

  const auto confirmed = gateway.ask({"config", "confirm"});
  CHECK(confirmed.status == 0);
  CHECK_FALSE(has(config_of(it.house), "trial"));
  const auto again = gateway.ask({"config", "confirm"});
  CHECK(again.status == 1);
  CHECK(again.err.find("--confirm-within") != std::string::npos);
  gateway.kill();
  gateway.start();
  CHECK(revision(it.house) == tried_revision);
  CHECK_FALSE(has(config_of(it.house), "taken_back"));
}

TEST_CASE("D-12: a configuration that nobody confirms is taken back by itself, and says so", "[config]") {
  Changing it;
  auto& gateway = it.house.gateway;
  const auto tried = it.good + "retention: {events: 30d}\n";
  it.write(tried);
  REQUIRE(it.reload({"--confirm-within", "10s"}).status == 0);
  REQUIRE(it.taken_back(25s));
  CHECK(gateway.ask({"config", "show"}).out.find("events: 90d") != std::string::npos);
  CHECK(read_file(gateway.config_path()) == tried);  // an installer's files are left alone
  CHECK(alert_comes(it.house, "raised"));
  CHECK(gateway.ask({"status"}).out.find("taken back") != std::string::npos);
  CHECK(gateway.ask({"config", "confirm"}).status == 1);

  // Whatever renews a certificate reloads, too: that is nobody's word for these files.
  const auto refused = it.reload();
  CHECK(refused.status == 1);
  CHECK(refused.err.find("--confirm-within") != std::string::npos);
  gateway.process().signal(SIGHUP);
  gateway.kill();
  gateway.start();
  CHECK(revision(it.house) == it.before);
  REQUIRE(has(config_of(it.house), "taken_back"));

  it.write(it.good + "retention: {events: 31d}\n");
  REQUIRE(it.reload().status == 0);
  CHECK_FALSE(has(config_of(it.house), "taken_back"));
  CHECK(alert_comes(it.house, "over"));
  CHECK(alerts(it.house.recorder.ledger(), "trial", "raised") == 1);
  CHECK(lines(it.house.recorder.ledger().broken()).empty());
}

TEST_CASE("D-12: kill -9 during a trial comes back with the configuration of before", "[config][kill]") {
  Changing it;
  auto& gateway = it.house.gateway;
  const auto tried = it.good + "retention: {events: 30d}\n";
  it.write(tried);
  REQUIRE(it.reload({"--confirm-within", "10m"}).status == 0);
  gateway.kill();
  gateway.start();
  INFO(gateway.log());
  CHECK(revision(it.house) == it.before);
  REQUIRE(has(config_of(it.house), "taken_back"));
  CHECK(gateway.ask({"config", "show"}).out.find("events: 90d") != std::string::npos);
  CHECK(read_file(gateway.config_path()) == tried);
  CHECK(alert_comes(it.house, "raised"));
  REQUIRE(it.house.state_becomes("active"));
  const auto first = it.house.net2.last_event() + 1;
  it.house.net2.swipes(5);
  CHECK(it.house.all_events_out(15s, first));

  SECTION("and again with the next start, told once") {
    gateway.kill();
    gateway.start();
    CHECK(revision(it.house) == it.before);
    REQUIRE(it.house.state_becomes("active"));
    CHECK(alerts(it.house.recorder.ledger(), "trial", "raised") == 1);
  }
  SECTION("other files are an installer's new word") {
    gateway.kill();
    it.write(it.good + "retention: {events: 31d}\n");
    gateway.start();
    CHECK_FALSE(has(config_of(it.house), "taken_back"));
    CHECK(gateway.ask({"config", "show"}).out.find("events: 31d") != std::string::npos);
    CHECK(alert_comes(it.house, "over"));
  }
  const auto audit = gateway.ask({"audit", "show"});
  CHECK(audit.out.find("config.rollback") != std::string::npos);
  CHECK(gateway.ask({"audit", "verify"}).status == 0);
}

TEST_CASE("D-12: a trial that costs an integration its connection is taken back at once", "[config]") {
  Changing it;
  it.write(replaced(it.good, "username: Gateway Service", "username: Somebody Else"));
  REQUIRE(it.reload({"--confirm-within", "10m"}).status == 0);
  INFO(it.house.gateway.log());
  REQUIRE(it.taken_back(25s));
  CHECK(text_at(config_of(it.house).at("taken_back").as_object(), "why").find("net2-hq") !=
        std::string::npos);
  CHECK(it.house.state_becomes("active"));
}

TEST_CASE("D-12: a trial that costs the gateway its cloud is taken back after half a minute", "[config]") {
  Changing it;
  it.write(replaced(it.good, "port: " + std::to_string(it.house.broker.port()), "port: 1"));
  REQUIRE(it.reload({"--confirm-within", "10m"}).status == 0);
  INFO(it.house.gateway.log());
  const auto first = it.house.net2.last_event() + 1;
  it.house.net2.swipes(20);
  REQUIRE(it.taken_back(60s));
  const auto why = text_at(config_of(it.house).at("taken_back").as_object(), "why");
  CAPTURE(why);
  CHECK(why.find("cloud") != std::string::npos);
  CHECK(it.house.all_events_out(20s, first));
  CHECK(lines(it.house.recorder.ledger().broken()).empty());
}

TEST_CASE("D-12: another reload during a trial", "[config]") {
  Changing it;
  it.write(it.good + "retention: {events: 30d}\n");
  REQUIRE(it.reload({"--confirm-within", "10m"}).status == 0);
  const auto tried = revision(it.house);
  SECTION("of the same files keeps it on trial: certificates and secrets are read anew") {
    CHECK(it.reload().status == 0);
    CHECK(has(config_of(it.house), "trial"));
  }
  SECTION("of other files is refused, with what to do") {
    it.write(it.good + "retention: {events: 31d}\n");
    const auto refused = it.reload();
    CHECK(refused.status == 1);
    CHECK(refused.err.find("config confirm") != std::string::npos);
    CHECK(revision(it.house) == tried);
    CHECK(has(config_of(it.house), "trial"));
    CHECK_FALSE(has(config_of(it.house), "reload_error"));
  }
  SECTION("on trial replaces it, and what comes back is still what was confirmed last") {
    it.write(it.good + "retention: {events: 31d}\n");
    REQUIRE(it.reload({"--confirm-within", "10s"}).status == 0);
    CHECK(text_at(config_of(it.house).at("trial").as_object(), "previous") == it.before);
    CHECK(it.taken_back(25s));
  }
  SECTION("of the files of before gives the trial up") {
    it.write(it.good);
    REQUIRE(it.reload().status == 0);
    CHECK(revision(it.house) == it.before);
    CHECK_FALSE(has(config_of(it.house), "trial"));
    CHECK_FALSE(has(config_of(it.house), "taken_back"));
    CHECK(it.house.gateway.ask({"config", "confirm"}).status == 1);
  }
}

TEST_CASE("S5: a bad file on trial changes nothing and begins no trial", "[config]") {
  Changing it;
  it.write(it.good + "retentoin: {events: 30d}\n");
  const auto refused = it.reload({"--confirm-within", "10m"});
  CHECK(refused.status == 1);
  CHECK(refused.err.find("retention") != std::string::npos);
  CHECK(revision(it.house) == it.before);
  CHECK_FALSE(has(config_of(it.house), "trial"));
  CHECK(it.house.gateway.ask({"config", "reload", "--confirm-within", "5s"}).status == 2);
  CHECK(it.house.gateway.ask({"config", "reload", "--confirm-within", "soon"}).status == 2);
}

TEST_CASE("D-7 D-10: check shows what a configuration would change, and changes nothing", "[config][check]") {
  AccessHouse house;
  const auto ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.com"});
  house.start_and_import();
  REQUIRE(house.becomes("active"));
  REQUIRE(eventually(20s, [&] { return !house.person_id(ada).empty(); }));
  REQUIRE(house.gateway
              .ask({"access", "sign-in", "--person", house.person_id(ada), "--access-point", "reception"})
              .status == 0);
  const auto before = revision(house);
  const auto good = read_file(house.gateway.config_path());
  const auto candidate = house.dir / "candidate.yaml";
  const auto changes_of = [&](const std::string& text) {
    write_file(candidate, text);
    const auto checked = house.gateway.json({"check", candidate});
    INFO(json::serialize(checked));
    REQUIRE(checked.at("ok").as_bool());
    REQUIRE(has(checked, "changes"));
    return checked.at("changes").as_object();
  };

  CHECK(changes_of(good).at("same").as_bool());

  const auto closed = changes_of(replaced(good, "employees: {open: true", "employees: {open: false"));
  INFO(json::serialize(closed));
  const auto& key = closed.at("keys").as_array().at(0).as_object();
  CHECK(text_at(key, "key") == "policy.employees.open");
  CHECK(text_at(key, "before") == "true");
  CHECK(text_at(key, "after") == "false");
  CHECK(number_at(closed.at("people").as_object().at("kept_out").as_object(), "employee") == 1);
  CHECK(number_at(closed.at("decisions").as_object(), "newly_denied") == 1);
  const auto words = house.gateway.ask({"check", candidate});
  CHECK(words.status == 0);
  CHECK(words.out.find("policy.employees.open: true → false") != std::string::npos);
  CHECK(words.out.find("Ada Lovelace") != std::string::npos);
  CHECK(words.out.find("1 sign-in would now be refused") != std::string::npos);

  const auto mapped = changes_of(replaced(good, "Staff: employee", "Staff: contractor"));
  const auto& sync = mapped.at("sync").as_array().at(0).as_object();
  CHECK(text_at(sync, "what") == "mapping");
  CHECK(number_at(sync, "records") == 1);
  CHECK(text_at(sync, "text").find("plan") != std::string::npos);

  const auto renamed = changes_of(replaced(good, "id: hq-01", "id: hq-02"));
  CHECK(renamed.at("needs_restart").as_array().at(0).as_string() == "gateway.id");
  const auto bare = changes_of(replaced(good, "  - {id: slow,", "  - {id: other,"));
  CHECK(bare.at("removed").as_object().at("access_points").as_array().at(0).as_string() == "slow");
  CHECK(bare.at("added").as_object().at("access_points").as_array().at(0).as_string() == "other");

  // Not a word of a secret, and nothing was changed.
  CHECK(json::serialize(closed).find("gatehouse-licence") == std::string::npos);
  CHECK(revision(house) == before);

  house.gateway.kill();
  const auto alone = house.gateway.ask({"check", candidate});
  CHECK(alone.status == 0);
  CHECK(alone.out.find("Only the file was checked") != std::string::npos);
  const auto document = house.gateway.json({"check", candidate});
  CHECK(document.at("ok").as_bool());
  CHECK(document.at("changes").is_null());
  CHECK_FALSE(text_at(document, "changes_unknown").empty());
}

TEST_CASE("A server's time zone that is corrected tells no event again, and misses none", "[config][net2]") {
  House house({.people = 10, .doors = 2});
  const auto good = read_file(house.gateway.config_path());
  const auto server_zone = [](const std::string& zone) { return "    timezone: " + zone + "\n    tls"; };
  const auto wrong = replaced(good, server_zone("Europe/London"), server_zone("Asia/Tokyo"));
  write_file(house.gateway.config_path(), wrong);
  house.start_and_import();
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(50);
  REQUIRE(house.all_events_out(15s, first));

  SECTION("while the daemon was away, and events came") {
    REQUIRE(house.gateway.stop() == 0);
    house.net2.swipes(50);
    write_file(house.gateway.config_path(), good);
    house.gateway.start();
  }
  SECTION("in a reload") {
    write_file(house.gateway.config_path(), good);
    const auto before = revision(house);
    house.gateway.process().signal(SIGHUP);
    REQUIRE(eventually(10s, [&] { return !revision(house).empty() && revision(house) != before; }));
  }
  house.net2.swipes(50);
  REQUIRE(house.all_events_out(20s, first));
  const auto ledger = house.recorder.ledger();
  const auto events = static_cast<std::size_t>(house.net2.last_event() - first + 1);
  CHECK(ledger.event_count("net2-hq", first) == events);
  CHECK(lines(ledger.broken()).empty());
  for (const auto& fact : ledger.of("gap")) FAIL_CHECK(fact.payload);
  for (const auto& fact : ledger.facts()) CHECK(fact.id.find("net2-hq/2/") != 0);
}

}  // namespace
}  // namespace gatehouse::whole
