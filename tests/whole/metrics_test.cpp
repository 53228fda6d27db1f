// Figures for Prometheus and others, read by a parser that is not ours.

#include <filesystem>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "tests/whole/access_house.hpp"
#include "tests/whole/loopback_http.hpp"
#include "tests/whole/temp_dir.hpp"

namespace gatehouse::whole {
namespace {

const std::string source = GATEHOUSE_SOURCE_DIR;

/// Samples as the independent parser gives them, a line of JSON each; fails where it finds a fault.
class Scrape {
 public:
  Scrape(const std::string& folder, int port, bool with_users = false) {
    const auto reply = http_get(port, "/metrics");
    CHECK(reply.status == 200);
    CHECK(reply.head.find("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8") !=
          std::string::npos);
    text_ = reply.body;
    write_file(folder + "/scrape", text_);
    Argv check{source + "/tests/whole/check-figures", folder + "/scrape"};
    if (with_users) {
      check.push_back(source + "/config/prometheus/gatehouse.rules.yml");
      check.push_back(source + "/config/grafana/gatehouse.json");
    }
    const auto checked = run(check);
    INFO(checked.err << text_);
    CHECK(checked.status == 0);
    std::size_t at = 0;
    while (at < checked.out.size()) {
      const auto end = checked.out.find('\n', at);
      samples_.push_back(json::parse(checked.out.substr(at, end - at)).as_object());
      at = end + 1;
    }
    CHECK(samples_.size() > 40);
  }

  /// The sum of the samples of that name whose labels hold these.
  double value(const std::string& name, const json::object& labels = {}) const {
    double sum = 0;
    for (const auto& sample : samples_) {
      if (text_at(sample, "name") != name) continue;
      const auto& has = sample.at("labels").as_object();
      bool fits = true;
      for (const auto& [label, wanted] : labels)
        fits = fits && has.contains(label) && has.at(label) == wanted;
      if (fits) sum += sample.at("value").to_number<double>();
    }
    return sum;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<json::object> samples_;
};

TEST_CASE("Figures are OpenMetrics to an independent parser, and say what has happened", "[metrics]") {
  AccessHouse house;
  const int port = free_port();
  house.gateway.site().more += "metrics: {listen: \"127.0.0.1:" + std::to_string(port) + "\"}\n";
  house.gateway.write_config();
  const int ada = house.add({.first = "Ada", .last = "Lovelace", .email = "ada@example.org"});
  house.start_and_import();
  REQUIRE(house.becomes("active"));
  REQUIRE(eventually(10s, [&] { return !house.person_id(ada).empty(); }));
  const auto folder = house.dir.path();
  REQUIRE(eventually(5s, [&] { return http_get(port, "/health").status == 200; }));

  // A sign-in that opens, one that is denied, and a command of a stranger's key.
  const auto allowed = house.call("access.sign_in", AccessHouse::sign_in({{"id", house.person_id(ada)}}));
  INFO(json::serialize(allowed));
  const auto denied =
      house.call("access.sign_in", AccessHouse::sign_in({{"id", "01HZZZZZZZZZZZZZZZZZZZZZZZ"}}));
  INFO(json::serialize(denied));
  auto late = house.claims("access.sign_in", AccessHouse::sign_in({{"id", house.person_id(ada)}}));
  late["exp"] = late.at("iat").as_int64() - 10;
  late["iat"] = late.at("iat").as_int64() - 20;
  CHECK(house.reply(house.send(late)).has_value());
  const auto first = house.net2.last_event() + 1;
  house.net2.swipes(20);
  REQUIRE(house.all_events_out(15s, first));

  const auto settled = [&] {
    return Scrape(folder, port).value("gatehouse_messages_published_total", {{"lane", "access"}}) >= 20;
  };
  CHECK(eventually(10s, settled));
  const Scrape now(folder, port, true);
  INFO(now.text());
  CHECK(now.value("gatehouse_ready") == 1);
  CHECK(now.value("gatehouse_healthy") == 1);
  CHECK(now.value("gatehouse_cloud_connected") == 1);
  CHECK(now.value("gatehouse_integration_status", {{"integration", "net2-hq"}, {"status", "active"}}) == 1);
  CHECK(now.value("gatehouse_integration_status", {{"integration", "net2-hq"}}) == 1);
  CHECK(now.value("gatehouse_sync_runs_total", {{"integration", "net2-hq"}}) >= 1);
  CHECK(now.value("gatehouse_people") > 0);
  CHECK(now.value("gatehouse_decisions_total", {{"outcome", "deny"}, {"reason", "unknown_person"}}) == 1);
  CHECK(now.value("gatehouse_decisions_total") == 2);
  CHECK(now.value("gatehouse_commands_refused_total", {{"code", "expired"}}) == 1);
  CHECK(now.value("gatehouse_store_bytes") > 0);
  CHECK(now.value("gatehouse_store_free_bytes") > 0);
  CHECK(now.value("process_resident_memory_bytes") > 1e6);
  // Nobody is in there.
  for (const auto* name : {"Gateway Service", "secret", "Lovelace", "example.org", "6203980"})
    CHECK(now.text().find(name) == std::string::npos);

  // Counters only grow, and count.
  house.net2.swipes(10);
  REQUIRE(house.all_events_out(15s, first));
  const auto grown = [&] {
    return Scrape(folder, port).value("gatehouse_messages_published_total", {{"lane", "access"}}) >=
           now.value("gatehouse_messages_published_total", {{"lane", "access"}}) + 10;
  };
  CHECK(eventually(10s, grown));
}

TEST_CASE("The listener for figures is off, moves and goes with a reload", "[metrics]") {
  House house({.people = 5, .doors = 1});
  const int one = free_port();
  const int two = free_port();
  house.gateway.start();
  CHECK(http_get(one, "/metrics", 200ms).status == 0);
  const auto reload = [&](const std::string& section) {
    house.gateway.site().more = section;
    house.gateway.write_config();
    const auto done = house.gateway.ask({"config", "reload"});
    INFO(done.err);
    CHECK(done.status == 0);
  };
  const auto answers = [&](int port) {
    return eventually(5s, [&] { return http_get(port, "/health").status == 200; });
  };
  const auto gone = [&](int port) {
    return eventually(5s, [&] { return http_get(port, "/health", 500ms).status == 0; });
  };
  const auto at = [](int port) { return "metrics: {listen: \"127.0.0.1:" + std::to_string(port) + "\"}\n"; };
  reload(at(one));
  CHECK(answers(one));
  reload(at(two));
  CHECK(answers(two));
  CHECK(gone(one));
  // The broker's port is taken: the old listener stays, and somebody is told.
  reload(at(house.broker.port()));
  CHECK(eventually(5s,
                   [&] { return house.gateway.log().find("figures are not offered") != std::string::npos; }));
  CHECK(answers(two));
  const Scrape meanwhile(house.dir.path(), two);
  CHECK(meanwhile.value("gatehouse_alerts", {{"kind", "metrics"}}) == 1);
  reload("");
  CHECK(gone(two));
  CHECK(house.gateway.stop(3s) == 0);
}

}  // namespace
}  // namespace gatehouse::whole
