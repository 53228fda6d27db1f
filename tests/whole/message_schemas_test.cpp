// Everything that a lively run publishes, held against config/messages by an independent validator.
#include <map>
#include <mutex>
#include <sstream>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"

namespace gatehouse::whole {
namespace {

/// Keeps every payload as it was published, the retained and the repeated ones included.
class Transcript {
 public:
  explicit Transcript(int port, const std::string& topic = "gatehouse/v1/#")
      : recorder_({.port = port,
                   .certificates = test_certificates(),
                   .topic = topic,
                   .client_id = "transcript",
                   .told = [this](const std::string& topic, std::string_view payload, bool) {
                     const std::lock_guard lock(mutex_);
                     messages_.push_back(json::object{{"topic", topic}, {"payload", payload}});
                   }}) {}

  Outcome validate(const std::string& file) const {
    {
      const std::lock_guard lock(mutex_);
      write_file(file, json::serialize(messages_));
    }
    const std::string here(GATEHOUSE_SOURCE_DIR);
    return run({here + "/tests/whole/validate-messages", here + "/config/messages", file}, {}, 120s);
  }

 private:
  mutable std::mutex mutex_;
  json::array messages_;
  Recorder recorder_;  ///< last: its thread tells the others
};

std::map<std::string, int> counts_in(const std::string& said) {
  std::map<std::string, int> counts;
  std::istringstream in(said);
  std::string type;
  for (int count = 0; in >> type >> count;) counts[type] = count;
  return counts;
}

TEST_CASE("Every message of a lively run is as its schema says", "[schemas]") {
  House house({.people = 30, .doors = 4, .broker_more = "max_packet_size 20000\n"});
  const Transcript transcript(house.broker.port());
  const auto came = [&](const std::string& type, std::size_t count = 1, Millis within = 30s) {
    INFO("waiting for " << type << "\n" << house.gateway.log());
    REQUIRE(house.recorder.wait(within, [&](const Ledger& ledger) { return ledger.count(type) >= count; }));
  };

  // A server that will not have us, and then will.
  house.gateway.site().password = "not the password";
  house.gateway.write_config();
  house.gateway.start();
  came("alert");
  house.gateway.kill();
  house.gateway.site().password = "secret";
  house.gateway.write_config();
  house.start_and_import();
  came("person.upserted", 5);

  // Events of all kinds, odd ones included.
  for (const int type : {20, 21, 22,  23,  24,  25,  26,  27,  28,  29,  46,  47,  90,
                         91, 93, 102, 103, 300, 301, 500, 501, 550, 570, 580, 590, 9'999}) {
    house.net2.act("event", R"({"event_type":)" + std::to_string(type) + "}");
  }
  house.net2.act("event", R"({"event_type":20,"details":"\"quoted\" \\ and \u0001 & <tags> \u00e9\u4eba"})");
  for (const auto* kind : {"invalid_utf8", "huge_name", "year_1753", "null_time", "not_object"})
    house.net2.act("malformed", std::string(R"({"kind":")") + kind + R"("})");
  house.net2.act("doors", R"({"door":"all","do":"force"})");
  house.net2.swipes(50);
  came("door.state", 4);
  for (const auto* type : {"access.granted", "access.denied", "alarm", "door", "event"}) came(type);

  // People come, change, go, and one is too long for the broker.
  const int id = house.net2.add_people(3);
  house.net2.act("people", R"({"add":{"firstName":"Quote\"\\","lastName":"\u0001<>&","department":"Staff",)"
                           R"("email":"q@example.org","expiryDate":"1753-01-01T00:00:00"}})");
  house.net2.act("people", R"({"add":{"firstName":")" + std::string(200, 'n') + R"(","lastName":")" +
                               std::string(30'000, 'l') +
                               R"(","department":"Staff","email":"long@example.org"}})");
  const auto before =
      house.recorder.ask([](const Ledger& ledger) { return ledger.count("person.upserted"); });
  came("person.upserted", before + 1);
  house.net2.remove_person(id);
  came("person.disabled");

  came("health", 1, 90s);  // once a minute
  CHECK(house.gateway.stop(5s) == 0);

