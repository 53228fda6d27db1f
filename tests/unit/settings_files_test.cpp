// The configuration's files, conf.d beside them, and secrets where they are kept.

#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/settings/load_settings.hpp"
#include "daemon/settings/secrets.hpp"

using namespace gatehouse;

namespace {

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "settings-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    REQUIRE(chmod(path.c_str(), mode) == 0);
    return path.string();
  }
  std::string at(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// An environment variable for as long as a test runs.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

const std::string base = "gateway: {id: hq-01, tenant: acme, sites: [hq]}\n";

std::string shown(const Loaded& loaded) {
  std::string out;
  for (const Fault& fault : loaded.faults) out += to_string(fault) + "\n";
  return out;
}

}  // namespace

TEST_CASE("A file that cannot be read is a fault that says so", "[settings]") {
  const Directory dir;
  const Loaded missing = load_settings(dir.at("none.yaml"));
  REQUIRE(missing.faults.size() == 1);
  CHECK(to_string(missing.faults[0]) == dir.at("none.yaml") + ": there is no such file");
  const Loaded directory = load_settings(dir.at(""));
  REQUIRE(directory.faults.size() == 1);
  CHECK(directory.faults[0].message.find("directory") != std::string::npos);
  const Loaded empty = load_settings(dir.write("empty.yaml", ""));
  REQUIRE(empty.faults.size() == 1);
  CHECK(empty.faults[0].message == "the key 'gateway' is missing here");
  if (geteuid() != 0) {
    const Loaded closed = load_settings(dir.write("closed.yaml", base, 0));
    REQUIRE(closed.faults.size() == 1);
    CHECK(closed.faults[0].message.find("Permission denied") != std::string::npos);
  }
}

TEST_CASE("conf.d adds to lists and schedules, by name of the file", "[settings]") {
  const Directory dir;
  const std::string main = dir.write("gatehouse.yaml", base + "integrations: [{id: one, kind: feed}]\n");
  dir.write("conf.d/20-c.yaml", "integrations: [{id: three, kind: feed}]\nschedules: {b: {tue: []}}\n");
  dir.write("conf.d/10-b.yaml",
            "integrations: [{id: two, kind: feed}]\nschedules: {a: {mon: []}}\ncloud: {host: h}\n");
  dir.write("conf.d/.hidden.yaml", "nonsense: 1\n");
  dir.write("conf.d/README", "nonsense: 1\n");
  dir.write("conf.d/30-empty.yaml", "# nothing yet\n");
  const Loaded loaded = load_settings(main);
  INFO(shown(loaded));
  REQUIRE(loaded.settings);
  REQUIRE(loaded.settings->integrations.size() == 3);
  CHECK(loaded.settings->integrations[1].id == IntegrationId{"two"});
  CHECK(loaded.settings->integrations[2].id == IntegrationId{"three"});
  CHECK(loaded.settings->schedules.size() == 2);
  CHECK(loaded.settings->cloud);
  CHECK(loaded.files.size() == 4);
}

TEST_CASE("A duplicate across files names both places", "[settings]") {
  const Directory dir;
  const std::string main = dir.write("gatehouse.yaml", base + "integrations: [{id: one, kind: feed}]\n");
  const std::string part = dir.write("conf.d/a.yaml",
                                     "integrations:\n  - {id: one, kind: feed}\n"
                                     "gateway: {id: x, tenant: y}\n"
                                     "schedules: {s: {}, s: {}}\n"
                                     "doors: [{id: one/1}]\n");
  const Loaded loaded = load_settings(main);
  INFO(shown(loaded));
  REQUIRE(loaded.faults.size() == 4);
  CHECK(to_string(loaded.faults[0]) ==
        part + ":2:10: duplicate integration 'one', first given at " + main + ":2:21");
  CHECK(loaded.faults[1].line == 3);
  CHECK(loaded.faults[1].message.find("'gateway' is already given at " + main + ":1:1") == 0);
  CHECK(loaded.faults[2].line == 4);
  CHECK(loaded.faults[3].line == 5);
}

TEST_CASE("A syntax error in conf.d is the only fault told", "[settings]") {
  const Directory dir;
  const std::string main = dir.write("gatehouse.yaml", base + "banana: 1\n");
  const std::string part = dir.write("conf.d/a.yaml", "doors: [\n");
  const Loaded loaded = load_settings(main);
  REQUIRE(loaded.faults.size() == 1);
  CHECK(loaded.faults[0].file == part);
}

