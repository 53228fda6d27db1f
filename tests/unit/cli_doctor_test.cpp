// `gatehouse doctor` and `gatehouse integration check`, as a person and a program read them.

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "daemon/cli/doctor_local.hpp"
#include "daemon/cli/json_fields.hpp"
#include "served_gateway.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr char ill[] =
    R"({"findings":[)"
    R"({"code":"net2.refused","subject":"net2-hq","severity":"fault","what":"nothing listens","why":"no people","fix":"switch it on"},)"
    R"({"code":"outbox.waiting","subject":"gateway","severity":"note","what":"3 wait","why":"old","fix":"wait",)"
    R"("caused_by":{"code":"net2.refused","subject":"net2-hq"}},)"
    R"({"code":"cloud.certificate_ends","subject":"cloud","severity":"warning","what":"it ends","why":"soon","fix":"renew"},)"
    R"({"code":"clock.free","subject":"gateway","severity":"note","what":"no\u001b[31m time server","why":"w","fix":"f"}],)"
    R"("checked":[{"subject":"gateway","what":"the clock is trusted"}]})";
constexpr char sound[] =
    R"({"findings":[{"code":"outbox.dead","subject":"gateway","severity":"note","what":"1 message was refused","why":"w","fix":"f"}],)"
    R"("checked":[{"subject":"net2-hq","what":"signed in"}]})";

struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-doctor-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return (path / name).string();
  }
  std::filesystem::path path;
};

std::vector<std::string> codes(const boost::json::value& report) {
  std::vector<std::string> all;
  for (const auto& finding : list_field(report, "findings")) all.push_back(text_field(finding, "code"));
  return all;
}

}  // namespace

SCENARIO("D-4 doctor says what is wrong, why it matters and how to mend it", "[cli][doctor]") {
  ServedGateway gateway;
  gateway.served.check_ups = std::map<std::string, std::string>{{"", ill}};
  const auto said = gateway.says({"doctor"});
  CHECK(said.status == 3);
  CHECK(said.out ==
        "! net2-hq: nothing listens  [net2.refused]\n"
        "  why: no people\n"
        "  fix: switch it on\n"
        "  so gateway: 3 wait  [outbox.waiting]\n"
        "     why: old\n"
        "     fix: wait\n"
        "~ cloud: it ends  [cloud.certificate_ends]\n"
        "  why: soon\n"
        "  fix: renew\n"
        "- gateway: no\xEF\xBF\xBD[31m time server  [clock.free]\n"
        "  why: w\n"
        "  fix: f\n"
        "\n"
        "ok gateway: the clock is trusted\n"
        "\n"
        "1 fault, 1 warning.\n");
  CHECK(list_field(gateway.json({"doctor"}, 3), "findings").size() == 4);
  gateway.served.check_ups = std::map<std::string, std::string>{{"", sound}};
  const auto well = gateway.says({"doctor"});
  CHECK(well.status == 0);
  CHECK_THAT(well.out, Catch::EndsWith("\nNothing is broken.\n"));
  gateway.json({"doctor"}, 0);
}

SCENARIO("integration check says the same of one integration", "[cli][doctor]") {
  ServedGateway gateway;
  gateway.served.check_ups = std::map<std::string, std::string>{{"ill", ill}, {"net2-hq", sound}};
  CHECK(gateway.says({"integration", "check", "net2-hq"}).status == 0);
  const auto well = gateway.json({"integration", "check", "net2-hq"});
  CHECK(bool_field(well, "well") == true);
  CHECK(list_field(well, "checked").size() == 1);
  CHECK_THAT(gateway.says({"integration", "check", "ill"}).out,
             Catch::StartsWith("! net2-hq: nothing listens"));
  const auto document = gateway.json({"integration", "check", "ill"}, 3);
  CHECK(bool_field(document, "well") == false);
  REQUIRE(list_field(document, "troubles").size() == 1);
  CHECK(text_field(list_field(document, "troubles")[0], "hint") == "switch it on");
  CHECK(codes(document).size() == 4);
  const auto unknown = gateway.says({"integration", "check", "net2-qh"});
  CHECK(unknown.status == 1);
  CHECK_THAT(unknown.err, Catch::Contains("gatehouse integration list"));
}

SCENARIO("Without a daemon doctor looks at what can be seen without it", "[cli][doctor]") {
  const Folder folder;
  PrivateBus bus;
  bus.start();
  const auto doctor = [&](const std::string& file) {
    return run_program({GATEHOUSE_PROGRAM, "--bus", bus.address(), "doctor", "--json", "--config", file});
  };
  SECTION("the configuration is the reason") {
    const auto said = doctor(folder.file("bad.yaml", "gateway: {id: hq-01, tenat: acme}\n"));
    CHECK(said.status == 4);
    const auto report = boost::json::parse(said.out);
    const auto named = codes(report);
    REQUIRE(named.size() >= 2);
    CHECK(named[0] == "daemon.unreachable");
    CHECK(std::ranges::count(named, "config.faulty") == 1);
    CHECK_THAT(text_field(list_field(report, "findings")[0], "what"), Catch::Contains("not on the bus"));
  }
  SECTION("it is good, and its directory is not there") {
    const auto state = (folder.path / "state").string();
    const auto file = folder.file("good.yaml",
                                  "gateway: {id: hq-01, tenant: acme, timezone: Europe/London, sites: [hq], "
                                  "state_dir: " +
                                      state + "}\n");
    auto named = codes(boost::json::parse(doctor(file).out));
    CHECK(named[0] == "daemon.unreachable");
    CHECK(std::ranges::count(named, "state.unwritable") == 1);
    CHECK(std::ranges::count(named, "config.faulty") == 0);
    std::filesystem::create_directory(state);
    std::filesystem::permissions(state, std::filesystem::perms::owner_all);
    named = codes(boost::json::parse(doctor(file).out));
    CHECK(std::ranges::count(named, "state.unwritable") == 0);
    CHECK_FALSE(std::filesystem::exists(state + "/gatehouse.lock"));
  }
  SECTION("in words") {
    const auto said = run_program({GATEHOUSE_PROGRAM, "--bus", bus.address(), "doctor", "--config",
                                   (folder.path / "none.yaml").string()});
    CHECK(said.status == 4);
    CHECK_THAT(said.out, Catch::StartsWith("! gateway: gatehoused is not on the bus") &&
                             Catch::Contains("fix: Start it: systemctl start gatehouse"));
  }
}