  const auto outcome = transcript.validate(house.dir / "messages.json");
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 0);
  const auto counts = counts_in(outcome.out);
  for (const auto* type : {"access.denied", "access.granted", "alarm", "alert", "door", "door.state", "event",
                           "health", "person.disabled", "person.upserted", "state", "sync"}) {
    INFO("the type " << type);
    CHECK(counts.contains(type));
  }
}

TEST_CASE("The validator of the schemas finds what is wrong", "[schemas]") {
  const TempDir dir;
  const auto judge = [&](const std::string& payload) {
    json::array messages;
    messages.push_back(json::object{{"topic", "gatehouse/v1/acme/hq-01/up/alarm"}, {"payload", payload}});
    write_file(dir / "messages.json", json::serialize(messages));
    const std::string here(GATEHOUSE_SOURCE_DIR);
    return run({here + "/tests/whole/validate-messages", here + "/config/messages", dir / "messages.json"});
  };
  const std::string good =
      R"({"specversion":"1.0","id":"1","source":"/gatehouse/acme/hq-01","type":"gatehouse.alert.v1",)"
      R"("time":"2026-06-01T08:00:00.000Z","datacontenttype":"application/json","clock":"ok","lane":"alarm",)"
      R"("stream":"S","sequence":"00000000000000000001",)"
      R"("data":{"kind":"store","state":"raised","subject":"state"}})";
  const auto fine = judge(good);
  INFO(fine.out << fine.err);
  CHECK(fine.status == 0);
  const auto with = [&](const std::string& old, const std::string& changed) {
    auto text = good;
    return text.replace(text.find(old), old.size(), changed);
  };
  CHECK(judge(with("raised", "lifted")).status == 1);
  CHECK(judge(with(R"("subject":"state")", R"("about":"state")")).status == 1);
  CHECK(judge(with("gatehouse.alert.v1", "gatehouse.alrt.v1")).status == 1);
  CHECK(judge(with("2026-06-01T08:00:00.000Z", "yesterday")).status == 1);
  CHECK(judge(with(R"("id":"1")", R"("id":"1","id":"2")")).status == 1);
  CHECK(judge(good.substr(1)).status == 1);
}

TEST_CASE("Every message about doors and commands is as its schema says", "[schemas][access]") {
  AccessHouse house;
  const Transcript transcript(house.broker.port(), "gatehouse/v1/acme/hq-01/up/#");
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  house.start_and_import();
  REQUIRE(house.becomes("active"));
  REQUIRE(house.told("person.invitable", 1));
  const json::object who{{"id", house.person_id(ada)}};
  CHECK(flag_at(house.call("access.sign_in", house.sign_in(who)), "ok"));
  CHECK(flag_at(house.call("access.sign_in", house.sign_in(who, "slow")), "ok"));
  const json::object grace{{"person_type", "visitor"}, {"first_name", "Grace"}, {"last_name", "Hopper"}};
  CHECK(flag_at(house.call("access.sign_in", house.sign_in(grace)), "ok"));
  CHECK_FALSE(flag_at(house.call("access.sign_in", {{"access_point", 7}}), "ok"));
  CHECK(flag_at(house.call("people.resend", {}), "ok"));
  CHECK(flag_at(house.call("person.invited", {{"person", house.person_id(ada)}, {"ok", true}}), "ok"));
  CHECK(flag_at(house.call("status.get", {}), "ok"));
  house.publisher().publish("gatehouse/v1/acme/hq-01/down/command", "no token at all");
  for (const auto* type : {"decision", "presence", "reply", "roster.request", "resend"}) {
    INFO(type);
    CHECK(house.told(type, 1));
  }
  CHECK(eventually(15s, [&] { return house.opens() >= 2; }));

  const auto verdict = transcript.validate(house.dir / "messages.json");
  INFO(verdict.out << verdict.err);
  CHECK(verdict.status == 0);
  auto counts = counts_in(verdict.out);
  for (const auto* type : {"decision", "presence", "reply", "roster.request", "person.invitable", "resend"}) {
    INFO(type);
    CHECK(counts[type] > 0);
  }
}

}  // namespace
}  // namespace gatehouse::whole