TEST_CASE("The revision is the hash of the bytes read, and follows every change of them", "[settings]") {
  const Directory dir;
  const std::string main = dir.write("gatehouse.yaml", "gateway: {id: a, tenant: b}\n");
  const std::string first = load_settings(main).revision;
  CHECK(first == "sha256:5cb69ff961db23b28bf678fcc85badcc1b98cd9ef4892c8b2010918e5e8a614f");
  CHECK(load_settings(main).revision == first);
  dir.write("conf.d/a.yaml", "# a comment\n");
  CHECK(load_settings(main).revision != first);
}

TEST_CASE("A relative path starts from the directory of its file", "[settings]") {
  const Directory dir;
  const std::string main = dir.write("gatehouse.yaml", base);
  dir.write("conf.d/a.yaml", "cloud: {host: h, tls: {ca: ../ca.pem, key: {file: key.pem}}}\n");
  const Loaded loaded = load_settings(main);
  INFO(shown(loaded));
  REQUIRE(loaded.settings);
  CHECK(loaded.settings->cloud->tls.ca == dir.at("ca.pem"));
  CHECK(loaded.settings->cloud->tls.key->name == dir.at("conf.d/key.pem"));
}

TEST_CASE("Files that others can read or write are refused where it matters", "[settings]") {
  const Directory dir;
  const std::string text = base + "cloud: {host: h, command_keys: keys.json, tls: {key: {file: key.pem}}}\n";
  const std::string main = dir.write("gatehouse.yaml", text);
  CHECK(load_settings(main).settings);
  dir.write("keys.json", "{}", 0664);
  dir.write("key.pem", "secret", 0640);
  const Loaded open = load_settings(main);
  REQUIRE(open.faults.size() == 2);
  CHECK(open.faults[0].message.find("chmod go-w " + dir.at("keys.json")) != std::string::npos);
  CHECK(open.faults[1].message.find("chmod 600 " + dir.at("key.pem")) != std::string::npos);
  dir.write("keys.json", "{}", 0644);
  dir.write("key.pem", "secret", 0600);
  CHECK(load_settings(main).settings);
}

TEST_CASE("A secret is read from where it is kept, without the newline at its end", "[settings]") {
  const Directory dir;
  const Variable directory("CREDENTIALS_DIRECTORY", dir.at("credentials"));
  const Variable variable("GATEHOUSE_TEST_SECRET", "from the environment");
  dir.write("credentials/net2.password", "from systemd\n", 0440);
  const std::string file = dir.write("secret", "two lines\n\n", 0400);
  const auto credential = read_secret({SecretRef::Kind::credential, "net2.password"});
  const auto from_file = read_secret({SecretRef::Kind::file, file});
  const auto from_env = read_secret({SecretRef::Kind::env, "GATEHOUSE_TEST_SECRET"});
  REQUIRE(credential);
  REQUIRE(from_file);
  REQUIRE(from_env);
  CHECK(*credential == "from systemd");
  CHECK(*from_file == "two lines\n");
  CHECK(*from_env == "from the environment");
}

TEST_CASE("A secret that cannot be had is an error that says what to do", "[settings]") {
  const Directory dir;
  const auto told = [](const SecretRef& secret, const std::string& words) {
    const auto value = read_secret(secret);
    REQUIRE_FALSE(value);
    INFO(value.error().detail);
    CHECK(value.error().code == Errc::invalid);
    CHECK(value.error().detail.find(words) != std::string::npos);
  };
  told({SecretRef::Kind::credential, "x"}, "LoadCredential=x:PATH");
  told({SecretRef::Kind::credential, "../x"}, "it has no path");
  told({SecretRef::Kind::file, dir.at("none")}, "No such file");
  told({SecretRef::Kind::file, dir.write("open", "secret", 0644)}, "chmod 600 " + dir.at("open"));
  told({SecretRef::Kind::file, dir.write("group", "secret", 0660)}, "group or others");
  told({SecretRef::Kind::file, dir.write("empty", "\n")}, "is empty");
  told({SecretRef::Kind::file, dir.write("large", std::string(70'000, 'x'))}, "larger than 64 KiB");
  told({SecretRef::Kind::env, "GATEHOUSE_NOT_SET"}, "is not set");
  const Variable directory("CREDENTIALS_DIRECTORY", dir.at("credentials"));
  told({SecretRef::Kind::credential, "x"}, "LoadCredential=x:PATH");
}
