// An installer's first set-up from answers in a file: what is wrong at Net2 is told as what it is, nothing is
// written before everything has been tried, and the daemon runs on what was written.

#include <filesystem>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/whole/house.hpp"

namespace gatehouse::whole {
namespace {

namespace fs = std::filesystem;

/// A Net2 server, a broker, and a folder in which a set-up may write.
struct NewSite {
  TempDir dir;
  Broker broker{{.certificates = test_certificates(), .dir = dir / "broker"}};
  Simulator net2{{.certificates = test_certificates(),
                  .dir = dir.path(),
                  .people = 60,
                  .doors = 6,
                  .arguments = {"--plain"},
                  .password = "CANARY-old"}};

  NewSite() {
    secret("password", "CANARY-old");
    secret("client_id", "gatehouse-licence");
    answer();
  }

  void secret(const std::string& name, const std::string& value) const {
    write_file(dir / name, value);
    REQUIRE(chmod((dir / name).c_str(), 0600) == 0);
  }
  std::string pin() const {
    const auto said = net2.log();
    const auto at = said.find("sha256/");
    REQUIRE(at != std::string::npos);
    return said.substr(at, said.find_first_of("\r\n ", at) - at);
  }
  std::string trust{};  ///< line of `net2`; empty: the right pin
  std::string port{};   ///< empty: the right one
  std::string more{};   ///< further lines
  std::string department{"Staff"};

  void answer() const {
    write_file(dir / "answers.yaml",
               "gateway: {id: hq-01, tenant: acme, timezone: Europe/London, site: hq}\n"
               "net2:\n  address: 127.0.0.1:" +
                   (port.empty() ? std::to_string(net2.port()) : port) + "\n  " +
                   (trust.empty() ? "pin: " + pin() : trust) +
                   "\n  password: {file: password}\n  client_id: {file: client_id}\n"
                   "people:\n  groups: {" +
                   department +
                   ": employee, Cleaners: contractor, Visitors: visitor, Management: employee}\n"
                   "  first: auto\n"
                   "doors:\n  - {door: Front door, open: 7s}\n"
                   "access_point: {id: reception}\n"
                   "cloud: {host: localhost, port: " +
                   std::to_string(broker.port()) + ", ca: " + test_certificates() +
                   "/ca.pem, cert: " + test_certificates() +
                   "/gateway.pem, key: {file: " + test_certificates() + "/gateway.key}}\n" + more);
  }
  Outcome set_up(Argv more_arguments = {}) const {
    answer();
    Argv argv{program("gatehouse"), "setup", "--answers",         dir / "answers.yaml", "--config", config(),
              "--credentials",      "files", "--credentials-dir", dir / "etc/keys"};
    argv.insert(argv.end(), more_arguments.begin(), more_arguments.end());
    return run(argv);
  }
  std::string config() const { return dir / "etc/gatehouse.yaml"; }
  std::string kept(const std::string& name) const { return read_file(dir / ("etc/keys/" + name)); }
  /// Everything below etc, by name.
  std::vector<std::string> written() const {
    std::vector<std::string> names;
    if (!fs::exists(dir / "etc")) return names;
    for (const auto& entry : fs::recursive_directory_iterator(dir / "etc"))
      names.push_back(fs::relative(entry.path(), dir / "etc").string());
    std::sort(names.begin(), names.end());
    return names;
  }
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

}  // namespace

TEST_CASE("A set-up from answers gives a gateway that runs", "[setup]") {
  NewSite site;
  const auto done = site.set_up({"--json"});
  INFO(done.err);
  REQUIRE(done.status == 0);
  const auto told = boost::json::parse(done.out).as_object();
  CHECK(told.at("ok").as_bool());
  CHECK(told.at("found").at("people") == 60);
  CHECK(told.at("found").at("doors") == 6);
  CHECK(told.at("next").as_array().size() == 2);
  CHECK(mode_of(site.config()) == 0640);
  CHECK(mode_of(site.dir / "etc/keys/net2-hq.password") == 0600);
  CHECK((mode_of(site.dir / "etc/keys") & 07) == 0);
  CHECK(site.kept("net2-hq.password") == "CANARY-old");
  CHECK_THAT(read_file(site.config()) + done.out + done.err, !Catch::Contains("CANARY"));
  const auto checked = run({program("gatehouse"), "check", site.config()});
  INFO(checked.err);
  CHECK(checked.status == 0);

  const Bus bus(site.dir.path());
  const Env env{{"DBUS_SYSTEM_BUS_ADDRESS", bus.address()}};
  Process daemon({program("gatehoused"), "--config", site.config(), "--state-dir", site.dir.path()},
                 site.dir / "gatehoused.log", env);
  boost::json::object net2;
  boost::json::object status;
  const auto active = [&] {
    const auto said = run({program("gatehouse"), "status", "--json"}, env);
    boost::json::error_code wrong;
    const auto parsed = boost::json::parse(said.out, wrong);
    if (wrong || !parsed.is_object()) return !daemon.running();
    status = parsed.as_object();
    const auto* list = status.if_contains("integrations");
    if (list == nullptr || !list->is_array() || list->as_array().empty()) return false;
    net2 = list->as_array().front().as_object();
    const auto state = text_at(net2, "status");
    return (state == "active" || state == "issues") && number_at(net2, "people") > 0 &&
           status.at("cloud").at("connected").as_bool();
  };
  const bool came_up = eventually(40s, active);
  INFO(daemon.said());
  REQUIRE(came_up);
  CHECK(daemon.running());
  CHECK(text_at(net2, "id") == "net2-hq");
}

TEST_CASE("What is wrong at a set-up is told as what it is, and nothing is written", "[setup]") {
  NewSite site;
  std::string part;
  SECTION("the password") {
    site.secret("password", "CANARY-wrong");
    part = "operator 'Gateway Service' or its password is wrong";
  }
  SECTION("the client id") {
    site.secret("client_id", "another");
    part = "does not know this client_id";
  }
  SECTION("the pin") {
    site.trust = "pin: \"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"";
    part = "the server shows another key than pinned";
  }
  SECTION("the CA") {
    site.trust = "ca: " + test_certificates() + "/other-ca.pem";
    part = "certificate refused";
  }
  SECTION("multi-factor authentication") {
    site.net2.set(R"({"mfa":true})");
    part = "this operator has MFA on; use an operator without it";
  }
  SECTION("a port where nobody listens") {
    site.port = std::to_string(free_port());
    part = "Net2 Nginx";
  }
  SECTION("the operator's rights") {
    site.net2.act("operator", R"({"name":"Gateway Service","role":"EventsOnly"})");
    part = "give the operator the role System engineer";
  }
  SECTION("asked too often") {
    site.net2.fault(R"({"kind":"429","path":"authorization/tokens"})");
    part = "asked too often";
  }
  SECTION("a department that Net2 has not") {
    site.department = "Staf";
    part = "no department 'Staf'; did you mean 'Staff'?";
  }
  SECTION("an answer that no question asks for") {
    site.more = "colour: blue\n";
    part = "unknown key 'colour'";
  }
  const auto refused = site.set_up({"--json"});
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Catch::Contains(part) && !Catch::Contains("CANARY"));
  const auto told = boost::json::parse(refused.out).as_object();
  CHECK_FALSE(told.at("ok").as_bool());
  CHECK_FALSE(text_at(told, "error").empty());
  CHECK(site.written().empty());
}

TEST_CASE("A configuration that is there is replaced only by a yes, and kept", "[setup]") {
  NewSite site;
  REQUIRE(site.set_up().status == 0);
  const auto before = site.written();
  write_file(site.config(), "# mine\n" + read_file(site.config()));
  const auto mine = read_file(site.config());

  const auto refused = site.set_up();
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Catch::Contains("replace: true"));
  CHECK(site.written() == before);
  CHECK(read_file(site.config()) == mine);

