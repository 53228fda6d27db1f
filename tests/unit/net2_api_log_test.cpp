// What `gatehouse log api` shows of Net2: enough to see what goes on, and nothing of anybody.
#include <catch2/catch.hpp>

#include "tests/unit/scripted_net2.hpp"

namespace gatehouse {
namespace {

using test::run;
using test::token_line;
using Net2 = test::ScriptedNet2;

constexpr const char* canary = "Canary7";

std::string line_of(const ApiCall& call) {
  return call.verb + ' ' + call.path + ' ' + std::to_string(call.status) + ' ' + std::to_string(call.bytes);
}

std::string all_of(const ApiCall& call) {
  return line_of(call) + ' ' + call.error + ' ' + call.integration.value();
}

struct NobodyTaken final : RecordSink {
  void take(SourceRecord&&) override {}
};

}  // namespace

TEST_CASE("S1-36 a path is shown without ids and values", "[net2][apilog]") {
  const auto [target, shown] = GENERATE(table<const char*, const char*>({
      {"/api/v1/users", "/api/v1/users"},
      {"/api/v1/users/17/doorpermissionset", "/api/v1/users/{id}/doorpermissionset"},
      {"/api/v1/doors/0f0e-aa/status?x=Ada", "/api/v1/doors/{id}/status?x"},
      {"/api/v1/events?where=eventId%3E12&orderBy=eventId%20asc&rowCount=500",
       "/api/v1/events?where&orderBy&rowCount"},
      {"/api/v1/customquery/querydb?query=SELECT%20Ada", "/api/v1/customquery/querydb?query"},
      {"/api/v1/users?Ada%20Lovelace&&=x", "/api/v1/users?{name}&&"},
      {"/api/v1/users/", "/api/v1/users/"},
      {"", ""},
  }));
  CHECK(path_template(target) == shown);
}

TEST_CASE("S1-36 each call is noted with its answer's status and size", "[net2][apilog]") {
  Net2 net2;
  net2.say("GET /api/v1/doors", 200, R"([{"name":"Front door","id":1}])");
  CHECK(run(net2.io, net2.source->read_doors()));
  REQUIRE(net2.calls.size() == 2);
  CHECK_THAT(line_of(net2.calls[0]), Catch::StartsWith("POST /api/v1/authorization/tokens 200 "));
  CHECK(line_of(net2.calls[1]) == "GET /api/v1/doors 200 30");
  CHECK(net2.calls[1].at == net2.clock.wall);
  CHECK(net2.calls[1].error.empty());

  net2.say("GET /api/v1/doors", 503, "starting");
  CHECK_FALSE(run(net2.io, net2.source->read_doors()));
  CHECK(line_of(net2.calls.back()) == "GET /api/v1/doors 503 8");
  net2.say("GET /api/v1/doors",
           [](const auto&) { return test::HttpsReply{.bytes = "", .then = test::HttpsReply::Then::cut}; });
  CHECK_FALSE(run(net2.io, net2.source->read_doors()));
  CHECK(net2.calls.back().status == 0);
  CHECK_FALSE(net2.calls.back().error.empty());

  // As it comes in.
  net2.say("GET /api/v1/events", 200, "[" + std::string(1000, ' ') + "]");
  CHECK(run(net2.io, net2.source->read_newest_event()));
  CHECK(line_of(net2.calls.back()) == "GET /api/v1/events?orderBy&rowCount 200 1002");
}

TEST_CASE("S1-36 no secret, name or answer gets into the log of calls", "[net2][apilog]") {
  const std::string word = canary;
  Net2 net2({.username = word, .password = word + "p", .client_id = word + "c"});
  // Servers echo what they were given, in good answers and in bad ones.
  net2.say(
      token_line, 200,
      R"({"access_token":"Canary7t","token_type":"bearer","expires_in":1800,"refresh_token":"Canary7r"})");
  const std::string person = R"({"id":7,"firstName":"Canary7","lastName":"Canary7","telephone":"Canary7"})";
  const std::string said =
      GENERATE_COPY("[" + person + "]", "[" + person + "Canary7", "{\"message\":\"Canary7\"}",
                    "<html>Canary7</html>", "[{\"id\":\"Canary7\"}]");
  const int status = GENERATE(200, 400, 401, 403, 500);
  for (const char* route : {"users", "departments", "departments/root/users", "doors", "events",
                            "accesslevels", "customquery/querydb", "users/customfieldnames"})
    net2.say(std::string("GET /api/v1/") + route, status, said);
  NobodyTaken sink;
  (void)run(net2.io, net2.source->read_people({.fields = {"firstName", "custom:Canary7"}}, sink));
  (void)run(net2.io, net2.source->read_people({.fields = {"firstName"}, .access_levels = true}, sink));
  (void)run(net2.io, net2.source->read_doors());
  (void)run(net2.io, net2.source->read_newest_event());
  net2.say(token_line, 400, R"({"error":"invalid_grant","error_description":"Canary7p"})");
  net2.source->drop_token("Canary7t");
  (void)run(net2.io, net2.source->read_doors());
  CHECK(net2.calls.size() >= 4);
  for (const auto& call : net2.calls) {
    INFO(all_of(call));
    CHECK(all_of(call).find(canary) == std::string::npos);
  }
}

TEST_CASE("S1-36 the log of calls keeps the newest, from a moment on", "[apilog]") {
  ApiLog log;
  const Instant start{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
  for (int i = 0; i < 5000; ++i) {
    ApiCall call;
    call.at = start + std::chrono::seconds(i);
    log.note(std::move(call));
  }
  const auto kept = log.since(std::nullopt);
  REQUIRE(kept.size() == 2000);
  CHECK(kept.front().at == start + std::chrono::seconds(3000));
  CHECK(kept.back().at == start + std::chrono::seconds(4999));
  CHECK(log.since(start + std::chrono::seconds(4990)).size() == 10);
}

}  // namespace gatehouse
