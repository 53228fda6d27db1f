// The bundle for support, from outside: what is in it, and above all what is not (reliability.md S4, the row
// "bundle").
#include <filesystem>
#include <map>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/stat.h>

#include "tests/whole/access_house.hpp"
#include "tests/whole/temp_dir.hpp"

namespace gatehouse::whole {
namespace {

const std::vector<std::string> people{"Zyxwana", "Kanarienska", "zyx.kanarie", "447009000123", "Olgasdottir"};
const std::vector<std::string> secrets{"Passwort-Kanarie-1", "Lizenz-Kanarie-2", "PRIVATE KEY"};

/// Every file of an unpacked bundle, by name.
std::map<std::string, std::string> unpacked(const std::string& bundle, const std::string& into) {
  std::filesystem::create_directories(into);
  const auto tar = run({"tar", "xzf", bundle, "-C", into});
  if (tar.status != 0) throw std::runtime_error(tar.err);
  std::map<std::string, std::string> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(into)) {
    if (file.is_regular_file()) files[file.path().filename().string()] = read_file(file.path().string());
  }
  return files;
}

std::map<std::string, std::string> bytes_of(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (file.is_regular_file()) files[file.path().string()] = read_file(file.path().string());
  }
  return files;
}

std::vector<std::string> leaks(const std::map<std::string, std::string>& files) {
  std::vector<std::string> found;
  for (const auto& [name, bytes] : files) {
    for (const auto& words : {people, secrets}) {
      for (const auto& word : words) {
        if (bytes.find(word) != std::string::npos) found.push_back(name + ": " + word);
      }
    }
  }
  return found;
}

struct BundleHouse : AccessHouse {
  BundleHouse() {
    const int id = add({.first = "Zyxwana",
                        .last = "Kanarienska",
                        .email = "zyx.kanarie@example.com",
                        .department = "Staff",
                        .phone = "+447009000123"});
    add({.first = "Zyxwana", .last = "Kanarienska", .email = "not an address", .department = "Staff"});
    add({.first = "Olgasdottir", .last = "Other", .email = "other@example.com"});
    net2.act("operator", R"({"name": "Gateway Service", "password": "Passwort-Kanarie-1"})");
    net2.act("licence", R"({"client_id": "Lizenz-Kanarie-2"})");
    gateway.site().password = "Passwort-Kanarie-1";
    gateway.site().client_id = "Lizenz-Kanarie-2";
    gateway.write_config();
    gateway.start();
    REQUIRE(eventually(20s, [&] { return state_is("issues"); }));
    REQUIRE(eventually(20s, [&] { return !person(key_of(id)).empty(); }));
    REQUIRE(refusal({"people", "disable", key_of(id)}).empty());
  }
  bool state_is(const std::string& state) const { return gateway.state() == state; }
  json::object bundle(const std::string& name, Argv more = {}) const {
    Argv verb{"bundle", dir / name, "--config", gateway.config_path(), "--state-dir", gateway.state_dir()};
    verb.insert(verb.end(), more.begin(), more.end());
    verb.push_back("--json");
    const auto answer = gateway.ask(verb, 120s);
    INFO(answer.err);
    REQUIRE(answer.status == 0);
    return json::parse(answer.out).as_object();
  }
  json::object read(const std::map<std::string, std::string>& files, const std::string& name) const {
    const auto found = files.find(name);
    return found == files.end() ? json::object() : json::parse(found->second).as_object();
  }
};