  const auto shown = site.set_up({"--dry-run"});
  CHECK(shown.status == 0);
  CHECK_THAT(shown.out, Catch::Contains("id: hq-01") && Catch::Contains("Nothing was written"));
  CHECK(site.written() == before);

  site.more = "replace: true\n";
  const auto done = site.set_up({"--json"});
  REQUIRE(done.status == 0);
  const auto backup = text_at(boost::json::parse(done.out).as_object(), "backup");
  CHECK_THAT(backup, Catch::StartsWith(site.config() + ".bak-"));
  CHECK(read_file(backup) == mine);
  CHECK(read_file(site.config()) != mine);
}

TEST_CASE("New credentials are tried before they replace the old ones", "[setup]") {
  NewSite site;
  REQUIRE(site.set_up().status == 0);
  const auto before = site.written();
  const auto rotate = [&](const std::string& answers) {
    write_file(site.dir / "rotation.yaml", answers);
    return run({program("gatehouse"), "setup", "--password", "net2-hq", "--config", site.config(),
                "--answers", site.dir / "rotation.yaml", "--credentials-dir", site.dir / "etc/keys",
                "--json"});
  };
  site.secret("new", "CANARY-new");

  const auto refused = rotate("password: {file: new}\n");
  CHECK(refused.status == 1);
  CHECK_THAT(refused.err, Catch::Contains("the old credentials stay") && Catch::Contains("is wrong"));
  CHECK(site.kept("net2-hq.password") == "CANARY-old");

  site.net2.act("operator", R"({"name":"Gateway Service","password":"CANARY-new"})");
  const auto done = rotate("password: {file: new}\n");
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(site.kept("net2-hq.password") == "CANARY-new");
  CHECK(site.kept("net2-hq.client_id") == "gatehouse-licence");
  CHECK(mode_of(site.dir / "etc/keys/net2-hq.password") == 0600);
  CHECK(site.written() == before);
  const auto told = boost::json::parse(done.out).as_object();
  CHECK_FALSE(told.at("restart_needed").as_bool());  // a file is read anew by a reload
  CHECK(told.at("next").as_array().front() == "gatehouse config reload");
  CHECK_THAT(done.out + done.err, !Catch::Contains("CANARY"));
}

TEST_CASE("Without a terminal and without answers a set-up says what to do", "[setup]") {
  const auto refused = run({program("gatehouse"), "setup"});
  CHECK(refused.status == 2);
  CHECK_THAT(refused.err, Catch::Contains("--answers FILE"));
}

}  // namespace gatehouse::whole
