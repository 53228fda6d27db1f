// A configuration on trial: when it is taken back, what a start makes of one that nobody confirmed, and what
// is another in it.

#include "daemon/core/config_trial.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/settings/compare_settings.hpp"
#include "daemon/settings/held_config.hpp"
#include "daemon/settings/show_settings.hpp"

namespace gatehouse {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Uptime began{std::chrono::hours(1)};

TrialHealth well() {
  TrialHealth health;
  health.cloud_configured = true;
  health.cloud_connected = true;
  health.sources = {{.id = "net2-hq", .connected = true, .refused = false, .detail = ""},
                    {.id = "sleepy", .connected = false, .refused = false, .detail = "no route"}};
  return health;
}

struct TrialFolder {
  TrialFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "trial-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TrialFolder() { std::filesystem::remove_all(path); }
  TrialFolder(const TrialFolder&) = delete;
  TrialFolder& operator=(const TrialFolder&) = delete;
  std::string path;
};

const std::string house = R"(gateway: {id: hq-01, tenant: acme, sites: [hq]}
policy: {employees: {open: true}}
doors:
  - {id: net2-hq/1, name: Front door, site: hq}
  - {id: net2-hq/2, name: Back door, site: hq}
integrations:
  - {id: net2-hq, kind: net2, url: "https://net2:8443", username: U, password: {file: /nowhere/password},
     client_id: {env: CLIENT}, timezone: Europe/London, tls: {ca: /nowhere/ca.pem},
     sync: {groups: {Staff: employee}, fields: {first_name: firstName, last_name: lastName}}}
)";

Loaded load(const std::string& text) {
  auto loaded = load_settings_text(text, "gatehouse.yaml");
  for (const auto& fault : loaded.faults) FAIL(to_string(fault));
  return loaded;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

HeldConfig held_for(const Loaded& tried) {
  HeldConfig held;
  held.tried = tried.revision;
  held.previous = "sha256:before";
  held.previous_yaml = effective_yaml(*load(house).settings);
  held.until = Instant(minutes(29'000'000));
  return held;
}

}  // namespace

TEST_CASE("D-12: a trial goes on while all that was well is well, and ends with its time", "[config]") {
  ConfigTrial trial(well(), began, minutes(10));
  CHECK_FALSE(trial.lost(well(), began));
  CHECK_FALSE(trial.lost(well(), began + minutes(9)));
  const auto why = trial.lost(well(), began + minutes(10));
  REQUIRE(why);
  CHECK(why->find("600 s") != std::string::npos);
}

TEST_CASE("D-12: what was connected has half a minute to come back; credentials that are refused have none",
          "[config]") {
  ConfigTrial trial(well(), began, minutes(10));
  auto now = well();
  SECTION("an integration that is away") {
    now.sources[0] = {.id = "net2-hq", .connected = false, .refused = false, .detail = "no route to host"};
    CHECK_FALSE(trial.lost(now, began));
    CHECK_FALSE(trial.lost(now, began + seconds(29)));
    const auto why = trial.lost(now, began + seconds(30));
    REQUIRE(why);
    CHECK(why->find("net2-hq") != std::string::npos);
    CHECK(why->find("no route to host") != std::string::npos);
  }
  SECTION("an integration that comes back in between begins anew") {
    now.sources[0].connected = false;
    CHECK_FALSE(trial.lost(now, began));
    CHECK_FALSE(trial.lost(well(), began + seconds(20)));
    CHECK_FALSE(trial.lost(now, began + seconds(25)));
    CHECK_FALSE(trial.lost(now, began + seconds(54)));
    CHECK(trial.lost(now, began + seconds(55)));
  }
  SECTION("credentials that are refused") {
    now.sources[0] = {.id = "net2-hq", .connected = false, .refused = true, .detail = "wrong password"};
    const auto why = trial.lost(now, began);
    REQUIRE(why);
    CHECK(why->find("wrong password") != std::string::npos);
  }
  SECTION("the cloud") {
    now.cloud_connected = false;
    CHECK_FALSE(trial.lost(now, began + seconds(1)));
    CHECK(trial.lost(now, began + seconds(31)));
  }
  SECTION("a loop that stands still") {
    now.late_loops = {"events net2-hq"};
    CHECK_FALSE(trial.lost(now, began));
    CHECK_FALSE(trial.lost(well(), began + seconds(4)));  // a busy machine
    CHECK_FALSE(trial.lost(now, began + seconds(5)));
    CHECK(trial.lost(now, began + seconds(10)));
  }
}

TEST_CASE("D-12: what was ill before, or is not configured any more, says nothing against a configuration",
          "[config]") {
  auto before = well();
  before.late_loops = {"slow"};
  ConfigTrial trial(before, began, minutes(10));
  auto now = well();
  now.late_loops = {"slow"};
  now.sources.erase(now.sources.begin());  // net2-hq is gone, sleepy is still away
  now.cloud_configured = false;
  now.cloud_connected = false;
  CHECK_FALSE(trial.lost(now, began));
  CHECK_FALSE(trial.lost(now, began + minutes(9)));
}