TEST_CASE("S4, bundle: what support needs is in it, and no secret and nobody's name", "[access][bundle]") {
  BundleHouse house;
  const auto told = house.bundle("first.tar.gz");
  INFO(text(told));
  struct stat status{};
  REQUIRE(::stat((house.dir / "first.tar.gz").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto files = unpacked(house.dir / "first.tar.gz", house.dir / "first");
  for (const auto* name : {"bundle.json", "status.json", "integrations.json", "runs.json", "issues.json",
                           "store.json", "api-log.json", "config.yaml", "doctor.json", "system.txt"}) {
    INFO(name);
    CHECK(files.contains(name));
  }
  CHECK(leaks(files) == std::vector<std::string>{});
  CHECK(text_at(house.read(files, "status.json"), "gateway") == "acme/hq-01");
  const auto issues = house.read(files, "issues.json").at("issues").as_array();
  REQUIRE(issues.size() == 1);
  CHECK(text_at(issues[0].as_object(), "reason") == "invalid_email");
  CHECK(number_at(issues[0].as_object(), "count") == 1);
  CHECK(number_at(at(house.read(files, "store.json"), "tables"), "person") == 2);
  CHECK(files.at("config.yaml").find("file: ") != std::string::npos);
  CHECK(house.read(files, "bundle.json").at("daemon").as_bool());

  // Never over another file, unless somebody says so.
  const auto again = house.gateway.ask({"bundle", house.dir / "first.tar.gz"}, 120s);
  CHECK(again.status == 1);
  CHECK(again.err.find("--force") != std::string::npos);
  house.bundle("first.tar.gz", {"--force"});
  CHECK_FALSE(std::filesystem::exists(house.dir / "first.tar.gz.part"));
}

TEST_CASE("S4, bundle: it is made while the daemon is dead, and says what it could not see",
          "[access][bundle]") {
  BundleHouse house;
  house.gateway.kill();
  const auto before = bytes_of(house.gateway.state_dir());
  const auto told = house.bundle("dead.tar.gz");
  CHECK(bytes_of(house.gateway.state_dir()) == before);
  INFO(text(told));
  const auto files = unpacked(house.dir / "dead.tar.gz", house.dir / "dead");
  CHECK(leaks(files) == std::vector<std::string>{});
  CHECK_FALSE(files.contains("status.json"));
  CHECK(files.contains("config.yaml"));
  CHECK(files.contains("system.txt"));
  const auto manifest = house.read(files, "bundle.json");
  CHECK_FALSE(manifest.at("daemon").as_bool());
  CHECK(json::serialize(manifest).find("what only a running daemon knows") != std::string::npos);
  CHECK(number_at(house.read(files, "store.json"), "schema") >= 7);
  CHECK(number_at(at(house.read(files, "store.json"), "tables"), "person") == 2);
  // It has changed nothing: the daemon goes on from where it was.
  house.gateway.start();
  CHECK(house.people().size() == 2);

  // A secret that somebody has put into the file itself is a fault there, and not in the bundle.
  house.gateway.kill();
  auto config = read_file(house.gateway.config_path());
  const auto at = config.find("password: {file");
  REQUIRE(at != std::string::npos);
  config.replace(at, config.find('\n', at) - at, "password: Passwort-Kanarie-1");
  write_file(house.gateway.config_path(), config);
  house.bundle("faulty.tar.gz");
  const auto faulty = unpacked(house.dir / "faulty.tar.gz", house.dir / "faulty");
  CHECK(faulty.contains("config-faults.txt"));
  CHECK(leaks(faulty) == std::vector<std::string>{});
}

TEST_CASE("S4, bundle: a daemon that hangs costs seconds, not the bundle", "[access][bundle]") {
  BundleHouse house;
  house.gateway.process().signal(SIGSTOP);
  const auto told = house.bundle("hanging.tar.gz");
  house.gateway.process().signal(SIGCONT);
  INFO(text(told));
  const auto files = unpacked(house.dir / "hanging.tar.gz", house.dir / "hanging");
  CHECK(files.contains("config.yaml"));
  CHECK_FALSE(files.contains("status.json"));
  CHECK(json::serialize(house.read(files, "bundle.json")).find("another gatehoused is using") !=
        std::string::npos);
  CHECK(leaks(files) == std::vector<std::string>{});
}

}  // namespace
}  // namespace gatehouse::whole
