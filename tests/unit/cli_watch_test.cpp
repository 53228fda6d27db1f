// What `gatehouse watch` and `gatehouse status` put on a screen.

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "daemon/cli/status_view.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/cli/watch_view.hpp"

using namespace gatehouse;
using boost::json::parse;

namespace {

boost::json::value status_with(int integrations, const char* state = "active") {
  auto status = parse(
      R"({"version":"1.0.0","gateway":"acme/hq-01","uptime_s":11520,"ready":true,
          "cloud":{"configured":true,"connected":true,"since":"2026-06-01T09:00:00Z","oldest_unsent_s":0},
          "outbox":{"pending":12,"dead":0,"bytes":3072,"lanes":{"alarm":1,"access":11}},"integrations":[],
          "people":500,"doors":12,"clock":"ok","config":{"revision":"sha256:0123456789abcdef","reload_error":null},
          "lockdown":[],"late_loops":[]})");
  auto& list = status.as_object()["integrations"].as_array();
  for (int i = 0; i < integrations; ++i) {
    list.push_back({{"id", "net2-" + std::to_string(i)},
                    {"name", "Net2 number " + std::to_string(i)},
                    {"status", state},
                    {"people", 50},
                    {"issues", 0}});
  }
  return status;
}

WatchFacts busy() {
  WatchFacts facts{.status = status_with(3), .events = {}, .decisions = {}, .issues = {}, .trouble = ""};
  for (int i = 0; i < 60; ++i) {
    const auto n = std::to_string(i);
    facts.events.push_back({{"event_id", "net2-0/1/" + n},
                            {"at", "2026-06-01T09:00:00Z"},
                            {"door", "net2-0/" + n},
                            {"net2", {{"description", "Access permitted"}}}});
    facts.decisions.push_back(
        {{"id", n}, {"at", "2026-06-01T09:00:00Z"}, {"outcome", "allow"}, {"reason", "grant"}});
    facts.issues.push_back({{"id", n}, {"kind", "error"}, {"reason", "invalid_email"}, {"name", "Ada"}});
  }
  return facts;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

void must_fit(const std::vector<std::string>& lines, ScreenSize size) {
  INFO(joined(lines));
  CHECK(lines.size() <= size.height);
  for (const auto& line : lines) {
    CHECK(display_width(line) <= size.width);
    CHECK(line == harmless(line));
  }
}

/// Rows that a terminal of that width needs.
std::size_t rows_on(const std::string& text, std::size_t width) {
  std::size_t rows = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto columns = display_width(text.substr(at, end - at));
    rows += columns == 0 ? 1 : (columns + width - 1) / width;
    at = end + 1;
  }
  return rows;
}

}  // namespace

TEST_CASE("Watch fills a screen of any size and no more", "[cli][watch]") {
  const auto facts = busy();
  for (const auto& size : {ScreenSize{80, 24}, ScreenSize{200, 60}, ScreenSize{40, 10}, ScreenSize{20, 4},
                           ScreenSize{1, 1}, ScreenSize{132, 24}}) {
    must_fit(watch_lines(facts, size, "10:00:00"), size);
  }
  CHECK(watch_lines(facts, {80, 24}, "10:00:00").size() == 24);
}

TEST_CASE("Watch shows links, queue, the newest events and decisions, and issues on 80x24", "[cli][watch]") {
  const auto text = joined(watch_lines(busy(), {80, 24}, "10:00:00"));
  INFO(text);
  CHECK(text.find("acme/hq-01") != std::string::npos);
  CHECK(text.find("10:00:00  q quits") != std::string::npos);
  CHECK(text.find("All is well.") != std::string::npos);
  CHECK(text.find("connected since") != std::string::npos);
  CHECK(text.find("12 messages waiting (alarm 1, access 11)") != std::string::npos);
  CHECK(text.find("net2-2") != std::string::npos);
  CHECK(text.find("net2-0/59") != std::string::npos);
  CHECK(text.find("net2-0/1 ") == std::string::npos);  // an old one
  CHECK(text.find("allow") != std::string::npos);
  CHECK(text.find("Issues (60 open)") != std::string::npos);
  CHECK(text.find("net2-0/59") > text.find("net2-0/58"));
}

TEST_CASE("Watch says first what is wrong, and shows what is not well before what is", "[cli][watch]") {
  auto facts = busy();
  facts.status = status_with(9);
  auto& worst = facts.status.as_object()["integrations"].as_array()[8].as_object();
  worst["status"] = "unreachable";
  worst["detail"] = "no answer";
  worst["hint"] = "switch it on";
  const auto lines = watch_lines(facts, {80, 24}, "10:00:00");
  must_fit(lines, {80, 24});
  INFO(joined(lines));
  CHECK(lines[1].starts_with("! net2-8 is unreachable: no answer  → switch it on"));
  CHECK(joined(lines).find("net2-8  unreachable") != std::string::npos);
  CHECK(joined(lines).find("and 4 more") != std::string::npos);

  facts.trouble = "gatehoused does not answer\nSee: systemctl status gatehouse";
  const auto away = watch_lines(facts, {80, 24}, "10:00:00");
  CHECK(away[1] == "! gatehoused does not answer");
  CHECK(watch_line(facts) == "gatehoused does not answer");
}