TEST_CASE("D-12: a start with files that nobody confirmed has the configuration of before", "[config]") {
  const TrialFolder folder;
  const HeldConfigFile file(folder.path);
  const auto files = load(replaced(house, "open: true", "open: false"));
  const auto held = held_for(files);
  REQUIRE(file.write(held));
  struct stat status{};
  REQUIRE(stat(file.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  SECTION("the files on trial") {
    const auto start = choose_config(files, file);
    REQUIRE(start.loaded.settings);
    CHECK(start.loaded.settings->policy.policy.employees.open);
    CHECK(start.loaded.revision == "sha256:before");
    REQUIRE(start.held);
    CHECK(*start.held == held);
  }
  SECTION("the same after they were taken back, whatever the reason has in it") {
    auto taken_back = held;
    taken_back.why = "net2-hq is refused now:\nwrong # password: \"x\"";
    REQUIRE(file.write(taken_back));
    const auto start = choose_config(files, file);
    REQUIRE(start.held);
    CHECK(start.held->why == "net2-hq is refused now: wrong # password: \"x\"");
    CHECK(start.loaded.settings->policy.policy.employees.open);
  }
  SECTION("other files are an installer's new word") {
    const auto start = choose_config(load(house + "retention: {events: 30d}\n"), file);
    CHECK_FALSE(start.held);
    CHECK(start.forgotten);
    REQUIRE(start.loaded.settings);
    CHECK(start.loaded.settings->retention.events == std::chrono::days(30));
  }
  SECTION("confirmed") {
    REQUIRE(file.remove());
    CHECK(file.remove());
    const auto start = choose_config(files, file);
    CHECK_FALSE(start.held);
    CHECK_FALSE(start.forgotten);
    CHECK_FALSE(start.loaded.settings->policy.policy.employees.open);
  }
  SECTION("what cannot be read opens nothing: neither is put in force") {
    std::ofstream(file.path()) << "nonsense";
    const auto start = choose_config(files, file);
    CHECK_FALSE(start.loaded.settings);
    REQUIRE(start.loaded.faults.size() == 1);
    CHECK(start.loaded.faults[0].message.find("remove this file") != std::string::npos);
  }
}

TEST_CASE("D-12: a kept configuration is the very same settings, secrets named and never held", "[config]") {
  const TrialFolder folder;
  const HeldConfigFile file(folder.path);
  const auto files = load(house);
  REQUIRE(file.write(held_for(files)));
  const auto start = choose_config(files, file);
  REQUIRE(start.loaded.settings);
  CHECK(*start.loaded.settings == *files.settings);
}

TEST_CASE("D-7: what is another in a configuration is named key by key", "[config]") {
  const auto before = *load(house).settings;
  const auto changes = [&](const std::string& text) {
    return compare_settings(before, *load(text).settings);
  };
  CHECK(changes(house).empty());
  CHECK(changes(replaced(house, "open: true", "open: false")) ==
        std::vector<ChangedKey>{{"policy.employees.open", "true", "false"}});
  CHECK(changes(replaced(house, "Front door", "Main door")) ==
        std::vector<ChangedKey>{{"doors[net2-hq/1].name", "Front door", "Main door"}});
  CHECK(changes(replaced(house, "  - {id: net2-hq/2, name: Back door, site: hq}\n", "")) ==
        std::vector<ChangedKey>{{"doors", "net2-hq/2", ""}});
  CHECK(changes(replaced(house, "doors:\n", "doors:\n  - {id: net2-hq/3, site: hq}\n")) ==
        std::vector<ChangedKey>{{"doors", "", "net2-hq/3"}});
  CHECK(changes(replaced(house, "/nowhere/password", "/elsewhere/password")) ==
        std::vector<ChangedKey>{
            {"integrations[net2-hq].password.file", "/nowhere/password", "/elsewhere/password"}});
  CHECK(changes(replaced(house, "{Staff: employee}", "{Staff: contractor}")) ==
        std::vector<ChangedKey>{{"integrations[net2-hq].sync.groups.Staff", "employee", "contractor"}});
  CHECK(needs_restart(before, before).empty());
  CHECK(needs_restart(before, *load(replaced(house, "id: hq-01", "id: hq-02")).settings) ==
        std::vector<std::string>{"gateway.id"});
}

TEST_CASE("D-7: the order of doors that are decided is a change, and a token's hash is never shown",
          "[config]") {
  const std::string lan = R"(access_points:
  - {id: reception, site: hq, doors: [net2-hq/1, net2-hq/2], open_on: [in], open_modes: [kiosk]}
lan_api:
  tls: {cert: /nowhere/lan.pem, key: {env: KEY}}
  clients:
    - {id: desk, token_sha256: 0123456789012345678901234567890123456789012345678901234567890123, access_points: [reception]}
)";
  const auto before = *load(house + lan).settings;
  const auto swapped = replaced(lan, "[net2-hq/1, net2-hq/2]", "[net2-hq/2, net2-hq/1]");
  CHECK(compare_settings(before, *load(house + swapped).settings) ==
        std::vector<ChangedKey>{
            {"access_points[reception].doors", "[net2-hq/1, net2-hq/2]", "[net2-hq/2, net2-hq/1]"}});
  const auto tokens = compare_settings(before, *load(house + replaced(lan, "01234", "11111")).settings);
  REQUIRE(tokens.size() == 1);
  CHECK(tokens[0].key == "lan_api.clients[desk].token_sha256");
  CHECK(tokens[0].before.find("01234") == std::string::npos);
  CHECK(tokens[0].after.find("11111") == std::string::npos);
}

}  // namespace gatehouse
