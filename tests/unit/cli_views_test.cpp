#include <sstream>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "daemon/cli/follow.hpp"
#include "daemon/cli/json_fields.hpp"
#include "daemon/cli/list_printer.hpp"
#include "daemon/cli/show_views.hpp"
#include "daemon/cli/status_view.hpp"

using namespace gatehouse;
using boost::json::parse;

namespace {

std::string printed(const ListView& view, ListForm form, const std::vector<const char*>& pages) {
  std::ostringstream out, err;
  Terminal terminal{out, err};
  ListPrinter printer(view, form, terminal);
  for (const char* page : pages) printer.page(parse(page));
  printer.end();
  CHECK(err.str().empty());
  return out.str();
}

constexpr const char* ada =
    R"({"people":[{"id":"01J","first_name":"Ada","last_name":"Lovelace","email":null,"phone":"+44","person_type":"employee",
        "site":"hq","access":{"admin_enabled":false,"source_present":true,"effective":false},
        "sources":[{"integration":"net2-hq","external_id":"1234","present":true}],"last_synced":null}],"next":"1"})";
constexpr const char* bob =
    R"({"people":[{"id":"02J","first_name":"Bob","last_name":"\u001b[2J","access":{"effective":true}}]})";

}  // namespace

TEST_CASE("A list of people reads as a table with its sum", "[cli]") {
  CHECK(
      printed(people_view(), ListForm::table, {ada, bob}) ==
      "NAME          TYPE      SITE  ACCESS              SOURCE        E-MAIL  PHONE  LAST SYNCED  ID\n"
      "Ada Lovelace  employee  hq    no (disabled here)  net2-hq/1234          +44    never        01J\n"
      "Bob \uFFFD[2J                      yes                                              never        02J\n"
      "2 people\n");
  CHECK(printed(people_view(), ListForm::table, {R"({"people":[]})"}) == "no people\n");
}

TEST_CASE("The pages of a list become one JSON document", "[cli]") {
  const auto all = parse(printed(people_view(), ListForm::json, {ada, bob}));
  CHECK(list_field(all, "people").size() == 2);
  CHECK(find_field(all, "next") == nullptr);
  CHECK(text_field(list_field(all, "people")[0], "first_name") == "Ada");
  CHECK(printed(people_view(), ListForm::json, {R"({"people":[]})"}) == "{\"people\":[]}\n");
  CHECK(printed(doors_view(), ListForm::json_lines, {R"({"doors":[{"id":1},{"id":2}]})"}) ==
        "{\"id\":1}\n{\"id\":2}\n");
}

TEST_CASE("Fields that are missing or of another kind are not there", "[cli]") {
  const auto document = parse(R"({"a":{"b":null,"c":"x","n":-3,"y":true},"l":[1]})");
  CHECK(text_field(document, "a.c") == "x");
  CHECK(text_field(document, "a.n") == "-3");
  CHECK(text_field(document, "a.b") == "");
  CHECK(text_field(document, "a.c.d") == "");
  CHECK(number_field(document, "a.n") == -3);
  CHECK_FALSE(number_field(document, "a.c").has_value());
  CHECK(bool_field(document, "a.y") == true);
  CHECK(list_field(document, "a").empty());
  CHECK(list_field(document, "l").size() == 1);
}