TEST_CASE("What other systems wrote cannot move the cursor of who watches", "[cli][watch]") {
  auto facts = busy();
  facts.events.push_back({{"event_id", "x"},
                          {"at", "\x1b[2J"},
                          {"door", "\x1b]0;owned\x07"},
                          {"net2",
                           {{"description",
                             "\r\n\x9b"
                             "31m \xE2\x80\xAE"}}}});
  facts.issues.push_back({{"id", "1\n2"}, {"name", "\x1b[5mAda"}});
  facts.status.as_object()["gateway"] = "\x1b[H";
  facts.status.as_object()["integrations"].as_array()[0].as_object()["id"] = "\x1b[31m";
  must_fit(watch_lines(facts, {80, 24}, "10:00:00"), {80, 24});
  CHECK(watch_line(facts) == harmless(watch_line(facts)));
  facts.trouble = "\x1b[2J";
  must_fit(watch_lines(facts, {80, 24}, "10:00:00"), {80, 24});
  must_fit(watch_lines({}, {80, 24}, "10:00:00"), {80, 24});
}

TEST_CASE("Without a screen watch says in one line how everything is", "[cli][watch]") {
  WatchFacts facts{.status = status_with(2), .events = {}, .decisions = {}, .issues = {}, .trouble = ""};
  CHECK(watch_line(facts) == "acme/hq-01: cloud connected, 12 waiting, net2-0 active, net2-1 active");
  facts.status.as_object()["late_loops"] = boost::json::array{"thread store", "events"};
  CHECK(
      watch_line(facts) ==
      "acme/hq-01: cloud connected, 12 waiting, net2-0 active, net2-1 active; \"thread store\" stands still "
      "(and 1 more: gatehouse status)");
}

TEST_CASE("Status with ten integrations fits 80x24, trouble first", "[cli][status]") {
  SECTION("all well") {
    const auto screen = status_screen(status_with(10), 80, 24);
    INFO(screen);
    CHECK(rows_on(screen, 80) <= 23);  // the shell's prompt is the last line
    CHECK(screen.find("\nAll is well.\n") != std::string::npos);
    for (int i = 0; i < 10; ++i) CHECK(screen.find("net2-" + std::to_string(i)) != std::string::npos);
  }
  SECTION("none well") {
    auto status = status_with(10, "unreachable");
    for (auto& one : status.as_object()["integrations"].as_array()) {
      one.as_object()["detail"] = "connect to net2.hq.lan:8443: no answer in 10000 ms";
      one.as_object()["hint"] =
          "is the PC on, and is the Net2 service running? gatehouse doctor looks closer";
    }
    const auto screen = status_screen(status, 80, 24);
    INFO(screen);
    CHECK(rows_on(screen, 80) <= 23);
    CHECK(screen.find("! net2-0 is unreachable") < screen.find("→ is the PC on"));
    CHECK(screen.find("→ is the PC on") < screen.find("Cloud "));
    CHECK(screen.find(" more: gatehouse doctor\n") != std::string::npos);
    for (int i = 0; i < 10; ++i) CHECK(screen.find("\nnet2-" + std::to_string(i)) != std::string::npos);
  }
  SECTION("more than ten are counted") {
    const auto screen = status_screen(status_with(14), 80, 24);
    CHECK(rows_on(screen, 80) <= 23);
    CHECK(screen.find("and 5 more: gatehouse integration list") != std::string::npos);
  }
  SECTION("what is not shown on a screen is neither cut nor left out") {
    auto status = status_with(30, "unreachable");
    const auto text = status_screen(status, 0);
    CHECK(text.find("net2-29 is unreachable") != std::string::npos);
    CHECK(text.find(" more: ") == std::string::npos);
  }
  SECTION("what stands still comes before all else") {
    auto status = status_with(1);
    status.as_object()["late_loops"] = boost::json::array{"net2-0 events"};
    status.as_object()["lockdown"] = boost::json::array{"hq"};
    status.as_object()["outbox"] = nullptr;
    const auto troubles = find_troubles(status);
    REQUIRE(troubles.size() == 3);
    CHECK(troubles[0].what == "\"net2-0 events\" stands still");
    CHECK(troubles[1].what == "the store does not answer");
    CHECK(troubles[2].what == "lockdown is on at hq");
  }
}