SCENARIO("Status says what is wrong and what to do", "[cli]") {
  constexpr const char* well =
      R"({"version":"0.1.0","gateway":"acme/hq-01","uptime_s":11520,"ready":true,
          "cloud":{"connected":true,"since":"x","oldest_unsent_s":0},
          "outbox":{"pending":0,"dead":0,"bytes":0,"lanes":{"alarm":0}},
          "integrations":[{"id":"net2-hq","status":"active","detail":null,"hint":null,"last_run":null,"people":500}],
          "people":500,"doors":12,"clock":"ok","config":{"revision":"sha256:0123456789abcdef","reload_error":null},
          "lockdown":[]})";

  SECTION("all is well") {
    CHECK(find_troubles(parse(well)).empty());
    const auto screen = status_screen(parse(well), 0);
    CHECK_THAT(screen, Catch::Contains("acme/hq-01   up 3 h 12 min   ready"));
    CHECK_THAT(screen, Catch::Contains("500 people, 12 doors"));
    CHECK_THAT(screen, Catch::Contains("never"));
    CHECK_THAT(screen, Catch::Contains("   ready\nAll is well.\n\nCloud "));
  }
  SECTION("what waits about the cloud's people is a trouble") {
    const auto waiting =
        parse(R"({"ready":true,"cloud":{"connected":true,"issues":1,"withheld":12},"outbox":{},
                                   "integrations":[],"config":{}})");
    const auto troubles = find_troubles(waiting);
    REQUIRE(troubles.size() == 2);
    CHECK(troubles[0].what == "1 issue is open about the cloud's people");
    CHECK(troubles[0].remedy == "see: gatehouse issue list");
    CHECK_THAT(troubles[1].what, Catch::Contains("12 people"));
    CHECK_THAT(troubles[1].remedy, Catch::Contains("plan list"));
    CHECK(status_screen(waiting, 0).find("All is well.") == std::string::npos);
  }
  SECTION("each trouble is named, the most urgent first") {
    const auto ill = parse(
        R"({"ready":true,"cloud":{"connected":false},"outbox":{"dead":1},"clock":"unsynced",
            "integrations":[{"id":"a","status":"unreachable","detail":"refused","hint":"switch it on"},
                            {"id":"b","status":"issues"},{"id":"c","status":"active"},{"id":"d","status":"disabled"}],
            "config":{"reload_error":"line 3"},"lockdown":["hq"]})");
    std::vector<std::string> said;
    for (const auto& trouble : find_troubles(ill)) said.push_back(trouble.what + " | " + trouble.remedy);
    CHECK(
        said ==
        std::vector<std::string>{
            "lockdown is on at hq | ",
            "the configuration files have faults, so the last good one is in force: line 3 | see all of "
            "them: gatehouse check; then: gatehouse config reload",
            "a is unreachable: refused | switch it on", "b is issues | see: gatehouse integration show b",
            "the cloud is not connected | nothing is lost meanwhile; check cloud.host, the network and the "
            "certificates",
            "1 message was refused by the broker for good | see: gatehouse outbox list --dead",
            "the clock is not trusted; what depends on the time of day is denied | see: timedatectl status"});
  }
  SECTION("it fits one screen, however many integrations there are") {
    auto many = parse(well);
    auto& list = many.as_object()["integrations"].as_array();
    for (int i = 0; i < 50; ++i) {
      list.push_back(
          {{"id", "x" + std::to_string(i)}, {"status", "unreachable"}, {"detail", "gone"}, {"hint", "go"}});
    }
    const auto screen = status_screen(many, 80);
    CHECK(std::count(screen.begin(), screen.end(), '\n') <= 23);
    CHECK_THAT(screen, Catch::EndsWith("and 42 more: gatehouse integration list\n"));
    CHECK_THAT(screen, Catch::Contains("! and 48 more: gatehouse doctor\n"));
  }
  SECTION("a document that says nothing is no crash") {
    CHECK_THAT(status_screen(parse("{}"), 20), !Catch::Contains("\x1b"));
  }
}

TEST_CASE("One thing is shown with all that is known of it", "[cli]") {
  CHECK(show_lines(
            parse(R"({"person":{"last_name":null,"last_synced":null,"roamer":false,"sites":["hq","annex"],
        "tags":{"custom":[]},"sources":[{"integration":"n\u001b"}],"n":3}})")) ==
        "last name    -\n"
        "last synced  never\n"
        "roamer       no\n"
        "sites        hq, annex\n"
        "tags\n"
        "  custom  -\n"
        "sources      1\n"
        "  integration  n\uFFFD\n"
        "n            3\n");
}

SCENARIO("Following gives each event once", "[cli]") {
  EventFollower follower;
  CHECK(follower.take(parse(R"({"events":[{"event_id":"1"},{"event_id":"2"}]})")).size() == 2);
  CHECK(follower.after().empty());
  CHECK_FALSE(follower.more());
  CHECK(follower.take(parse(R"({"events":[{"event_id":"1"},{"event_id":"2"}]})")).empty());
  const auto news =
      follower.take(parse(R"({"events":[{"event_id":"1"},{"event_id":"2"},{"event_id":"3"}],"next":"3"})"));
  REQUIRE(news.size() == 1);
  CHECK(text_field(news[0], "event_id") == "3");
  CHECK(follower.after() == "3");
  CHECK(follower.more());
  CHECK(follower.take(parse(R"({"events":[{"event_id":"4"}],"next":"3"})")).size() == 1);
  CHECK_FALSE(follower.more());  // a list that does not go on does not spin
}
